// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title k of n administrators: propose, approve, execute after a delay
/// @notice An operation is a call of the contract to itself. Proposing approves; executing needs `threshold`
/// approvals of present administrators and `delay` seconds since the threshold was reached.
interface IAdministration {
    event OperationProposed(uint256 indexed id, address indexed administrator, bytes call);
    event OperationApproved(uint256 indexed id, address indexed administrator);
    event OperationExecuted(uint256 indexed id);
    event OperationCancelled(uint256 indexed id);
    event AdministratorsChanged(address[] administrators, uint8 threshold);

    error AdministrationNotAdministrator(address caller);
    error AdministrationNotSelf(address caller);
    error AdministrationUnknownOperation(uint256 id);
    error AdministrationClosed(uint256 id);
    error AdministrationAlreadyApproved(uint256 id, address administrator);
    error AdministrationNotReady(uint256 id, uint64 readyAt);
    error AdministrationFailed(uint256 id, bytes reason);
    error AdministrationBadThreshold(uint8 threshold, uint256 administrators);
    error AdministrationDuplicate(address administrator);

    function propose(bytes calldata call) external returns (uint256 id);
    function approve(uint256 id) external;
    function execute(uint256 id) external;
    function cancel(uint256 id) external;
    /// @notice Self only. At least one administrator, `1 <= threshold <= n <= 32`: the last cannot leave.
    function setAdministrators(address[] calldata administrators, uint8 threshold) external;

    function administrators() external view returns (address[] memory);
    function threshold() external view returns (uint8);
    function delay() external view returns (uint64);
    function operationOf(uint256 id)
        external
        view
        returns (bytes memory call, uint8 approvals, uint64 readyAt, bool closed);
}
