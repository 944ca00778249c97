"""Semantic versions (semver.org 2.0.0) as text that sorts by precedence, byte by byte."""

import re

_SEMVER = re.compile(
    r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)"
    r"(?:-((?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*))?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?\Z"
)
MAX_LENGTH = 63


def is_semver(version: str) -> bool:
    """Whether `version` is a semantic version of at most 63 characters."""
    return len(version) <= MAX_LENGTH and _SEMVER.match(version) is not None


def sort_key(version: str) -> str:
    """ASCII text that sorts (COLLATE "C") as semver 2.0.0 section 11 orders versions; build metadata does not count.

    Numbers carry their length first. A pre-release ends in "0", before any longer one; a release stands behind all with "9".
    Raises ValueError when `version` is not a semantic version.
    """
    found = _SEMVER.match(version)
    if found is None or len(version) > MAX_LENGTH:
        raise ValueError(version)
    core = "".join(_number(part) for part in found.group(1, 2, 3))
    if found[4] is None:
        return core + "9"
    return core + "".join("1" + _number(part) if part.isdigit() else f"2{part}!" for part in found[4].split(".")) + "0"


def _number(digits: str) -> str:
    return f"{len(digits):02d}{digits}"
