// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Who is who: departments, their accounts, keys and accreditations
/// @notice The sole authority. A department is its original did:ethr address for life. Windows are append-only:
/// times are block timestamps, 0 means "not (yet)". Key purposes: 1 assertion, 2 status, 3 request.
/// Rights of an accreditation are a bit set: 1 issue, 2 accredit.
///
/// A department's *supervisor* is its accreditor's account; it is the administration where the department is a
/// root or its accreditor was removed. "The administration" is this contract calling itself.
///
/// A removed department keeps its account for one thing: status changes of what it issued, so that nothing
/// becomes irrevocable. A recovery hands that account to a successor.
interface IDepartmentRegistry {
    /// @dev Three words in this order; the first is all that AnchorRegistry reads.
    struct Department {
        address account;
        uint64 accreditedUntil;
        uint32 epoch;
        address accreditor;
        uint64 registeredAt;
        address pendingAccount;
        uint64 removedAt;
    }

    /// @dev `retiredAt` is the key's own; `recoveredAt(department, epoch)` retires it as well.
    struct Key {
        address department;
        uint8 purpose;
        uint32 epoch;
        bytes32 certificateHash;
        uint64 validFrom;
        uint64 retiredAt;
        uint64 compromisedSince;
    }

    /// @dev Awaits the supervisor; void once the department's epoch has moved on.
    struct KeyProposal {
        bytes32 certificateHash;
        uint32 epoch;
        uint8 purpose;
    }

    /// @dev Rests on record `byIndex` of `by` for the same type; `by` is zero at a root, `depth` 0.
    struct Accreditation {
        uint64 from;
        uint64 until;
        uint64 withdrawnAt;
        uint8 rights;
        uint8 depth;
        address by;
        uint32 byIndex;
    }

    /// @notice `account` must accept. `accreditor` is zero for a root.
    event DepartmentRegistered(address indexed department, address indexed accreditor, address account);
    /// @notice Nothing rests on the department from this block on; its `accreditedUntil` is 0.
    event DepartmentRemoved(address indexed department);
    /// @notice `account` must accept.
    event AccountProposed(address indexed department, address account);
    /// @notice `account` accepted and writes for the department.
    event AccountChanged(address indexed department, address account);
    /// @notice The accreditor asks the administration to recover the department; zero takes the request back.
    event RecoveryRequested(address indexed department, address account);
    /// @notice The former account has no power any more and all keys of the department up to `epoch` are retired
    /// as of this block; `account` must accept.
    event DepartmentRecovered(address indexed department, address account, uint32 epoch);
    /// @notice Awaits the supervisor.
    event KeyProposed(address indexed department, bytes32 indexed thumbprint, uint8 purpose, bytes32 certificateHash);
    /// @notice The key is valid from this block on.
    event KeyConfirmed(
        address indexed department, bytes32 indexed thumbprint, uint8 purpose, bytes32 certificateHash, uint32 epoch
    );
    /// @notice The key signs nothing new from this block on.
    event KeyRetired(address indexed department, bytes32 indexed thumbprint);
    /// @notice Nothing anchored at or after `since` counts.
    event KeyCompromised(address indexed department, bytes32 indexed thumbprint, uint64 since);
    /// @notice A record was added. If it holds now and has the right to issue, `accreditedUntil` is at least `until`.
    event Accredited(
        address indexed department,
        bytes32 indexed certificateType,
        uint32 index,
        uint8 rights,
        uint64 from,
        uint64 until,
        uint8 depth,
        address by,
        uint32 byIndex
    );
    /// @notice A record ended as of this block; the department's `accreditedUntil` is now as given.
    event AccreditationWithdrawn(
        address indexed department, bytes32 indexed certificateType, uint32 index, uint64 accreditedUntil
    );
    /// @notice The department's `accreditedUntil` is now as given.
    event AccreditationRefreshed(address indexed department, uint64 accreditedUntil);

    /// @notice `caller` may not do this for `department`.
    error DepartmentRegistryNotAllowed(address department, address caller);
    /// @notice No such department.
    error DepartmentRegistryUnknown(address department);
    /// @notice The department is registered already.
    error DepartmentRegistryExists(address department);
    /// @notice The department was removed.
    error DepartmentRegistryRemoved(address department);
    /// @notice A value must not be zero.
    error DepartmentRegistryZero();
    /// @notice `account` was not proposed for `department`, or not requested for its recovery.
    error DepartmentRegistryNotPending(address department, address account);
    /// @notice The thumbprint was registered before, by whomever.
    error DepartmentRegistryKeyExists(bytes32 thumbprint);
    /// @notice No such key.
    error DepartmentRegistryKeyUnknown(bytes32 thumbprint);
    /// @notice The department proposed no such key, or did so before it was recovered.
    error DepartmentRegistryKeyNotProposed(bytes32 thumbprint, uint8 purpose, bytes32 certificateHash);
    /// @notice The key is retired already, by itself or by a recovery.
    error DepartmentRegistryKeyRetired(bytes32 thumbprint);
    /// @notice Not 1, 2 or 3.
    error DepartmentRegistryBadPurpose(uint8 purpose);
    /// @notice A time lies on the wrong side of now or of another time.
    error DepartmentRegistryBadTime(uint64 time);
    /// @notice Not 1, 2 or 3.
    error DepartmentRegistryBadRights(uint8 rights);
    /// @notice The accreditor's record does not have the right to accredit, or not these rights, or not so long.
    error DepartmentRegistryOutOfScope(address by, bytes32 certificateType, uint32 byIndex);
    /// @notice The new record would stand `depth` links below its root, more than 4.
    error DepartmentRegistryTooDeep(address by, uint8 depth);
    /// @notice The department stands among those that its new record would rest on.
    error DepartmentRegistryCycle(address department, address by);
    /// @notice The record does not exist, was withdrawn, or a link of it does not hold now.
    error DepartmentRegistryNotInForce(address department, bytes32 certificateType, uint32 index);

