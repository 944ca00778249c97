"""RFC 6962 / RFC 9162 Merkle trees: hashes, growing edges, inclusion and consistency proofs.

Proofs are made from a `Node` reader: the hash of the perfect subtree of height `level` that starts at leaf `index << level`.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import reduce

from audit.domain.errors import BadProof

Node = Callable[[int, int], bytes]
EMPTY_ROOT = hashlib.sha256(b"").digest()


def hash_leaf(data: bytes) -> bytes:
    """SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes."""
    level = list(hashes)
    while len(level) > 1:
        level = [hash_node(level[at], level[at + 1]) for at in range(0, len(level), 2)]
    return level[0]


def peaks(hashes: Sequence[bytes]) -> list[bytes]:
    """The roots of the perfect subtrees that cover `hashes`, largest first."""
    found, start = [], 0
    for bit in reversed(range(len(hashes).bit_length())):
        width = 1 << bit
        if len(hashes) & width:
            found.append(perfect_root(hashes[start : start + width]))
            start += width
    return found


def root_of_peaks(found: Sequence[bytes]) -> bytes:
    """The tree's root from its peaks, largest first."""
    if not found:
        return EMPTY_ROOT
    return reduce(lambda right, left: hash_node(left, right), reversed(found))


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes."""
    return root_of_peaks(peaks(hashes))


def range_hash(node: Node, low: int, high: int) -> bytes:
    """MTH(D[low:high]), where `low` is aligned as RFC 6962 splits it."""
    if low >= high:
        return EMPTY_ROOT
    width = high - low
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return node(level, low >> level)
    middle = low + split(width)
    return hash_node(range_hash(node, low, middle), range_hash(node, middle, high))


def split(width: int) -> int:
    """The largest power of two below `width` (at least 2)."""
    return 1 << (width - 1).bit_length() - 1


def inclusion_proof(node: Node, index: int, size: int) -> list[bytes]:
    """The audit path of leaf `index` in the tree of `size` leaves, from the leaf upwards."""
    if not 0 <= index < size:
        raise BadProof(f"A tree of {size} leaves has no leaf {index}.")
    path, low, high = [], 0, size
    while high - low > 1:
        middle = low + split(high - low)
        if index < middle:
            path.append(range_hash(node, middle, high))
            high = middle
        else:
            path.append(range_hash(node, low, middle))
            low = middle
    return path[::-1]


def consistency_proof(node: Node, old: int, new: int) -> list[bytes]:
    """The proof that the tree of `new` leaves continues the tree of `old` leaves (1 ≤ old ≤ new)."""
    if not 1 <= old <= new:
        raise BadProof(f"There is no consistency proof from {old} to {new} leaves.")
    path, low, high, whole = [], 0, new, True
    while old != high:  # the old tree ends inside this subtree
        middle = low + split(high - low)
        if old <= middle:
            path.append(range_hash(node, middle, high))
            high = middle
        else:
            path.append(range_hash(node, low, middle))
            low, whole = middle, False
    return path[::-1] if whole else [range_hash(node, low, high), *path[::-1]]


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root that the proof leads to; raise BadProof when it is not of the right length (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise BadProof(f"A tree of {size} leaves has no leaf {index}.")
    at, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0 or len(step) != 32:
            raise BadProof("The inclusion proof has the wrong shape.")
        if at & 1 or at == last:
            found = hash_node(step, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = hash_node(found, step)
        at, last = at >> 1, last >> 1
    if last:
        raise BadProof("The inclusion proof is too short.")
    return found


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise BadProof unless `leaf` is leaf `index` of the tree of `size` leaves with this root."""
    if root_from_inclusion(leaf, index, size, proof) != root:
        raise BadProof("The inclusion proof leads to another root.")


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Raise BadProof unless the larger tree continues the smaller one (RFC 9162, 2.1.4.2). An empty old tree proves nothing."""
    if not 1 <= old <= new:
        raise BadProof(f"There is no consistency proof from {old} to {new} leaves.")
    if old == new:
        if proof or old_root != new_root:
            raise BadProof("Two heads of one size differ.")
        return
    if any(len(step) != 32 for step in proof):
        raise BadProof("A proof consists of 32-byte hashes.")
    steps = list(proof) if old & (old - 1) else [old_root, *proof]
    if not steps:
        raise BadProof("The consistency proof is empty.")
    if _climbed(old - 1, new - 1, steps) != (old_root, new_root):
        raise BadProof("The consistency proof leads to other roots.")


def _climbed(at: int, last: int, steps: list[bytes]) -> tuple[bytes, bytes]:
    while at & 1:
        at, last = at >> 1, last >> 1
    old_root = new_root = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise BadProof("The consistency proof is too long.")
        if at & 1 or at == last:
            old_root, new_root = hash_node(step, old_root), hash_node(step, new_root)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            new_root = hash_node(new_root, step)
        at, last = at >> 1, last >> 1
    if last:
        raise BadProof("The consistency proof is too short.")
    return old_root, new_root
