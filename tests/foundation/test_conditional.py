"""If-Match names the version that was seen, by the strong comparison of RFC 9110."""

import pytest

from foundation.conditional import IfMatchRequired, MalformedTag, etag_of, expected_version, parse_tags


@pytest.mark.parametrize(
    ("header", "version"),
    [('"7"', 7), (' "7" ', 7), ("*", None), ('W/"7"', 0), ('"7", "8"', 0), ('"abc"', 0), ('"x", "12"', 12), ('"7", W/"7"', 7)],
)
def test_expected_version(header, version):
    assert expected_version(header) == version


@pytest.mark.parametrize("header", ["7", '"7', '"7""8"', "W/7", '"a b"', "garbage, more", '"7" "8"'])
def test_malformed_tags_are_told(header):
    with pytest.raises(MalformedTag):
        expected_version(header)


@pytest.mark.parametrize("header", [None, "", "  "])
def test_a_missing_tag_is_required(header):
    with pytest.raises(IfMatchRequired):
        expected_version(header)


def test_weak_tags_match_only_weakly():
    tags = parse_tags('W/"3"')
    assert tags.match_weakly(etag_of(3))
    assert not tags.match_strongly(etag_of(3))
