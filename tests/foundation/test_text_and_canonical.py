"""Text keys are stable, forbidden characters are refused, and canonical bytes are RFC 8785's."""

import unicodedata
import uuid

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from foundation.canonical import NotCanonical, digest_of, jcs, packed
from foundation.ids import uuid7
from foundation.text import SLUG_RE, BadText, clean, fold, slug_key

TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=20)


@given(TEXT)
def test_slug_key_is_stable_and_blind_to_form_and_case(text):
    key = slug_key(text)
    assert slug_key(key) == key
    assert slug_key(unicodedata.normalize("NFD", text)) == slug_key(unicodedata.normalize("NFC", text))


@given(TEXT)
def test_clean_text_is_nfc_and_stays_as_it_is(text):
    try:
        cleaned = clean(text)
    except BadText:
        return
    assert unicodedata.is_normalized("NFC", cleaned)
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize("char", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\u202e", "\u2066", "\u200f", "\ufeff", "\ud800", "\u2028"])
@pytest.mark.parametrize("multiline", [True, False])
def test_controls_and_direction_overrides_are_refused(char, multiline):
    with pytest.raises(BadText):
        clean(f"a{char}b", multiline=multiline)


def test_line_breaks_belong_to_prose_only():
    assert clean("a\r\nb\tc", multiline=True) == "a\nb\tc"
    with pytest.raises(BadText):
        clean("a\nb")


@pytest.mark.parametrize(
    ("text", "folded"), [("Łódź", "lodz"), ("  Zürich\tÉcole ", "zurich ecole"), ("Straße", "strasse"), ("Ærø", "aero"), ("ﬁn", "fin")]
)
def test_search_text_has_no_accents(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("slug", "good"), [("a", True), ("Orders-2_x", True), ("-a", False), ("a-", False), ("a" * 64, False), ("a\n", False)]
)
def test_slugs(slug, good):
    assert bool(SLUG_RE.match(slug)) is good


SAFE = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT
RECORDS = st.recursive(
    SAFE, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abz_09", max_size=5), inner, max_size=4), max_leaves=15
)


@given(RECORDS)
def test_packed_equals_rfc8785_for_our_own_records(record):
    assert packed(record) == rfc8785.dumps(record) == jcs(record)


def test_rfc8785_number_and_key_order():
    value = {"\N{EURO SIGN}": 1e21, "1": 4.50, "\r": 2e-3, "\N{GRINNING FACE}": 0, "\ufb33": -0.0}
    assert jcs(value) == '{"\\r":0.002,"1":4.5,"\u20ac":1e+21,"\U0001f600":0,"\ufb33":0}'.encode()


@pytest.mark.parametrize(
    ("value", "pointer"),
    [({"a": [1, 2**53]}, "/a/1"), ({"a": {"b~/": "\ud800"}}, "/a/b~0~1"), ([float("nan")], "/0"), ({"x": object()}, "/x"), ({1: 2}, "/1")],
)
def test_what_has_no_canonical_form_is_refused_with_its_place(value, pointer):
    with pytest.raises(NotCanonical) as caught:
        jcs(value)
    assert caught.value.errors[0].pointer == pointer


def test_digests_name_their_algorithm():
    assert digest_of({}) == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_ids_are_version_7_and_ascend():
    ids = [uuid7() for _ in range(200)]
    assert {each.version for each in ids} == {7}
    assert isinstance(ids[0], uuid.UUID)
    assert ids == sorted(ids)
