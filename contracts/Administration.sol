// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAdministration} from "./interfaces/IAdministration.sol";

/// @title k of n administrators over the contract that inherits this
abstract contract Administration is IAdministration {
    struct Operation {
        uint64 readyAt;
        uint8 approvals;
        uint8 objections;
        bool closed;
        bytes call;
    }

    uint256 private constant MOST = 32;

    uint64 private immutable _delay;
    address[] private _administrators;
    uint8 private _threshold;
    uint256 private _firstOpen;
    Operation[] private _operations;
    mapping(address administrator => bool) private _isAdministrator;
    mapping(uint256 id => mapping(address administrator => bool)) private _approved;
    mapping(uint256 id => mapping(address administrator => bool)) private _objected;

    modifier onlyAdministrator() {
        if (!_isAdministrator[msg.sender]) revert AdministrationNotAdministrator(msg.sender);
        _;
    }

    modifier onlySelf() {
        if (msg.sender != address(this)) revert AdministrationNotSelf(msg.sender);
        _;
    }

    constructor(address[] memory administrators_, uint8 threshold_, uint64 delay_) {
        _delay = delay_;
        _set(administrators_, threshold_);
    }

    /// @inheritdoc IAdministration
    function propose(bytes calldata call) external onlyAdministrator returns (uint256 id) {
        id = _operations.length;
        _operations.push().call = call;
        _count(id);
        emit OperationProposed(id, msg.sender, call);
    }

    /// @inheritdoc IAdministration
    function approve(uint256 id) external onlyAdministrator {
        _open(id);
        if (_approved[id][msg.sender]) revert AdministrationAlreadyApproved(id, msg.sender);
        _count(id);
        emit OperationApproved(id, msg.sender);
    }

    /// @inheritdoc IAdministration
    function object(uint256 id) external onlyAdministrator {
        Operation storage operation = _open(id);
        if (_objected[id][msg.sender]) revert AdministrationAlreadyObjected(id, msg.sender);
        _objected[id][msg.sender] = true;
        operation.objections += 1;
        operation.closed = operation.objections > _administrators.length - _threshold;
        emit OperationObjected(id, msg.sender, operation.closed);
    }

    /// @inheritdoc IAdministration
    function execute(uint256 id) external onlyAdministrator {
        Operation storage operation = _open(id);
        uint64 readyAt = operation.readyAt;
        if (readyAt == 0 || block.timestamp < readyAt) revert AdministrationNotReady(id, readyAt);
        operation.closed = true;
        emit OperationExecuted(id);
        (bool done, bytes memory reason) = address(this).call(operation.call);
        if (!done) revert AdministrationFailed(id, reason);
    }

    /// @inheritdoc IAdministration
    function setAdministrators(address[] calldata administrators_, uint8 threshold_) external onlySelf {
        _set(administrators_, threshold_);
    }

    /// @inheritdoc IAdministration
    function administrators() external view returns (address[] memory) {
        return _administrators;
    }

    /// @inheritdoc IAdministration
    function threshold() external view returns (uint8) {
        return _threshold;
    }

    /// @inheritdoc IAdministration
    function delay() external view returns (uint64) {
        return _delay;
    }

    /// @inheritdoc IAdministration
    function operationCount() external view returns (uint256) {
        return _operations.length;
    }

    /// @inheritdoc IAdministration
    function operationOf(uint256 id)
        external
        view
        returns (bytes memory call, uint8 approvals, uint8 objections, uint64 readyAt, bool closed)
    {
        if (id >= _operations.length) return ("", 0, 0, 0, false);
        Operation storage operation = _operations[id];
        return (
            operation.call,
            operation.approvals,
            operation.objections,
            operation.readyAt,
            operation.closed || id < _firstOpen
        );
    }

    function _open(uint256 id) private view returns (Operation storage operation) {
        if (id >= _operations.length) revert AdministrationUnknownOperation(id);
        operation = _operations[id];
        if (operation.closed || id < _firstOpen) revert AdministrationClosed(id);
    }

    function _count(uint256 id) private {
        Operation storage operation = _operations[id];
        _approved[id][msg.sender] = true;
        operation.approvals += 1;
        if (operation.approvals == _threshold) operation.readyAt = uint64(block.timestamp) + _delay;
    }

    function _set(address[] memory administrators_, uint8 threshold_) private {
        uint256 n = administrators_.length;
        if (threshold_ == 0 || threshold_ > n || n > MOST) revert AdministrationBadThreshold(threshold_, n);
        for (uint256 i = 0; i < _administrators.length; i++) {
            _isAdministrator[_administrators[i]] = false;
        }
        for (uint256 i = 0; i < n; i++) {
            address administrator = administrators_[i];
            if (administrator == address(0) || _isAdministrator[administrator]) {
                revert AdministrationDuplicate(administrator);
            }
            _isAdministrator[administrator] = true;
        }
        _administrators = administrators_;
        _threshold = threshold_;
        _firstOpen = _operations.length;
        emit AdministratorsChanged(administrators_, threshold_);
    }
}
