"""What a release brings along to show that it was looked at: links or file digests, never the files."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from foundation.errors import FieldError, pointer_of

KINDS = frozenset({"test", "review", "scan", "approval", "document", "other"})
VERDICTS = frozenset({"passed", "failed", "informational"})
MEMBERS = frozenset({"kind", "link", "digest", "verdict", "valid_until"})
MAX_ENTRIES = 50
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_DAY = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])\Z")


def evidence_faults(evidence: Sequence[Any]) -> Iterator[FieldError]:
    """Entries are {kind, verdict, link or digest, valid_until?}; pointers start at /evidence."""
    if len(evidence) > MAX_ENTRIES:
        yield FieldError("/evidence", "too-many", f"At most {MAX_ENTRIES} entries.")
        return
    for index, entry in enumerate(evidence):
        if isinstance(entry, Mapping):
            yield from _entry_faults(f"/evidence/{index}", entry)
        else:
            yield FieldError(f"/evidence/{index}", "type", "Each entry must be an object.")


def spoilt(evidence: Sequence[Mapping[str, Any]], today: date) -> list[str]:
    """For each kind of evidence that was brought: why none of it speaks for the release now. Nothing of a kind that still does.

    What is informational decides nothing; the day `valid_until` itself still counts.
    """
    told: dict[str, str] = {}
    good = set()
    for entry in evidence:
        until = entry.get("valid_until")
        if entry["verdict"] == "failed":
            told[entry["kind"]] = f"the {entry['kind']} that came with it failed"
        elif entry["verdict"] == "passed" and until and until < today.isoformat():
            told[entry["kind"]] = f"the {entry['kind']} that came with it was good until {until}"
        elif entry["verdict"] == "passed":
            good.add(entry["kind"])
    return [words for kind, words in told.items() if kind not in good]


def _entry_faults(at: str, entry: Mapping[str, Any]) -> Iterator[FieldError]:
    for name in entry.keys() - MEMBERS:
        yield FieldError(at + pointer_of(name.encode("utf-8", "replace").decode()), "unknown-field", "Unknown member.")
    if entry.get("kind") not in KINDS:
        yield FieldError(f"{at}/kind", "not-a-choice", f"Choose one of: {', '.join(sorted(KINDS))}.")
    if entry.get("verdict") not in VERDICTS:
        yield FieldError(f"{at}/verdict", "not-a-choice", f"Choose one of: {', '.join(sorted(VERDICTS))}.")
    if ("link" in entry) == ("digest" in entry):
        yield FieldError(at, "link-or-digest", "Give either a link or a digest.")
    if "link" in entry and not _is_link(entry["link"]):
        yield FieldError(f"{at}/link", "link", "Give an http or https address without user name and password.")
    if "digest" in entry and not _matches(_DIGEST, entry["digest"]):
        yield FieldError(f"{at}/digest", "digest", "Give sha256: and 64 hexadecimal digits.")
    if "valid_until" in entry and not _matches(_DAY, entry["valid_until"]):
        yield FieldError(f"{at}/valid_until", "date", "Give a day as YYYY-MM-DD.")


def _matches(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.match(value) is not None


def _is_link(value: Any) -> bool:
    if not isinstance(value, str) or len(value) > 2000 or not value.isprintable():
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None and parts.password is None
