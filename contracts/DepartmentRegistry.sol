// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Administration} from "./Administration.sol";
import {IDepartmentRegistry} from "./interfaces/IDepartmentRegistry.sol";

/// @title Departments, keys and accreditations in append-only windows
contract DepartmentRegistry is IDepartmentRegistry, Administration {
    uint8 private constant ISSUE = 1;
    uint8 private constant ACCREDIT = 2;
    uint8 private constant PURPOSES = 3;
    uint8 private constant DEEPEST = 4;

    mapping(address department => Department) private _departments;
    mapping(bytes32 thumbprint => Key) private _keys;
    mapping(address department => mapping(bytes32 thumbprint => KeyProposal)) private _proposals;
    mapping(address department => mapping(uint32 epoch => uint64 time)) private _recoveredAt;
    mapping(address department => address account) private _recoveryRequests;
    mapping(address department => mapping(bytes32 certificateType => Accreditation[])) private _accreditations;

    constructor(address[] memory administrators_, uint8 threshold_, uint64 delay_)
        Administration(administrators_, threshold_, delay_)
    {}

    /// @inheritdoc IDepartmentRegistry
    function registerRoot(address department, address account) external onlySelf {
        _register(address(0), department, account);
    }

    /// @inheritdoc IDepartmentRegistry
    function grantRoot(address department, bytes32 certificateType, uint8 rights, uint64 from, uint64 until)
        external
        onlySelf
    {
        _accredit(department, certificateType, Accreditation(from, until, 0, rights, 0, address(0), 0));
    }

    /// @inheritdoc IDepartmentRegistry
    function recover(address department, address account) external onlySelf {
        Department storage it = _known(department);
        if (account == address(0)) revert DepartmentRegistryZero();
        if (_supervisor(it) != address(this) && _recoveryRequests[department] != account) {
            revert DepartmentRegistryNotPending(department, account);
        }
        uint32 epoch = it.epoch;
        delete _recoveryRequests[department];
        _recoveredAt[department][epoch] = _now();
        it.account = address(0);
        it.pendingAccount = account;
        it.epoch = epoch + 1;
        emit DepartmentRecovered(department, account, epoch);
    }

    /// @inheritdoc IDepartmentRegistry
    function register(address accreditor, bytes32 byType, uint32 byIndex, address department, address account)
        external
    {
        _onlyAccount(accreditor);
        if (!_inForce(accreditor, byType, byIndex)) {
            revert DepartmentRegistryNotInForce(accreditor, byType, byIndex);
        }
        if (_accreditations[accreditor][byType][byIndex].rights & ACCREDIT == 0) {
            revert DepartmentRegistryOutOfScope(accreditor, byType, byIndex);
        }
        _register(accreditor, department, account);
    }

    /// @inheritdoc IDepartmentRegistry
    function requestRecovery(address department, address account) external {
        Department storage it = _known(department);
        if (msg.sender != _supervisor(it)) revert DepartmentRegistryNotAllowed(department, msg.sender);
        _recoveryRequests[department] = account;
        emit RecoveryRequested(department, account);
    }

    /// @inheritdoc IDepartmentRegistry
    function accredit(
        address by,
        uint32 byIndex,
        address department,
        bytes32 certificateType,
        uint8 rights,
        uint64 from,
        uint64 until
    ) external {
        _onlyAccount(by);
        if (!_inForce(by, certificateType, byIndex)) {
            revert DepartmentRegistryNotInForce(by, certificateType, byIndex);
        }
        Accreditation storage parent = _accreditations[by][certificateType][byIndex];
        if (parent.rights & ACCREDIT == 0 || rights & ~parent.rights != 0 || until > parent.until) {
            revert DepartmentRegistryOutOfScope(by, certificateType, byIndex);
        }
        uint8 depth = parent.depth + 1;
        if (depth > DEEPEST) revert DepartmentRegistryTooDeep(by, depth);
        _refuseCycle(department, certificateType, by, byIndex);
        _accredit(department, certificateType, Accreditation(from, until, 0, rights, depth, by, byIndex));
    }

    /// @inheritdoc IDepartmentRegistry
    function withdraw(
        address department,
        bytes32 certificateType,
        uint32 index,
        bytes32 keepType,
        uint32 keepIndex
    ) external {
        if (index >= _accreditations[department][certificateType].length) {
            revert DepartmentRegistryNotInForce(department, certificateType, index);
        }
        Accreditation storage record = _accreditations[department][certificateType][index];
        if (msg.sender != _accountUnlessRemoved(record.by) && msg.sender != address(this)) {
            revert DepartmentRegistryNotAllowed(department, msg.sender);
        }
        if (record.withdrawnAt != 0) revert DepartmentRegistryNotInForce(department, certificateType, index);
        record.withdrawnAt = _now();

        uint64 accreditedUntil = keepType == 0 ? 0 : _issuingUntil(department, keepType, keepIndex);
        _departments[department].accreditedUntil = accreditedUntil;
        emit AccreditationWithdrawn(department, certificateType, index, accreditedUntil);
    }

    /// @inheritdoc IDepartmentRegistry
    function remove(address department) external {
        Department storage it = _active(department);
        if (msg.sender != _supervisor(it) && msg.sender != address(this)) {
            revert DepartmentRegistryNotAllowed(department, msg.sender);
        }
        it.removedAt = _now();
        it.accreditedUntil = 0;
        emit DepartmentRemoved(department);
    }

    /// @inheritdoc IDepartmentRegistry
    function proposeAccount(address department, address account) external {
        _onlyAccount(department);
        if (account == address(0)) revert DepartmentRegistryZero();
        _departments[department].pendingAccount = account;
        emit AccountProposed(department, account);
    }

    /// @inheritdoc IDepartmentRegistry
    function acceptAccount(address department) external {
        Department storage it = _departments[department];
        if (msg.sender != it.pendingAccount) revert DepartmentRegistryNotPending(department, msg.sender);
        it.account = msg.sender;
        it.pendingAccount = address(0);
        emit AccountChanged(department, msg.sender);
    }

    /// @inheritdoc IDepartmentRegistry
    function proposeKey(address department, bytes32 thumbprint, uint8 purpose, bytes32 certificateHash) external {
        _onlyAccount(department);
        if (thumbprint == 0 || certificateHash == 0) revert DepartmentRegistryZero();
        if (purpose == 0 || purpose > PURPOSES) revert DepartmentRegistryBadPurpose(purpose);
        if (_keys[thumbprint].validFrom != 0) revert DepartmentRegistryKeyExists(thumbprint);
        _proposals[department][thumbprint] = KeyProposal(certificateHash, _departments[department].epoch, purpose);
        emit KeyProposed(department, thumbprint, purpose, certificateHash);
    }

    /// @inheritdoc IDepartmentRegistry
    function confirmKey(address department, bytes32 thumbprint, uint8 purpose, bytes32 certificateHash) external {
        Department storage it = _active(department);
        if (msg.sender != _supervisor(it)) revert DepartmentRegistryNotAllowed(department, msg.sender);
        if (_keys[thumbprint].validFrom != 0) revert DepartmentRegistryKeyExists(thumbprint);
        KeyProposal storage proposal = _proposals[department][thumbprint];
        uint32 epoch = it.epoch;
        if (
            purpose == 0 || proposal.purpose != purpose || proposal.certificateHash != certificateHash
                || proposal.epoch != epoch
        ) {
            revert DepartmentRegistryKeyNotProposed(thumbprint, purpose, certificateHash);
        }
        delete _proposals[department][thumbprint];
        _keys[thumbprint] = Key(department, purpose, epoch, certificateHash, _now(), 0, 0);
        emit KeyConfirmed(department, thumbprint, purpose, certificateHash, epoch);
    }

    /// @inheritdoc IDepartmentRegistry
    function retireKey(bytes32 thumbprint) external {
        Key storage key = _keyInReach(thumbprint);
        if (key.retiredAt != 0 || _recoveredAt[key.department][key.epoch] != 0) {
            revert DepartmentRegistryKeyRetired(thumbprint);
        }
        key.retiredAt = _now();
        emit KeyRetired(key.department, thumbprint);
    }

    /// @inheritdoc IDepartmentRegistry
    function declareCompromised(bytes32 thumbprint, uint64 since) external {
        Key storage key = _keyInReach(thumbprint);
        uint64 now_ = _now();
        uint64 start = since == 0 ? now_ : since;
        uint64 before = key.compromisedSince;
        if (start > now_ || (before != 0 && start >= before)) revert DepartmentRegistryBadTime(start);
        key.compromisedSince = start;
        emit KeyCompromised(key.department, thumbprint, start);
    }

    /// @inheritdoc IDepartmentRegistry
    function refreshAccreditation(address department, bytes32 certificateType, uint32 index) external {
        uint64 until = _issuingUntil(department, certificateType, index);
        Department storage it = _departments[department];
        if (until <= it.accreditedUntil) revert DepartmentRegistryBadTime(until);
        it.accreditedUntil = until;
        emit AccreditationRefreshed(department, until);
    }

    /// @inheritdoc IDepartmentRegistry
    function departmentOf(address department) external view returns (Department memory) {
        return _departments[department];
    }

    /// @inheritdoc IDepartmentRegistry
    function writerOf(address department) external view returns (address account, uint64 accreditedUntil) {
        Department storage it = _departments[department];
        return (it.account, it.accreditedUntil);
    }

    /// @inheritdoc IDepartmentRegistry
    function keyOf(bytes32 thumbprint) external view returns (Key memory) {
        return _keys[thumbprint];
    }

    /// @inheritdoc IDepartmentRegistry
    function proposedKeyOf(address department, bytes32 thumbprint) external view returns (KeyProposal memory) {
        return _proposals[department][thumbprint];
    }

    /// @inheritdoc IDepartmentRegistry
    function recoveryRequestOf(address department) external view returns (address) {
        return _recoveryRequests[department];
    }

    /// @inheritdoc IDepartmentRegistry
    function recoveredAt(address department, uint32 epoch) external view returns (uint64) {
        return _recoveredAt[department][epoch];
    }

    /// @inheritdoc IDepartmentRegistry
    function accreditationCount(address department, bytes32 certificateType) external view returns (uint32) {
        return uint32(_accreditations[department][certificateType].length);
    }

    /// @inheritdoc IDepartmentRegistry
    function accreditationOf(address department, bytes32 certificateType, uint32 index)
        external
        view
        returns (Accreditation memory record)
    {
        Accreditation[] storage records = _accreditations[department][certificateType];
        if (index < records.length) record = records[index];
    }

    /// @inheritdoc IDepartmentRegistry
    function inForce(address department, bytes32 certificateType, uint32 index) external view returns (bool) {
        return _inForce(department, certificateType, index);
    }

    function _register(address accreditor, address department, address account) private {
        if (department == address(0) || account == address(0)) revert DepartmentRegistryZero();
        Department storage it = _departments[department];
        if (it.registeredAt != 0) revert DepartmentRegistryExists(department);
        it.accreditor = accreditor;
        it.registeredAt = _now();
        it.pendingAccount = account;
        emit DepartmentRegistered(department, accreditor, account);
    }

    function _accredit(address department, bytes32 certificateType, Accreditation memory record) private {
        Department storage it = _active(department);
        if (certificateType == 0) revert DepartmentRegistryZero();
        if (record.rights == 0 || record.rights > (ISSUE | ACCREDIT)) {
            revert DepartmentRegistryBadRights(record.rights);
        }
        uint64 now_ = _now();
        if (record.from == 0) record.from = now_;
        if (record.from < now_) revert DepartmentRegistryBadTime(record.from);
        if (record.until <= record.from) revert DepartmentRegistryBadTime(record.until);

        Accreditation[] storage records = _accreditations[department][certificateType];
        uint32 index = uint32(records.length);
        records.push(record);
        if (record.from == now_ && record.rights & ISSUE != 0 && record.until > it.accreditedUntil) {
            it.accreditedUntil = record.until;
        }
        emit Accredited(
            department,
            certificateType,
            index,
            record.rights,
            record.from,
            record.until,
            record.depth,
            record.by,
            record.byIndex
        );
    }

    /// @dev At most 4 links, as deep as records go.
    function _inForce(address department, bytes32 certificateType, uint32 index) private view returns (bool) {
        while (true) {
            Accreditation[] storage records = _accreditations[department][certificateType];
            if (index >= records.length || _departments[department].removedAt != 0) return false;
            Accreditation storage record = records[index];
            if (record.withdrawnAt != 0) return false;
            if (block.timestamp < record.from || block.timestamp >= record.until) return false;
            if (record.depth == 0) break;
            (department, index) = (record.by, record.byIndex);
        }
        return true;
    }

    function _refuseCycle(address department, bytes32 certificateType, address by, uint32 byIndex) private view {
        address ancestor = by;
        while (ancestor != address(0)) {
            if (ancestor == department) revert DepartmentRegistryCycle(department, by);
            Accreditation storage record = _accreditations[ancestor][certificateType][byIndex];
            (ancestor, byIndex) = (record.by, record.byIndex);
        }
    }

    function _issuingUntil(address department, bytes32 certificateType, uint32 index) private view returns (uint64) {
        if (!_inForce(department, certificateType, index)) {
            revert DepartmentRegistryNotInForce(department, certificateType, index);
        }
        Accreditation storage record = _accreditations[department][certificateType][index];
        if (record.rights & ISSUE == 0) revert DepartmentRegistryBadRights(record.rights);
        return record.until;
    }

    function _keyInReach(bytes32 thumbprint) private view returns (Key storage key) {
        key = _keys[thumbprint];
        if (key.validFrom == 0) revert DepartmentRegistryKeyUnknown(thumbprint);
        Department storage it = _departments[key.department];
        if (msg.sender != it.account && msg.sender != _supervisor(it) && msg.sender != address(this)) {
            revert DepartmentRegistryNotAllowed(key.department, msg.sender);
        }
    }

    function _supervisor(Department storage it) private view returns (address) {
        Department storage accreditor = _departments[it.accreditor];
        return accreditor.registeredAt == 0 || accreditor.removedAt != 0 ? address(this) : accreditor.account;
    }

    function _accountUnlessRemoved(address department) private view returns (address) {
        Department storage it = _departments[department];
        return it.removedAt == 0 ? it.account : address(0);
    }

    function _onlyAccount(address department) private view {
        if (msg.sender != _active(department).account) revert DepartmentRegistryNotAllowed(department, msg.sender);
    }

    function _known(address department) private view returns (Department storage it) {
        it = _departments[department];
        if (it.registeredAt == 0) revert DepartmentRegistryUnknown(department);
    }

    function _active(address department) private view returns (Department storage it) {
        it = _known(department);
        if (it.removedAt != 0) revert DepartmentRegistryRemoved(department);
    }

    function _now() private view returns (uint64) {
        return uint64(block.timestamp);
    }
}
