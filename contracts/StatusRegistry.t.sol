// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IStatusRegistry} from "./interfaces/IStatusRegistry.sol";
import {StatusRegistry} from "./StatusRegistry.sol";
import {vm} from "./Vm.t.sol";

/// @dev This contract makes the registry, so it is its only writer, as AnchorRegistry is in earnest.
contract StatusRegistryTest {
    StatusRegistry private immutable _registry = new StatusRegistry();
    address private constant ISSUER = address(0xd1);

    /// @notice E7, E8: every word is taken or refused as 128 single entries would be.
    function testFuzz_WordAsEntries(uint256 before, uint256 change, uint256 mask, bool successors) public {
        // Sparse changes reach what is allowed; a random word is nearly always final somewhere.
        uint256 value = before ^ (change & mask & (change >> 7));
        _write(0, before, true);
        bytes4 expected = _expected(_registry.wordOf(ISSUER, 0, 0), value, successors);
        if (expected != 0) vm.expectRevert(abi.encodeWithSelector(expected, ISSUER, 0, 0, value));
        _registry.change(ISSUER, _one(0, value), successors);
        if (expected == 0) require(_registry.wordOf(ISSUER, 0, 0) == value, "not stored");
    }

    /// @notice E8: one entry of a random word, through all sixteen moves.
    function testFuzz_OneEntry(uint256 beside, uint8 place, uint8 from, uint8 to, bool successors) public {
        uint256 shift = 2 * uint256(place % 128);
        uint256 rest = beside & ~(uint256(3) << shift);
        _write(0, rest | (uint256(from % 4) << shift), true);
        uint256 before = _registry.wordOf(ISSUER, 0, 0);
        uint256 value = rest | (uint256(to % 4) << shift);
        bytes4 expected = _expected(before, value, successors);
        if (expected != 0) vm.expectRevert(abi.encodeWithSelector(expected, ISSUER, 0, 0, value));
        _registry.change(ISSUER, _one(0, value), successors);
    }

    /// @notice E7: no other word moves.
    function testFuzz_Neighbours(uint32 list, uint32 word, uint32 otherList, uint32 otherWord, uint256 value) public {
        vm.assume(value != 0 && (list != otherList || word != otherWord));
        IStatusRegistry.Change[] memory changes = new IStatusRegistry.Change[](1);
        changes[0] = IStatusRegistry.Change(list, word, value);
        _registry.change(ISSUER, changes, true);
        require(_registry.wordOf(ISSUER, list, word) == value, "not stored");
        require(_registry.wordOf(ISSUER, otherList, otherWord) == 0, "a neighbour moved");
        require(_registry.wordOf(address(0xd2), list, word) == 0, "another issuer moved");
    }

    /// @notice E9: nobody else writes.
    function testFuzz_OnlyWriter(address caller, uint256 value) public {
        vm.assume(caller != address(this));
        vm.expectRevert(abi.encodeWithSelector(IStatusRegistry.StatusRegistryNotAnchorRegistry.selector, caller));
        vm.prank(caller);
        _registry.change(ISSUER, _one(0, value), true);
    }

    function _write(uint32 word, uint256 value, bool successors) private {
        if (value != 0) _registry.change(ISSUER, _one(word, value), successors);
    }

    function _one(uint32 word, uint256 value) private pure returns (IStatusRegistry.Change[] memory changes) {
        changes = new IStatusRegistry.Change[](1);
        changes[0] = IStatusRegistry.Change(0, word, value);
    }

    /// @dev What entry after entry must answer: the error, or zero.
    function _expected(uint256 before, uint256 value, bool successors) private pure returns (bytes4) {
        if (before == value) return IStatusRegistry.StatusRegistryUnchanged.selector;
        bool superseded;
        for (uint256 i = 0; i < 256; i += 2) {
            uint256 was = (before >> i) & 3;
            uint256 now_ = (value >> i) & 3;
            if (was == now_) continue;
            if (was == 1 || was == 3) return IStatusRegistry.StatusRegistryFinal.selector;
            if (now_ == 3) superseded = true;
        }
        if (superseded && !successors) return IStatusRegistry.StatusRegistryNoSuccessor.selector;
        return 0;
    }
}