    /// @notice Administration: registers a root, which no department supervises.
    function registerRoot(address department, address account) external;
    /// @notice Administration: accredits a department without resting on another record.
    /// @param from 0 means now; never earlier than now.
    function grantRoot(address department, bytes32 certificateType, uint8 rights, uint64 from, uint64 until) external;
    /// @notice Administration: takes the account's power away, retires all keys and proposes `account`. Needs the
    /// accreditor's `requestRecovery` with the same account first, except where the administration supervises.
    function recover(address department, address account) external;

    /// @notice The accreditor's account: registers a department that it will supervise.
    /// @param byType with `byIndex` names a record of the accreditor in force with the right to accredit.
    function register(address accreditor, bytes32 byType, uint32 byIndex, address department, address account)
        external;
    /// @notice The accreditor's account: first half of a recovery; zero takes the request back.
    function requestRecovery(address department, address account) external;
    /// @notice The account of `by`: accredits a department, resting on record `byIndex` of `by`.
    /// @param byIndex record of `by` for the same type, in force, with the right to accredit.
    /// @param rights subset of that record's.
    /// @param from 0 means now; never earlier than now.
    /// @param until not beyond that record's.
    function accredit(
        address by,
        uint32 byIndex,
        address department,
        bytes32 certificateType,
        uint8 rights,
        uint64 from,
        uint64 until
    ) external;
    /// @notice The account of the record's `by`, or the administration: ends a record.
    /// @param keepType with `keepIndex` names another record in force with the right to issue, on which the
    /// department may still anchor; zero: none. Whatever is named, `refreshAccreditation` corrects upwards.
    function withdraw(
        address department,
        bytes32 certificateType,
        uint32 index,
        bytes32 keepType,
        uint32 keepIndex
    ) external;
    /// @notice The supervisor or the administration: ends all that rests on the department, for good.
    function remove(address department) external;

    /// @notice The department's account: proposes another.
    function proposeAccount(address department, address account) external;
    /// @notice The proposed account accepts (after `register`, `registerRoot`, `proposeAccount` or `recover`).
    function acceptAccount(address department) external;

    /// @notice The department's account: proposes a key. Proposing again replaces; it reserves nothing, so nobody
    /// can block another department's key.
    function proposeKey(address department, bytes32 thumbprint, uint8 purpose, bytes32 certificateHash) external;
    /// @notice The supervisor: confirms what it checked, which must be what was proposed.
    function confirmKey(address department, bytes32 thumbprint, uint8 purpose, bytes32 certificateHash) external;
    /// @notice The department's account, its supervisor, or the administration.
    function retireKey(bytes32 thumbprint) external;
    /// @notice As `retireKey`. `since` 0 means now; it may only move earlier and never lies ahead.
    function declareCompromised(bytes32 thumbprint, uint64 since) external;
    /// @notice Anybody: raises `accreditedUntil` to the record's `until` if every link of it is in force and it has
    /// the right to issue.
    function refreshAccreditation(address department, bytes32 certificateType, uint32 index) external;

    // Views; they answer and never revert.

    /// @notice All zero where there is none.
    function departmentOf(address department) external view returns (Department memory);
    /// @notice One storage read: who may write, and until when (exclusive) at most it may issue.
    function writerOf(address department) external view returns (address account, uint64 accreditedUntil);
    /// @notice All zero where there is none.
    function keyOf(bytes32 thumbprint) external view returns (Key memory);
    /// @notice All zero where there is none.
    function proposedKeyOf(address department, bytes32 thumbprint) external view returns (KeyProposal memory);
    /// @notice The account that the accreditor asked to recover the department with, or zero.
    function recoveryRequestOf(address department) external view returns (address);
    /// @notice When the department's keys of `epoch` were retired by a recovery, 0 if they were not.
    function recoveredAt(address department, uint32 epoch) external view returns (uint64);
    /// @notice How many records there are, withdrawn and expired ones included.
    function accreditationCount(address department, bytes32 certificateType) external view returns (uint32);
    /// @notice All zero where there is none.
    function accreditationOf(address department, bytes32 certificateType, uint32 index)
        external
        view
        returns (Accreditation memory);
    /// @notice Whether the record and every link to its root hold now.
    function inForce(address department, bytes32 certificateType, uint32 index) external view returns (bool);
}
