// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDepartmentRegistry} from "./IDepartmentRegistry.sol";
import {IStatusRegistry} from "./IStatusRegistry.sol";

/// @title Roots of the batches that departments anchor
/// @notice Each department has one chain of batches: sequence 1, 2, 3 ..., every batch naming the link of the
/// one before. A second worker, a replay or a restored backup can therefore never anchor twice.
///
/// A batch's link is
/// `bytes31(keccak256(abi.encode(issuer, sequence, previous, root, size, block.number, block.timestamp)))`.
/// One storage word keeps the newest link of 16 consecutive batches, so that an anchor costs few gas; the
/// other 15 links of the word are proven by hashing forward from the batch to the word's link.
interface IAnchorRegistry {
    /// @notice A batch was anchored.
    /// @param issuer department, by its original did:ethr address.
    /// @param sequence number of the batch, from 1.
    /// @param previous link of batch `sequence - 1`, zero for the first.
    /// @param root RFC 9162 root over the batch's leaves, zero if there are only status changes.
    /// @param size number of leaves, zero if there are only status changes.
    event Anchored(address indexed issuer, uint64 indexed sequence, bytes31 previous, bytes32 root, uint64 size);

    /// @notice `caller` is not the account that may write for `issuer`.
    error AnchorRegistryNotAccount(address issuer, address caller);
    /// @notice `issuer` has no accreditation in force with the right to issue, so it may change statuses only.
    error AnchorRegistryNotAccredited(address issuer);
    /// @notice `sequence` and `previous` do not continue the issuer's chain.
    error AnchorRegistryNotNext(address issuer, uint64 sequence, bytes31 previous);
    /// @notice Root and size must both be zero or both not; an empty batch needs a change.
    error AnchorRegistryEmptyBatch(bytes32 root, uint64 size);

    /// @notice Anchors a batch and applies status changes in the same transaction. A batch with a root needs an
    /// accreditation; one with changes only does not, so that a department can always revoke.
    /// @param issuer department whose account calls.
    /// @param sequence exactly one above the issuer's last.
    /// @param previous link of the issuer's last batch, zero for the first.
    /// @param root RFC 9162 root, or zero for status changes only.
    /// @param size number of leaves, or zero for status changes only.
    /// @param changes whole words of the issuer's status lists.
    function anchor(
        address issuer,
        uint64 sequence,
        bytes31 previous,
        bytes32 root,
        uint64 size,
        IStatusRegistry.Change[] calldata changes
    ) external;

    /// @notice Who is who.
    function departmentRegistry() external view returns (IDepartmentRegistry);

    /// @notice Where `changes` go; made by this contract's constructor, which is its only writer.
    function statusRegistry() external view returns (IStatusRegistry);

    /// @notice The issuer's newest batch, (0, 0) if there is none. Searches, so for reading only.
    function last(address issuer) external view returns (uint64 sequence, bytes31 link);

    /// @notice The word that keeps batches `16 * group + 1` to `16 * group + 16`.
    /// Storage keeps `bytes32(link) | bytes32(uint256(count))`.
    /// @return link newest link among them.
    /// @return count how many of the 16 are anchored.
    function linkOf(address issuer, uint64 group) external view returns (bytes31 link, uint8 count);
}
