"""The pages of stewardship, as tabs."""

from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.domain.viewers import Viewer

TABS: tuple[tuple[str, Promise], ...] = (
    ("portal:stewardship", _("Missing owners")),
    ("portal:my_attestations", _("My attestations")),
    ("portal:campaigns", _("Campaigns")),
    ("portal:escalations", _("Escalations")),
    ("portal:teams", _("Teams")),
    ("portal:tiers", _("Tier policies")),
)
LEAVING = ("portal:leaving", _("Leaving"))


def tabs_of(viewer: Viewer, current: str) -> list[dict[str, Any]]:
    """[{url, label, is_current}]; the last is for administrators."""
    entries = (*TABS, LEAVING) if viewer.is_administrator else TABS
    return [{"url": reverse(name), "label": label, "is_current": name == current} for name, label in entries]
