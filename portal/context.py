"""What every page's frame needs: navigation, theme, zone and the log's head. Each part is computed when the template asks for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext_lazy as _

THEMES: Final = frozenset({"light", "dark"})


@dataclass(frozen=True)
class NavLink:
    """One entry of the main navigation."""

    url: str
    label: str | Promise
    icon: str
    count: int | None
    is_current: bool


@dataclass(frozen=True)
class _Entry:
    name: str
    label: str | Promise
    icon: str
    below: str
    also: tuple[str, ...] = ()
    count_key: str = ""
    needs_audit: bool = False


_ENTRIES: Final = (
    _Entry("portal:home", _("Home"), "home", "/"),
    _Entry("portal:reviews", _("Reviews"), "review", "/reviews", count_key="review_count"),
    _Entry("portal:integrations", _("Integrations"), "link", "/integrations"),
    _Entry("portal:landscape", _("Landscape"), "layers", "/landscape"),
    _Entry("portal:map", _("Map"), "graph", "/map"),
    _Entry("portal:stewardship", _("Stewardship"), "person", "/stewardship", also=("/teams", "/people")),
    _Entry("portal:deployments", _("Deployments"), "deploy", "/deployments"),
    _Entry("portal:lifecycle", _("Lifecycle"), "sync", "/lifecycle"),
    _Entry("portal:runtimes", _("Runtimes"), "runtime", "/runtimes"),
    _Entry("portal:log", _("Log"), "log", "/log", needs_audit=True),
)


class Shell:
    """The frame of one page. `request.shell_facts`, when set, is called at most once and returns a mapping with
    `review_count` (int), `unread_count` (int), `log_size` (int) and `log_at` (datetime of the signed head); any may be missing."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def _facts(self) -> Mapping[str, Any]:
        provide: Callable[[], Mapping[str, Any]] | None = getattr(self._request, "shell_facts", None)
        return provide() if provide and self.is_signed_in else {}

    @cached_property
    def is_signed_in(self) -> bool:
        return bool(getattr(getattr(self._request, "user", None), "is_authenticated", False))

    @cached_property
    def viewer(self) -> Any:
        """The accounts Viewer of this request, None when nobody is signed in."""
        return getattr(self._request, "viewer", None)

    @cached_property
    def person_name(self) -> str:
        user = getattr(self._request, "user", None)
        return str(getattr(user, "display_name", "") or getattr(user, "username", "")) if self.is_signed_in else ""

    @cached_property
    def people(self) -> list[tuple[str, str]]:
        """(user name, name) of those whom a form offers, those of the person's own teams first."""
        provide: Callable[[], list[tuple[str, str]]] | None = getattr(self._request, "people_offered", None)
        return provide() if provide else []

    @cached_property
    def theme(self) -> str:
        """ "light", "dark", or "" for the system's own choice."""
        chosen = self._request.COOKIES.get("theme", "")
        return chosen if chosen in THEMES else ""

    @cached_property
    def zone(self) -> tzinfo:
        """The person's own zone; the installation's where none is set or the name is unknown here."""
        name = getattr(getattr(self._request, "user", None), "time_zone", "") if self.is_signed_in else ""
        try:
            return ZoneInfo(name) if name else get_default_timezone()
        except (ZoneInfoNotFoundError, ValueError):
            return get_default_timezone()

    @cached_property
    def now(self) -> datetime:
        """For relative times on the page only; decisions use the view's own clock."""
        return getattr(self._request, "now", None) or datetime.now(UTC)

    @cached_property
    def may_read_log(self) -> bool:
        return bool(settings.PORTOLAN_LOG_PUBLIC or getattr(self.viewer, "reads_log", False))

    @property
    def unread(self) -> int:
        """Notifications not read yet; a hundred stands for more."""
        return int(self._facts.get("unread_count") or 0)

    @property
    def log_size(self) -> int | None:
        return self._facts.get("log_size")

    @property
    def log_at(self) -> datetime | None:
        return self._facts.get("log_at")

    @cached_property
    def nav(self) -> list[NavLink]:
        """The main navigation for this person; the entry whose pages lie below the current path is marked."""
        if not self.is_signed_in:
            return []
        return [self._link(entry) for entry in _ENTRIES if self.may_read_log or not entry.needs_audit]

    def _link(self, entry: _Entry) -> NavLink:
        path = self._request.path
        places = (entry.below, *entry.also)
        current = path == "/" if entry.below == "/" else any(path == place or path.startswith(place + "/") for place in places)
        count = self._facts.get(entry.count_key) if entry.count_key else None
        return NavLink(reverse(entry.name), entry.label, entry.icon, count, current)


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Context processor: `shell` in every template."""
    return {"shell": Shell(request)}
