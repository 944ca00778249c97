"""Conditional requests: an entity's version is its strong ETag (RFC 9110, 13)."""

import re
from dataclasses import dataclass

from foundation.errors import DomainError, Kind

_TAG = re.compile(r'\s*(W/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*(?:,|\Z)')
_VERSION = re.compile(r"[0-9]{1,18}\Z")


class MalformedTag(DomainError):
    """The entity tag header is not a list of quoted tags."""

    kind, code = Kind.MALFORMED, "malformed-entity-tag"


class IfMatchRequired(DomainError):
    """Send If-Match with the ETag of the version you have seen."""

    kind, code = Kind.PRECONDITION_REQUIRED, "if-match-required"


class VersionMoved(DomainError):
    """It has changed since the version you have seen."""

    kind, code = Kind.PRECONDITION, "version-moved"

    def __init__(self, current: int) -> None:
        super().__init__(extra={"current_version": current})


@dataclass(frozen=True, slots=True)
class Tags:
    """A parsed If-Match or If-None-Match: `*`, or opaque tags of which the weak ones never match strongly."""

    anything: bool
    strong: frozenset[str]
    weak: frozenset[str]

    def match_strongly(self, etag: str) -> bool:
        """Strong comparison with a quoted tag, as If-Match demands."""
        return self.anything or etag.strip('"') in self.strong

    def match_weakly(self, etag: str) -> bool:
        """Weak comparison with a quoted tag, as If-None-Match demands."""
        return self.anything or etag.removeprefix("W/").strip('"') in self.strong | self.weak


def etag_of(version: int) -> str:
    """The strong, quoted ETag of a version."""
    return f'"{version}"'


def parse_tags(header: str) -> Tags:
    """Parse an entity tag list. Raises MalformedTag."""
    if header.strip() == "*":
        return Tags(anything=True, strong=frozenset(), weak=frozenset())
    strong: set[str] = set()
    weak: set[str] = set()
    position = 0
    while position < len(header):
        found = _TAG.match(header, position)
        if found is None:
            raise MalformedTag
        (weak if found[1] else strong).add(found[2])
        position = found.end()
    if not strong | weak:
        raise MalformedTag
    return Tags(anything=False, strong=frozenset(strong), weak=frozenset(weak))


def expected_version(header: str | None) -> int | None:
    """The one version an If-Match names; None for `*`. Raises IfMatchRequired, MalformedTag.

    A weak tag, several versions or a foreign tag cannot be the version we gave out: 0 is returned, which matches none.
    """
    if header is None or not header.strip():
        raise IfMatchRequired
    tags = parse_tags(header)
    if tags.anything:
        return None
    versions = [int(tag) for tag in tags.strong if _VERSION.match(tag)]
    return versions[0] if len(versions) == 1 else 0
