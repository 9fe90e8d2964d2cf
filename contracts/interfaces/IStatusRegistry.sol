// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Status of every copy, 2 bits each
/// @notice 0 valid, 1 revoked, 2 suspended, 3 superseded: the low bit is final. Allowed are 0 to 1, 2, 3 and
/// 2 to 0, 1, 3. Entry `i` of a word stands at bits `2i` and `2i + 1`, `0 <= i < 128`. Only AnchorRegistry writes.
interface IStatusRegistry {
    /// @notice A whole word of a department's status list.
    struct Change {
        uint32 list;
        uint32 word;
        uint256 value;
    }

    /// @notice A word changed.
    event StatusChanged(address indexed issuer, uint32 indexed list, uint32 indexed word, uint256 value);

    /// @notice `caller` is not AnchorRegistry.
    error StatusRegistryNotAnchorRegistry(address caller);
    /// @notice An entry that was final would change.
    error StatusRegistryFinal(address issuer, uint32 list, uint32 word, uint256 value);
    /// @notice An entry becomes superseded though the batch anchors no successor.
    error StatusRegistryNoSuccessor(address issuer, uint32 list, uint32 word, uint256 value);
    /// @notice The word already has this value.
    error StatusRegistryUnchanged(address issuer, uint32 list, uint32 word, uint256 value);

    /// @notice Applies changes for `issuer`.
    /// @param issuer whose lists; AnchorRegistry has checked the caller.
    /// @param changes words and their new values.
    /// @param successors whether the same transaction anchors new leaves, which superseding needs.
    function change(address issuer, Change[] calldata changes, bool successors) external;

    /// @notice The only writer.
    function anchorRegistry() external view returns (address);

    /// @notice The word's value now.
    function wordOf(address issuer, uint32 list, uint32 word) external view returns (uint256);
}
