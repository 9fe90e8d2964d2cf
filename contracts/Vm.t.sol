// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The cheatcodes of Hardhat's Solidity tests that ours use
interface Vm {
    function prank(address sender) external;
    function warp(uint256 time) external;
    function roll(uint256 number) external;
    function expectRevert(bytes calldata data) external;
    function assume(bool condition) external;
}

/// @dev The address at which they stand.
Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
