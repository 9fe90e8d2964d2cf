// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IStatusRegistry} from "./interfaces/IStatusRegistry.sol";

/// @title Status words, and the only transitions that they take
contract StatusRegistry is IStatusRegistry {
    /// @dev The low bit of each of the 128 entries.
    uint256 private constant LOW = type(uint256).max / 3;

    address private immutable _anchorRegistry;
    mapping(address issuer => mapping(uint32 list => mapping(uint32 word => uint256 value))) private _words;

    /// @dev AnchorRegistry makes this contract in its own constructor.
    constructor() {
        _anchorRegistry = msg.sender;
    }

    /// @inheritdoc IStatusRegistry
    function change(address issuer, Change[] calldata changes, bool successors) external {
        if (msg.sender != _anchorRegistry) revert StatusRegistryNotAnchorRegistry(msg.sender);
        for (uint256 i = 0; i < changes.length; i++) {
            _change(issuer, changes[i].list, changes[i].word, changes[i].value, successors);
        }
    }

    /// @inheritdoc IStatusRegistry
    function anchorRegistry() external view returns (address) {
        return _anchorRegistry;
    }

    /// @inheritdoc IStatusRegistry
    function wordOf(address issuer, uint32 list, uint32 word) external view returns (uint256) {
        return _words[issuer][list][word];
    }

    function _change(address issuer, uint32 list, uint32 word, uint256 value, bool successors) private {
        uint256 old = _words[issuer][list][word];
        uint256 changed = old ^ value;
        if (changed == 0) revert StatusRegistryUnchanged(issuer, list, word, value);

        // Both bits of an entry stay where its low bit was set.
        uint256 ended = old & LOW;
        if (changed & (ended | (ended << 1)) != 0) revert StatusRegistryFinal(issuer, list, word, value);

        // What is final has not moved, so an entry of 3 that was not final before is superseded now.
        uint256 superseded = value & (value >> 1) & LOW & ~old;
        if (superseded != 0 && !successors) revert StatusRegistryNoSuccessor(issuer, list, word, value);

        _words[issuer][list][word] = value;
        emit StatusChanged(issuer, list, word, value);
    }
}
