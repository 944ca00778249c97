"""Which events people are told of, and in which words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Audience(StrEnum):
    """Who is told: those who follow the documents, or those who answer for the integration."""

    FOLLOWERS = "followers"
    OWNERS = "owners"


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told. `section` names the document it is about, where it is about one; `key` makes telling twice the same as once."""

    kind: str
    audience: Audience
    key: str
    title: str
    section: str = ""


Facts = Mapping[str, Any]


def notice_of(verb: str, facts: Facts, *, event: str, integration: str, title: str, who: str) -> Notice | None:
    """What to tell of an event about an integration (its id, its title) that `who` caused; None when nobody is told."""
    rule = _RULES.get(verb)
    return rule(facts, event, integration, {"title": title, "who": who}) if rule else None


def _written(facts: Facts, event: str, _integration: str, words: dict[str, str]) -> Notice:
    section = str(facts.get("kind", ""))
    title = f"{words['who']} changed the {_named(section)} of {words['title']}"
    return Notice("document-written", Audience.FOLLOWERS, f"event:{event}", title, section)


def _verified(facts: Facts, event: str, _integration: str, words: dict[str, str]) -> Notice:
    section = str(facts.get("kind", ""))
    title = f"{words['who']} verified the {_named(section)} of {words['title']}"
    return Notice("document-verified", Audience.FOLLOWERS, f"event:{event}", title, section)


def _renamed(_facts: Facts, event: str, _integration: str, words: dict[str, str]) -> Notice:
    return Notice("renamed", Audience.OWNERS, f"event:{event}", f"{words['who']} renamed {words['title']}")


def _moved(facts: Facts, event: str, _integration: str, words: dict[str, str]) -> Notice:
    stage = str(facts.get("stage", ""))
    kind = "deprecated" if stage == "deprecated" else "stage-moved"
    return Notice(kind, Audience.OWNERS, f"event:{event}", f"{words['title']} is {stage} now")


def _updated(facts: Facts, event: str, _integration: str, words: dict[str, str]) -> Notice | None:
    """Of all edits only two: when it ends, and a stage that a machine's news moved."""
    changed = facts.get("changed", ())
    if "deprecation" in changed:
        return Notice("deprecated", Audience.OWNERS, f"event:{event}", f"{words['who']} changed when {words['title']} ends")
    return _moved(facts, event, _integration, words) if list(changed) == ["stage"] else None


def _answered(facts: Facts, event: str, integration: str, words: dict[str, str]) -> Notice | None:
    """Owner and campaign each have an event of the same answer: one key, told once."""
    if facts.get("answer") != "disown":
        return None
    key = f"disowned:{facts.get('campaign', event)}:{integration}"
    return Notice("disowned", Audience.OWNERS, key, f"{words['who']} says that {words['title']} is not theirs")


def _named(section: str) -> str:
    return section.replace("-", " ") or "documents"


_RULES: Mapping[str, Callable[[Facts, str, str, dict[str, str]], Notice | None]] = {
    "catalog.document.written": _written,
    "catalog.document.verified": _verified,
    "catalog.integration.renamed": _renamed,
    "catalog.integration.stage_moved": _moved,
    "catalog.integration.updated": _updated,
    "catalog.integration.attested": _answered,
    "governance.attestation.answered": _answered,
}
WATCHED = frozenset(_RULES)
