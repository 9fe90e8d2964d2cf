// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAnchorRegistry} from "./interfaces/IAnchorRegistry.sol";
import {IDepartmentRegistry} from "./interfaces/IDepartmentRegistry.sol";
import {IStatusRegistry} from "./interfaces/IStatusRegistry.sol";
import {StatusRegistry} from "./StatusRegistry.sol";

/// @title Chains of batches, 16 to a storage word
contract AnchorRegistry is IAnchorRegistry {
    uint64 private constant GROUP = 16;

    IDepartmentRegistry private immutable _departments;
    IStatusRegistry private immutable _statuses;
    mapping(address issuer => mapping(uint64 group => bytes32 word)) private _words;

    constructor(IDepartmentRegistry departments) {
        _departments = departments;
        _statuses = new StatusRegistry();
    }

    /// @inheritdoc IAnchorRegistry
    function anchor(
        address issuer,
        uint64 sequence,
        bytes31 previous,
        bytes32 root,
        uint64 size,
        IStatusRegistry.Change[] calldata changes
    ) external {
        (address account, uint64 accreditedUntil) = _departments.writerOf(issuer);
        if (msg.sender != account) revert AnchorRegistryNotAccount(issuer, msg.sender);
        bool leaves = root != 0;
        if (leaves != (size != 0)) revert AnchorRegistryEmptyBatch(root, size);
        if (!leaves && changes.length == 0) revert AnchorRegistryEmptyBatch(root, size);
        if (leaves && accreditedUntil <= block.timestamp) revert AnchorRegistryNotAccredited(issuer);

        _append(issuer, sequence, previous, root, size);
        emit Anchored(issuer, sequence, previous, root, size);
        if (changes.length != 0) _statuses.change(issuer, changes, leaves);
    }

    /// @inheritdoc IAnchorRegistry
    function departmentRegistry() external view returns (IDepartmentRegistry) {
        return _departments;
    }

    /// @inheritdoc IAnchorRegistry
    function statusRegistry() external view returns (IStatusRegistry) {
        return _statuses;
    }

    /// @inheritdoc IAnchorRegistry
    function last(address issuer) external view returns (uint64 sequence, bytes31 link) {
        mapping(uint64 group => bytes32 word) storage words = _words[issuer];
        // Groups fill in order: `low` is never empty where any is not, `high` always is.
        uint64 low = 0;
        uint64 high = 1;
        while (words[high] != 0) {
            low = high;
            high <<= 1;
        }
        while (high - low > 1) {
            uint64 middle = (low + high) >> 1;
            if (words[middle] != 0) low = middle;
            else high = middle;
        }
        bytes32 word = words[low];
        return (low * GROUP + _countIn(word), bytes31(word));
    }

    /// @inheritdoc IAnchorRegistry
    function linkOf(address issuer, uint64 group) external view returns (bytes31 link, uint8 count) {
        bytes32 word = _words[issuer][group];
        return (bytes31(word), _countIn(word));
    }

    function _append(address issuer, uint64 sequence, bytes31 previous, bytes32 root, uint64 size) private {
        mapping(uint64 group => bytes32 word) storage words = _words[issuer];
        if (sequence == 0) revert AnchorRegistryNotNext(issuer, sequence, previous);
        uint64 group = (sequence - 1) / GROUP;
        uint64 position = (sequence - 1) % GROUP;
        bytes32 word = words[group];
        if (_countIn(word) != position) revert AnchorRegistryNotNext(issuer, sequence, previous);
        if (position == 0 && group != 0) {
            word = words[group - 1];
            if (_countIn(word) != GROUP) revert AnchorRegistryNotNext(issuer, sequence, previous);
        }
        if (bytes31(word) != previous) revert AnchorRegistryNotNext(issuer, sequence, previous);

        bytes31 link = bytes31(
            keccak256(abi.encode(issuer, sequence, previous, root, size, block.number, block.timestamp))
        );
        words[group] = bytes32(link) | bytes32(uint256(position + 1));
    }

    function _countIn(bytes32 word) private pure returns (uint8) {
        return uint8(uint256(word));
    }
}
