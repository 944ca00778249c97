"""The tree against the published vectors, against another implementation, and against itself."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from audit.domain import checkpoints, merkle, tiles
from audit.domain.errors import BadNote, BadProof, TileMissing


def reader(hashes):
    def node(level, index):
        return merkle.perfect_root(hashes[index << level : (index + 1) << level])

    return node


def hashes_of(count):
    return [merkle.hash_leaf(b"%d" % number) for number in range(count)]


def test_roots_of_the_reference_trees(real_data):
    inputs = json.loads((real_data / "conformance/merkle__tree-constants.json").read_text())["leaf_inputs_hex"]
    roots = json.loads((real_data / "conformance/merkle__root-hashes.json").read_text())["root_hash_hex_by_size"]
    hashes = [merkle.hash_leaf(bytes.fromhex(text)) for text in inputs]
    assert [merkle.root_of(hashes[:size]).hex() for size in range(1, 9)] == roots


@pytest.mark.parametrize("kind", ["inclusion", "consistency"])
def test_reference_proofs(real_data, kind):
    """Each vector of the transparency-dev suite is accepted or refused as the suite says."""
    seen = 0
    for path in sorted((real_data / "conformance").glob(f"merkle__{kind}__*.json")):
        case = json.loads(path.read_text())
        proof = [base64.b64decode(step) for step in case["proof"] or []]
        if case["wantErr"]:
            with pytest.raises(BadProof):
                check(kind, case, proof)
        elif case.get("size1") != 0:
            check(kind, case, proof)
        seen += 1
    assert seen > 20


def check(kind, case, proof):
    if kind == "inclusion":
        leaf, root = base64.b64decode(case["leafHash"]), base64.b64decode(case["root"])
        merkle.verify_inclusion(leaf, case["leafIdx"], case["treeSize"], proof, root)
    else:
        roots = base64.b64decode(case["root1"]), base64.b64decode(case["root2"])
        merkle.verify_consistency(case["size1"], case["size2"], proof, *roots)


@given(st.integers(1, 600), st.data())
def test_every_proof_holds_and_no_other_does(size, data):
    hashes = hashes_of(size)
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    root = merkle.root_of(hashes)
    proof = merkle.inclusion_proof(reader(hashes), index, size)
    merkle.verify_inclusion(hashes[index], index, size, proof, root)
    with pytest.raises(BadProof):
        merkle.verify_inclusion(merkle.hash_leaf(b"other"), index, size, proof, root)
    steps = merkle.consistency_proof(reader(hashes), old, size)
    merkle.verify_consistency(old, size, steps, merkle.root_of(hashes[:old]), root)
    with pytest.raises(BadProof):
        merkle.verify_consistency(old, size, steps, merkle.hash_leaf(b"other"), root)


def test_another_implementation_agrees():
    tree = InmemoryTree(algorithm="sha256")
    for number in range(77):
        tree.append_entry(b"%d" % number)
        assert tree.get_root() == merkle.root_of(hashes_of(number + 1))


def test_nothing_follows_from_an_empty_tree():
    with pytest.raises(BadProof):
        merkle.verify_consistency(0, 3, [], merkle.EMPTY_ROOT, merkle.root_of(hashes_of(3)))


def test_reference_log_opens_with_its_key(real_data):
    """Checkpoints, hash tiles and entry bundles written by another implementation."""
    folder = real_data / "conformance"
    exports = json.loads((folder / "tlog__build-notes.json").read_text())["lines"]
    line = next(text for text in exports if "LOG_PUBLIC_KEY=" in text).split('"')[1]
    name, _, public = checkpoints.parse_vkey(line)
    assert checkpoints.vkey(name, public) == line
    for size in range(1, 16):
        head = checkpoints.parse_head(checkpoints.opened((folder / f"tlog__checkpoint.{size}").read_text(), name, public))
        tile = (folder / f"tlog__tile__0__000.p__{size}").read_bytes()
        assert (head.size, head.root) == (size, merkle.root_of([tile[at : at + 32] for at in range(0, len(tile), 32)]))


def test_reference_bundle_has_our_form(real_data):
    expected = (real_data / "conformance/tlog__tile__entries__000.p__3").read_bytes()
    assert tiles.bundle([b"one", b"two", b"three"]) == expected


def test_a_note_with_another_word_is_refused(real_data):
    folder = real_data / "conformance"
    name, _, public = checkpoints.parse_vkey("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")
    with pytest.raises(BadNote):
        checkpoints.opened((folder / "tlog__checkpoint.9").read_text().replace("\n9\n", "\n8\n"), name, public)


@pytest.mark.parametrize(
    ("index", "path"), [(0, "000"), (67, "067"), (1000, "x001/000"), (1234067, "x001/x234/067")], ids=["first", "small", "thousand", "spec"]
)
def test_tile_paths(index, path):
    assert tiles.index_path(index) == path
    assert tiles.parse_index(path) == (index, 256)
    assert tiles.parse_index(f"{path}.p/7") == (index, 7)


@pytest.mark.parametrize("path", ["0", "x000/001", "001.p/0", "001.p/256", "001.p/07", "../001", "x1/000", "\u0660\u0660\u0661", "001\n"])
def test_other_spellings_of_a_tile_do_not_exist(path):
    with pytest.raises(TileMissing):
        tiles.parse_index(path)


def test_the_specification_counts_these_tiles():
    """c2sp.org/tlog-tiles: a tree of 70,000 entries."""
    widths = {}
    for level, _, width in tiles.layout(70_000):
        widths.setdefault(level, []).append(width)
    assert [(len(found), found[-1]) for found in widths.values()] == [(274, 112), (2, 17), (1, 1)]
