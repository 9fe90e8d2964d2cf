#!/usr/bin/env python3
"""A second implementation of Weir's commitments, to compare with the first.

Reads JSON lines on standard input, each one of
  {"fingerprint": {"signingInput": ascii, "expected": hex}}
  {"tree": {"fingerprints": [hex...], "padding": [hex...], "leaves": hex, "root": hex}}
  {"proof": {"leaf": hex, "index": n, "size": n, "path": [hex...], "root": hex}}
and recomputes what is expected from the text of the definitions alone. Prints how many agreed and
exits 1 at the first that does not. Standard library only.

Fingerprint = SHA-256("weir/fingerprint/1" || 0x00 || signing input).
Leaf = SHA-256(0x00 || fingerprint); node = SHA-256(0x01 || left || right); RFC 9162 section 2.1.1;
leaves ascending; at least 16 with padding.
"""
import hashlib
import json
import sys


def sha256(data):
    return hashlib.sha256(data).digest()


def fingerprint(signing_input):
    return sha256(b"weir/fingerprint/1\x00" + signing_input.encode("ascii"))


def leaf(of):
    return sha256(b"\x00" + of)


def root(leaves):
    """MTH over leaf hashes, the recursion of RFC 9162 as it is written there."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + root(leaves[:k]) + root(leaves[k:]))


def path(index, leaves):
    """PATH(m, D[n]) of RFC 9162 section 2.1.3.1, leaf level first."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if index < k:
        return path(index, leaves[:k]) + [root(leaves[k:])]
    return path(index - k, leaves[k:]) + [root(leaves[:k])]


def root_of_path(hash_, index, size, hashes):
    """The top-down inverse of PATH; refuses a path that is too long or too short."""
    if size == 1:
        if hashes:
            raise ValueError("path too long")
        return hash_
    if not hashes:
        raise ValueError("path too short")
    k = 1
    while k * 2 < size:
        k *= 2
    *lower, last = hashes
    if index < k:
        return sha256(b"\x01" + root_of_path(hash_, index, k, lower) + last)
    return sha256(b"\x01" + last + root_of_path(hash_, index - k, size - k, lower))


def check(line):
    case = json.loads(line)
    if "fingerprint" in case:
        case = case["fingerprint"]
        return fingerprint(case["signingInput"]).hex() == case["expected"]
    if "tree" in case:
        case = case["tree"]
        leaves = [leaf(bytes.fromhex(one)) for one in case["fingerprints"]]
        leaves += [bytes.fromhex(one) for one in case["padding"]][: max(0, 16 - len(leaves))]
        leaves.sort()
        return b"".join(leaves).hex() == case["leaves"] and root(leaves).hex() == case["root"]
    case = case["proof"]
    hashes = [bytes.fromhex(one) for one in case["path"]]
    found = root_of_path(bytes.fromhex(case["leaf"]), case["index"], case["size"], hashes)
    return found.hex() == case["root"]


def main():
    sys.setrecursionlimit(10000)
    count = 0
    for line in sys.stdin:
        count += 1
        if not check(line):
            print(f"case {count} differs", file=sys.stderr)
            return 1
    print(count)
    return 0


if __name__ == "__main__":
    sys.exit(main())
