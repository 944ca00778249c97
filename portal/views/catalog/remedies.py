"""Where on these pages an unmet condition of the lifecycle is put right."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.domain.lifecycle import StageKind
from governance.domain.stage_facts import Finding
from governance.domain.stages import ADMINISTRATORS
from governance.selectors.stages import PossibleMove
from portal.forms.lifecycle import GUARD_WORDS

_SECTION: Final = "portal:integration_section"
# guard → (address, the section it is given besides the slug, what the link says)
_PAGES: Final[Mapping[str, tuple[str, str, str | Promise]]] = {
    "owner-roles": (_SECTION, "owners", _("Name the owners")),
    "systems-and-data-named": ("portal:integration_edit", "", _("Edit the endpoints")),
    "reuse-check-answered": (_SECTION, "value", _("Answer the reuse check")),
    "contract-or-classification-set": ("portal:integration_edit", "", _("Edit the endpoints")),
    "release-exists": ("portal:release_new", "", _("Publish a release")),
    "checks-pass": ("portal:release_new", "", _("Publish a release")),
    "documents-complete": ("portal:documents", "", _("Open the documents")),
    "health-expectation-set": ("portal:release_new", "", _("Publish a release")),
    "support-model-set": (_SECTION, "support", _("Fill in the support model")),
    "roadmap-or-breach": ("portal:integration_roadmap", "", _("Open the roadmap")),
    "roadmap-done": ("portal:integration_roadmap", "", _("Open the roadmap")),
    "deprecation-dates": (_SECTION, "deprecation", _("Edit the deprecation")),
    "alternative-named": (_SECTION, "deprecation", _("Edit the deprecation")),
    "removal-date-passed": (_SECTION, "deprecation", _("Edit the deprecation")),
    "consumers-notified": ("portal:integration_relations", "", _("See who relies on it")),
}
# guard → (address that takes no slug, its query with the slug in place of {}, what the link says)
_ELSEWHERE: Final[Mapping[str, tuple[str, Mapping[str, str], str | Promise]]] = {
    "connection-templates-chosen": ("portal:connection_new", {}, _("Register a connection")),
    "production-change-completed": ("portal:change_new", {"integration": "{}"}, _("Request a change")),
    "observed-in-production": ("portal:deployments", {"integration": "{}"}, _("Look at its deployments")),
    "nothing-live": ("portal:change_new", {"integration": "{}", "action": "retire"}, _("Ask to take it out")),
}


def next_of(moves: list[PossibleMove]) -> PossibleMove | None:
    """The first move that leads on, towards use or in it; none where only ends and halts are left."""
    onward = {StageKind.BUILDING, StageKind.LIVE}
    return next((move for move in moves if move.kind in onward), None)


def guard_of(finding: Finding, slug: str, *, may_act: bool) -> dict[str, Any]:
    """`{title, passed, detail, remedy, who, url, action}` for a page; without a link for those who could not follow it up."""
    names = ("passed", "detail", "remedy", "who")
    url, action = remedy_of(finding, slug) if may_act and not finding.passed else ("", "")
    return {"title": GUARD_WORDS[finding.guard], **{name: getattr(finding, name) for name in names}, "url": url, "action": action}


def remedy_of(finding: Finding, slug: str) -> tuple[str, str | Promise]:
    """(address, words) of the page where it is put right; two empty texts where waiting or somebody else's page is the answer."""
    if finding.guard == "contract-or-classification-set" and finding.who == ADMINISTRATORS:
        return f"{reverse('portal:data_object_list')}?is_discovered=true", _("See what nobody has confirmed")
    if finding.guard in _PAGES:
        name, section, words = _PAGES[finding.guard]
        return reverse(name, args=[slug, section] if section else [slug]), words
    if finding.guard in _ELSEWHERE:
        name, query, words = _ELSEWHERE[finding.guard]
        told = {key: value.format(slug) for key, value in query.items()}
        return f"{reverse(name)}?{urlencode(told)}" if told else reverse(name), words
    return "", ""
