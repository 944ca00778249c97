"""JSON that two readers could understand differently is refused with a pointer, and everything else is read faithfully."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.strict_json import MalformedJSON, loads

TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=12)
SAFE_INT = st.integers(-(2**53) + 1, 2**53 - 1)
LEAVES = st.none() | st.booleans() | SAFE_INT | st.floats(allow_nan=False, allow_infinity=False) | TEXT
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=20)


@given(VALUES, st.booleans())
def test_reads_what_the_standard_library_reads(value, ascii_only):
    data = json.dumps(value, ensure_ascii=ascii_only).encode()
    assert loads(data) == value == json.loads(data)


@given(st.binary(max_size=60))
@settings(max_examples=300)
def test_any_bytes_are_read_or_refused_never_worse(data):
    try:
        loads(data)
    except MalformedJSON as error:
        told = error.errors
    else:
        return
    assert told


@pytest.mark.parametrize(
    ("data", "pointer", "code"),
    [
        (b'{"a":{"b":1,"b":2}}', "/a/b", "duplicate-key"),
        (b'[{"x":1},{"a/b":1,"a/b":1}]', "/1/a~1b", "duplicate-key"),
        (b'{"a":[1,NaN]}', "/a/1", "not-a-number"),
        (b"[-Infinity]", "/0", "not-a-number"),
        (b'{"a":[1e400]}', "/a/0", "out-of-range"),
        (b"[9007199254740992]", "/0", "out-of-range"),
        (b"[" + b"1" * 5000 + b"]", "/0", "out-of-range"),
        (b'{"a":"x\\u0000y"}', "/a", "nul"),
        (b'{"a\\u0000":1}', "/a\x00", "nul"),
        (b'{"a":["\\ud800"]}', "/a/0", "lone-surrogate"),
        (b'{"a":"\\ude00\\ud83d"}', "/a", "lone-surrogate"),
        (b"\xef\xbb\xbf{}", "", "byte-order-mark"),
        (b'{"a":"\xff"}', "", "not-utf-8"),
        (b'"\xc0\xaf"', "", "not-utf-8"),
        (b'{"a":[1,2,}', "/a/2", "syntax"),
        (b'["\x00"]', "/0", "syntax"),
        (b"", "", "syntax"),
        (b"[" + b"1," * 10_000 + b"1]", "/10000", "too-many-items"),
        (json.dumps({str(n): n for n in range(10_001)}).encode(), "/10000", "too-many-keys"),
    ],
)
def test_refuses_with_the_place(data, pointer, code):
    with pytest.raises(MalformedJSON) as caught:
        loads(data)
    assert [(error.pointer, error.code) for error in caught.value.errors] == [(pointer, code)]


def test_sixty_four_levels_are_read_and_one_more_is_refused_where_it_starts():
    assert loads(b"[" * 64 + b"]" * 64)
    with pytest.raises(MalformedJSON) as caught:
        loads(b'{"a":' * 65 + b"1" + b"}" * 65)
    assert caught.value.errors[0].pointer == "/a" * 64


def test_brackets_inside_strings_are_not_levels():
    assert loads(json.dumps(["[" * 100, '\\"' * 50 + "{" * 100]).encode())


@pytest.mark.parametrize("data", [b"[" * 1_000_000, b'\\"' * 500_000 + b"[" * 65, b'"' + b'\\"' * 499_999, b'{"a":' * 200_000])
def test_a_hostile_megabyte_is_refused_in_linear_time(data):
    started = time.process_time()
    with pytest.raises(MalformedJSON):
        loads(data)
    assert time.process_time() - started < 2.0


def test_paired_surrogates_are_one_character():
    assert loads(b'["\\ud83d\\ude00"]') == ["\N{GRINNING FACE}"]
