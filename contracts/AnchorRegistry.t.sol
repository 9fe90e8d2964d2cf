// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AnchorRegistry} from "./AnchorRegistry.sol";
import {DepartmentRegistry} from "./DepartmentRegistry.sol";
import {IStatusRegistry} from "./interfaces/IStatusRegistry.sol";
import {vm} from "./Vm.t.sol";

/// @dev Two accredited departments, whose accounts an invariant run drives with right and wrong calls.
contract Handler {
    DepartmentRegistry public immutable departments;
    AnchorRegistry public immutable anchors;
    bytes32 private constant TYPE = keccak256("a sample type");
    uint256 private _time = 2_000_000_000;

    mapping(uint256 which => uint64) public sequences;
    mapping(uint256 which => bytes31) public links;
    /// @dev Set when a wrong call was taken or a right one refused.
    bool public broken;

    constructor() {
        vm.warp(_time);
        address[] memory one = new address[](1);
        one[0] = address(this);
        departments = new DepartmentRegistry(one, 1, 0);
        anchors = new AnchorRegistry(departments);
        for (uint256 which = 0; which < 2; which++) {
            _govern(abi.encodeCall(departments.registerRoot, (department(which), account(which))));
            vm.prank(account(which));
            departments.acceptAccount(department(which));
            _govern(abi.encodeCall(departments.grantRoot, (department(which), TYPE, 1, 0, 3_000_000_000)));
        }
    }

    function department(uint256 which) public pure returns (address) {
        return address(uint160(0xd0 + (which & 1)));
    }

    function account(uint256 which) public pure returns (address) {
        return address(uint160(0xa0 + (which & 1)));
    }

    /// @notice The next batch of a department, by its account: always taken.
    function next(uint256 which, bytes32 root, uint64 size, uint8 wait) external {
        _pass(wait);
        if (root == 0) root = bytes32(uint256(1));
        if (size == 0) size = 1;
        uint64 sequence = sequences[which & 1] + 1;
        bytes31 previous = links[which & 1];
        if (!_try(account(which), which, sequence, previous, root, size)) broken = true;
        sequences[which & 1] = sequence;
        links[which & 1] = bytes31(
            keccak256(
                abi.encode(department(which), sequence, previous, root, size, block.number, block.timestamp)
            )
        );
    }

    /// @notice Another sequence: never taken.
    function jump(uint256 which, uint64 sequence, bytes32 root) external {
        if (sequence == sequences[which & 1] + 1) return;
        if (_try(account(which), which, sequence, links[which & 1], root | bytes32(uint256(1)), 16)) broken = true;
    }

    /// @notice A neighbour of the right sequence: never taken.
    function slip(uint256 which, uint8 by, bytes32 root) external {
        uint64 sequence = sequences[which & 1] + 2 + by % 33;
        if (_try(account(which), which, sequence, links[which & 1], root | bytes32(uint256(1)), 16)) broken = true;
    }

    /// @notice Another previous: never taken.
    function fork(uint256 which, bytes31 previous, bytes32 root) external {
        if (previous == links[which & 1]) return;
        if (_try(account(which), which, sequences[which & 1] + 1, previous, root | bytes32(uint256(1)), 16)) {
            broken = true;
        }
    }

    /// @notice Another caller, the other department's account among them: never taken.
    function steal(uint256 which, address caller, bool neighbour, bytes32 root) external {
        if (neighbour) caller = account(which ^ 1);
        if (caller == account(which)) return;
        bytes31 previous = links[which & 1];
        if (_try(caller, which, sequences[which & 1] + 1, previous, root | bytes32(uint256(1)), 16)) broken = true;
    }

    function _try(address caller, uint256 which, uint64 sequence, bytes31 previous, bytes32 root, uint64 size)
        private
        returns (bool)
    {
        IStatusRegistry.Change[] memory none = new IStatusRegistry.Change[](0);
        vm.prank(caller);
        try anchors.anchor(department(which), sequence, previous, root, size, none) {
            return true;
        } catch {
            return false;
        }
    }

    function _govern(bytes memory call) private {
        departments.execute(departments.propose(call));
    }

    function _pass(uint8 wait) private {
        _time += wait;
        vm.warp(_time);
        vm.roll(block.number + 1);
    }
}

/// @dev Invariants over random calls of the handler.
contract AnchorRegistryTest {
    Handler private _handler;

    function setUp() public {
        _handler = new Handler();
    }

    /// @dev Only the handler's functions are called.
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @notice D2, E9: no gap, no fork, nobody for another.
    function invariant_OneChainEach() public view {
        require(!_handler.broken(), "a wrong call was taken or a right one refused");
        for (uint256 which = 0; which < 2; which++) {
            (uint64 sequence, bytes31 link) = _handler.anchors().last(_handler.department(which));
            require(sequence == _handler.sequences(which), "another sequence");
            require(link == _handler.links(which), "another link");
        }
    }

    /// @notice The search agrees with the words that it searches.
    function invariant_LastIsInItsWord() public view {
        for (uint256 which = 0; which < 2; which++) {
            address issuer = _handler.department(which);
            (uint64 sequence, bytes31 link) = _handler.anchors().last(issuer);
            if (sequence == 0) continue;
            (bytes31 kept, uint8 count) = _handler.anchors().linkOf(issuer, (sequence - 1) / 16);
            require(kept == link && count == (sequence - 1) % 16 + 1, "another word");
            (, uint8 after_) = _handler.anchors().linkOf(issuer, (sequence - 1) / 16 + 1);
            require(after_ == 0, "a word beyond the last");
        }
    }
}
