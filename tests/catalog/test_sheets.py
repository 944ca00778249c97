"""A sheet can be written, edited by hand and read again without losing anything, and no spreadsheet runs what stands in it."""

import csv
import io

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as drawn
from hypothesis import strategies as st

from catalog.domain.errors import SheetUnreadable
from catalog.domain.sheets import COLUMNS, entries, entry, read, shape_faults, written

# What the catalog stores: no controls but line breaks and tabs, no surrogates, nothing that reads from right to left by force.
FORCED = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
CHARS = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters=FORCED)
AWKWARD = ["=1+1", "'x", "''=x", "- item", "+41", "@you", "null", "2027-01-01", "0x10", "1_0", "yes", "~"]
LINE = st.text(CHARS, max_size=12).map(str.strip)
PROSE = st.text(CHARS | st.sampled_from("\n\t"), max_size=20).map(str.strip) | st.sampled_from(AWKWARD)
NAME = st.text("abcdefghij", min_size=1, max_size=6)
NOBODY = NAME | st.none()
BLOCK = st.dictionaries(NAME, PROSE, max_size=2)
TAGS = st.lists(LINE.filter(bool) | st.sampled_from(["a; b", "[x", "=y"]), max_size=3)
END = st.fixed_dictionaries({"system": NAME, "data_object": NOBODY, "fields_touched": st.lists(LINE, max_size=2)})
ROW = st.fixed_dictionaries(
    {
        "slug": NAME,
        "version": st.integers(1, 10**6),
        **dict.fromkeys(("title", "purpose"), PROSE),
        **dict.fromkeys(("type", "team"), NAME),
        "tier": st.integers(1, 3),
        "visibility": NAME,
        **dict.fromkeys(("technical_owner", "business_owner", "on_call", "data_steward"), NOBODY),
        "co_owners": st.lists(NAME, max_size=2),
        "tags": TAGS,
        "labels": BLOCK,
        "business_value": PROSE,
        **dict.fromkeys(("support", "change_policy", "deprecation"), BLOCK),
        "reuse_check": PROSE,
        "endpoints": st.lists(END, max_size=2),
    }
)


@pytest.mark.parametrize("form", ["csv", "yaml"])
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@drawn(rows=st.lists(ROW, max_size=3))
def test_reading_what_was_written_gives_the_same_rows(form, rows):
    assert read("".join(written(rows, form)), form) == rows


@pytest.mark.parametrize("form", ["csv", "yaml"])
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@drawn(rows=st.lists(ROW, min_size=1, max_size=3))
def test_a_long_sheet_is_read_row_by_row_with_the_same_result(form, rows):
    lines = io.StringIO("".join(written(rows, form)), newline="")
    assert [entry(text, form) for text in entries(lines, form)] == rows


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@drawn(rows=st.lists(ROW, max_size=3))
def test_no_cell_starts_like_a_formula(rows):
    for cells in csv.reader(io.StringIO("".join(written(rows, "csv")), newline="")):
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@drawn(row=ROW)
def test_what_was_written_has_the_right_shape(row):
    assert shape_faults(row) == []


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (7, ""),
        ({}, "/slug"),
        ({"slug": 7}, "/slug"),
        ({"slug": "a", "tier": "1"}, "/tier"),
        ({"slug": "a", "tier": True}, "/tier"),
        ({"slug": "a", "title": None}, "/title"),
        ({"slug": "a", "tags": "x"}, "/tags"),
        ({"slug": "a", "tags": ["x", 1]}, "/tags/1"),
        ({"slug": "a", "labels": []}, "/labels"),
        ({"slug": "a", "stage": "live"}, "/stage"),
    ],
)
def test_a_row_of_another_shape_is_told_by_its_place(row, place):
    assert place in [fault.pointer for fault in shape_faults(row)]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("csv", ""),
        ("csv", "title\r\nx\r\n"),
        ("csv", "slug,colour\r\na,red\r\n"),
        ("csv", "slug,slug\r\na,a\r\n"),
        ("csv", "slug,tier\r\na\r\n"),
        ("csv", "slug,tier\r\na,one\r\n"),
        ("csv", "slug,labels\r\na,{\r\n"),
        ("csv", 'slug,title\r\na,"unfinished\r\n'),
        ("yaml", "{"),
        ("yaml", "slug: a"),
        ("yaml", "- 7"),
        ("yaml", "- &a [x]\n- *a"),
        ("yaml", "- slug: !!python/object/apply:os.system [ls]"),
        ("yaml", "[" * 20_000),
        ("csv", "slug\r\n" + "a\r\n" * 501),
        ("csv", "a" * 1_000_001),
    ],
)
def test_a_broken_sheet_is_refused_whole(form, text):
    with pytest.raises(SheetUnreadable):
        read(text, form)


def test_columns_that_a_sheet_does_not_have_are_left_out():
    assert read("slug,version,tags\r\na,3,x; y\r\n", "csv") == [{"slug": "a", "version": 3, "tags": ["x", "y"]}]
    assert set(read("".join(written([], "csv")) + "\r\n", "csv") or [{}][0]) <= set(COLUMNS)
