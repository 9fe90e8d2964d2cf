// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title k of n administrators: propose, approve, execute after a delay
/// @notice An operation is a call of the contract to itself. Proposing approves; executing needs `threshold`
/// approvals and `delay` seconds since the threshold was reached. A change of administrators closes every open
/// operation, so that only administrators in office ever count.
interface IAdministration {
    /// @notice `administrator` proposed, and with that approved, operation `id`.
    event OperationProposed(uint256 indexed id, address indexed administrator, bytes call);
    /// @notice `administrator` approved operation `id`.
    event OperationApproved(uint256 indexed id, address indexed administrator);
    /// @notice `administrator` objected to operation `id`; `closed` if too few others are left to carry it.
    event OperationObjected(uint256 indexed id, address indexed administrator, bool closed);
    /// @notice Operation `id` was carried out.
    event OperationExecuted(uint256 indexed id);
    /// @notice The administrators changed; every operation that was open is closed.
    event AdministratorsChanged(address[] administrators, uint8 threshold);

    /// @notice `caller` is not an administrator.
    error AdministrationNotAdministrator(address caller);
    /// @notice Only an executed operation may call this.
    error AdministrationNotSelf(address caller);
    /// @notice No operation has this number.
    error AdministrationUnknownOperation(uint256 id);
    /// @notice The operation was executed, objected away, or proposed under earlier administrators.
    error AdministrationClosed(uint256 id);
    /// @notice `administrator` already approved `id`.
    error AdministrationAlreadyApproved(uint256 id, address administrator);
    /// @notice `administrator` already objected to `id`.
    error AdministrationAlreadyObjected(uint256 id, address administrator);
    /// @notice Approvals are missing (`readyAt` 0) or the delay has not passed.
    error AdministrationNotReady(uint256 id, uint64 readyAt);
    /// @notice The call failed with `reason`; the operation stays open.
    error AdministrationFailed(uint256 id, bytes reason);
    /// @notice Not `1 <= threshold <= administrators <= 32`.
    error AdministrationBadThreshold(uint8 threshold, uint256 administrators);
    /// @notice An administrator is named twice, or is the zero address.
    error AdministrationDuplicate(address administrator);

    /// @notice Proposes a call of this contract to itself, and approves it.
    /// @param call selector and arguments.
    /// @return id number of the operation, from 0.
    function propose(bytes calldata call) external returns (uint256 id);
    /// @notice Approves once; the delay starts when the threshold is reached.
    function approve(uint256 id) external;
    /// @notice Objects once, also after having approved. The operation closes when more than `n - threshold`
    /// administrators object: a stolen key stops nothing alone, stolen `threshold` keys can be stopped in time.
    function object(uint256 id) external;
    /// @notice Carries an approved operation out, by any administrator.
    function execute(uint256 id) external;
    /// @notice Self only. At least one administrator, `1 <= threshold <= n <= 32`: the last cannot leave.
    function setAdministrators(address[] calldata administrators, uint8 threshold) external;

    /// @notice Who administers now.
    function administrators() external view returns (address[] memory);
    /// @notice How many approvals an operation needs.
    function threshold() external view returns (uint8);
    /// @notice Seconds between the last needed approval and the earliest execution.
    function delay() external view returns (uint64);
    /// @notice How many operations were ever proposed.
    function operationCount() external view returns (uint256);
    /// @notice An operation; all zero where there is none. `readyAt` is 0 until the threshold is reached.
    function operationOf(uint256 id)
        external
        view
        returns (bytes memory call, uint8 approvals, uint8 objections, uint64 readyAt, bool closed);
}
