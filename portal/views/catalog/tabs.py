"""The pages of one integration, as tabs: the overview first, then one page for each thing that hangs on it."""

from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# (name of the page's address, label). Each takes the slug.
TABS: tuple[tuple[str, Promise], ...] = (
    ("portal:integration", _("Overview")),
    ("portal:integration_endpoints", _("Endpoints")),
    ("portal:documents", _("Documents")),
    ("portal:integration_owners", _("Owners")),
    ("portal:integration_releases", _("Releases")),
    ("portal:integration_changes", _("Changes")),
    ("portal:integration_lifecycle", _("Lifecycle")),
    ("portal:integration_roadmap", _("Roadmap")),
    ("portal:integration_relations", _("Relations")),
    ("portal:integration_history", _("History")),
    ("portal:integration_was", _("As it was")),
    ("portal:integration_sources", _("Sources")),
    ("portal:integration_access", _("Access")),
)


def tabs_of(slug: str, current: str) -> list[dict[str, Any]]:
    """[{url, label, is_current}] for `portal/parts/tabs.html`; `current` is the address name of the page shown."""
    return [{"url": reverse(name, args=[slug]), "label": label, "is_current": name == current} for name, label in TABS]
