// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Who is who: departments, their accounts, keys and accreditations
/// @notice The sole authority. A department is its original did:ethr address for life. Windows are append-only:
/// times are block timestamps, 0 means "not (yet)". Key purposes: 1 assertion, 2 status, 3 request.
/// Rights of an accreditation are a bit set: 1 issue, 2 accredit.
interface IDepartmentRegistry {
    struct Department {
        address account;
        uint64 accreditedUntil;
        uint32 epoch;
        address accreditor;
        uint64 registeredAt;
        address pendingAccount;
        uint64 removedAt;
    }

    struct Key {
        address department;
        uint8 purpose;
        uint32 epoch;
        bytes32 certificateHash;
        uint64 validFrom;
        uint64 retiredAt;
        uint64 compromisedSince;
    }

    struct Accreditation {
        uint64 from;
        uint64 until;
        uint64 withdrawnAt;
        uint8 rights;
        uint8 depth;
        address by;
        uint32 byIndex;
    }

    event DepartmentRegistered(address indexed department, address indexed accreditor, address account);
    event DepartmentRemoved(address indexed department);
    event AccountProposed(address indexed department, address account);
    event AccountChanged(address indexed department, address account);
    event RecoveryRequested(address indexed department, address account);
    /// @notice All keys of the department up to `epoch` are retired as of this block; `account` must accept.
    event DepartmentRecovered(address indexed department, address account, uint32 epoch);
    event KeyProposed(address indexed department, bytes32 indexed thumbprint, uint8 purpose, bytes32 certificateHash);
    event KeyConfirmed(
        address indexed department, bytes32 indexed thumbprint, uint8 purpose, bytes32 certificateHash, uint32 epoch
    );
    event KeyRetired(address indexed department, bytes32 indexed thumbprint);
    event KeyCompromised(address indexed department, bytes32 indexed thumbprint, uint64 since);
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
    event AccreditationWithdrawn(address indexed department, bytes32 indexed certificateType, uint32 index);
    event AccreditationRefreshed(address indexed department, uint64 accreditedUntil);

    error DepartmentRegistryNotAllowed(address department, address caller);
    error DepartmentRegistryUnknown(address department);
    error DepartmentRegistryExists(address department);
    error DepartmentRegistryRemoved(address department);
    error DepartmentRegistryZero();
    error DepartmentRegistryNotPending(address department, address account);
    error DepartmentRegistryKeyExists(bytes32 thumbprint);
    error DepartmentRegistryKeyUnknown(bytes32 thumbprint);
    error DepartmentRegistryKeyNotProposed(bytes32 thumbprint, uint8 purpose, bytes32 certificateHash);
    error DepartmentRegistryKeyRetired(bytes32 thumbprint);
    error DepartmentRegistryBadPurpose(uint8 purpose);
    error DepartmentRegistryBadTime(uint64 time);
    error DepartmentRegistryBadRights(uint8 rights);
    error DepartmentRegistryOutOfScope(address by, bytes32 certificateType, uint32 byIndex);
    error DepartmentRegistryTooDeep(address by, uint8 depth);
    error DepartmentRegistryCycle(address department, address by);
    error DepartmentRegistryNotInForce(address department, bytes32 certificateType, uint32 index);

    // Administration only (the contract calling itself after k of n approved and the delay passed).
    function registerRoot(address department, address account) external;
    function grantRoot(address department, bytes32 certificateType, uint8 rights, uint64 from, uint64 until) external;
    /// @notice Needs the accreditor's `requestRecovery` with the same account first (a root needs none).
    function recover(address department, address account) external;

    // An accreditor's account.
    function register(address accreditor, address department, address account) external;
    function requestRecovery(address department, address account) external;
    /// @dev `from` 0 means now; never earlier. Depth is the accreditor's plus one, at most 4.
    function accredit(
        address by,
        uint32 byIndex,
        address department,
        bytes32 certificateType,
        uint8 rights,
        uint64 from,
        uint64 until
    ) external;
    /// @notice Withdraws a record; the caller names another record in force on which the department may still
    /// anchor (`keepType` zero: none). Callable by the account of `by`, or by the administration.
    function withdraw(
        address department,
        bytes32 certificateType,
        uint32 index,
        bytes32 keepType,
        uint32 keepIndex
    ) external;
    /// @notice Callable by the department's accreditor, or by the administration.
    function remove(address department) external;

    // A department's account.
    function proposeAccount(address department, address account) external;
    function proposeKey(address department, bytes32 thumbprint, uint8 purpose, bytes32 certificateHash) external;

    /// @notice The proposed account accepts (after `register`, `registerRoot`, `proposeAccount` or `recover`).
    function acceptAccount(address department) external;
    /// @notice The accreditor's account confirms (the administration for a root); repeats what it checked.
    function confirmKey(address department, bytes32 thumbprint, uint8 purpose, bytes32 certificateHash) external;
    /// @notice Callable by the department's account, its accreditor's, or the administration.
    function retireKey(bytes32 thumbprint) external;
    /// @notice As `retireKey`. `since` 0 means now; it may only move earlier and never lies ahead.
    function declareCompromised(bytes32 thumbprint, uint64 since) external;
    /// @notice Anybody: raises `accreditedUntil` to the record's `until` if every link of it is in force.
    function refreshAccreditation(address department, bytes32 certificateType, uint32 index) external;

    // Views; they answer and never revert.
    function departmentOf(address department) external view returns (Department memory);
    /// @notice One storage read: who may write, and until when at most some accreditation is in force.
    function writerOf(address department) external view returns (address account, uint64 accreditedUntil);
    function keyOf(bytes32 thumbprint) external view returns (Key memory);
    /// @notice When the department's keys of `epoch` were retired by a recovery, 0 if they were not.
    function recoveredAt(address department, uint32 epoch) external view returns (uint64);
    function accreditationCount(address department, bytes32 certificateType) external view returns (uint32);
    function accreditationOf(address department, bytes32 certificateType, uint32 index)
        external
        view
        returns (Accreditation memory);
    /// @notice Whether the record and every link to its root hold now.
    function inForce(address department, bytes32 certificateType, uint32 index) external view returns (bool);
}
