"""What the pages know of each kind of thing: its words, addresses, form, commands, and the columns of its list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.domain.viewers import Viewer
from catalog.domain.rights import may_edit
from catalog.domain.vocabulary import AuthType, Classification, ComponentKind, EntityKind, SystemKind
from catalog.services import components, connections, domains, landscape
from catalog.services.entries import Noun
from portal.components.status import pill
from portal.forms import landscape as forms
from portal.views.landscape.cells import (
    Cell,
    Choices,
    badge,
    domain_choices,
    environment_choices,
    link,
    listed,
    stem,
    system_choices,
    team,
    team_choices,
    template_choices,
    text,
    upkeep_choices,
    upkeep_pill,
    url_of,
    words,
    yes_no,
)


@dataclass(frozen=True)
class Kind:
    """`many` is the path's word; `register_words` is what the button says, `register_hint` who may press it.

    `cells` are those after the title, one for each of the other `headers`.
    """

    noun: Noun
    many: str
    title: str | Promise
    plural: str | Promise
    what: str | Promise
    register_words: str | Promise
    register_hint: str | Promise
    form: type[forms.EntryForm]
    register: Callable[..., Any]
    update: Callable[..., Any]
    shown_filters: Sequence[tuple[str, str | Promise, Callable[[], Choices]]]
    headers: Sequence[str | Promise]
    cells: Callable[[Any, datetime], list[Cell]]
    of_teams: bool = False

    def may_register(self, viewer: Viewer) -> bool:
        """Administrators; members of a team what teams register themselves."""
        return viewer.is_administrator or (self.of_teams and bool(viewer.team_ids))

    def may_edit(self, viewer: Viewer, row: Any) -> bool:
        """Whether the viewer keeps this one."""
        return may_edit(viewer, self.noun.owner(row))

    def url(self, slug: str, act: str = "") -> str:
        """The page of one thing, or of `act` on it."""
        return url_of(self.noun.kind, slug, act)

    @property
    def one(self) -> str:
        """The first part of the names of its addresses."""
        return stem(self.noun.kind)


_TEAM = ("team", _("Team"), team_choices)
_DOMAIN = ("domain", _("Domain, with those below"), domain_choices)
_DISCOVERED = ("is_discovered", _("Discovered"), yes_no)

_ALL = (
    Kind(
        noun=landscape.SYSTEM,
        many="systems",
        title=_("System"),
        plural=_("Systems"),
        what=_("Applications and services with data that others need."),
        register_words=_("Register a system"),
        register_hint=_("Administrators register systems; imports discover them."),
        form=forms.SystemForm,
        register=landscape.register_system,
        update=landscape.update_system,
        shown_filters=(_DOMAIN, ("kind", _("Kind"), listed(SystemKind)), _TEAM, _DISCOVERED),
        headers=(_("System"), _("Kind"), _("Domain"), _("Team"), _("Tier")),
        cells=lambda row, _now: [
            text(words(row.kind)),
            link(EntityKind.DOMAIN, row.domain),
            team(row),
            text(_t("Tier %d") % row.tier),
        ],
    ),
    Kind(
        noun=landscape.DATA_OBJECT,
        many="data-objects",
        title=_("Data object"),
        plural=_("Data objects"),
        what=_("What flows between systems: orders, products, customers."),
        register_words=_("Register a data object"),
        register_hint=_("Administrators register data objects; imports discover them."),
        form=forms.DataObjectForm,
        register=landscape.register_data_object,
        update=landscape.update_data_object,
        shown_filters=(
            _DOMAIN,
            ("classification", _("Classification"), listed(Classification)),
            ("system_of_record", _("System of record"), system_choices),
            _DISCOVERED,
        ),
        headers=(_("Data object"), _("Classification"), _("Personal data"), _("System of record"), _("Domain")),
        cells=lambda row, _now: [
            badge(pill("classification", row.classification)),
            text(", ".join(row.personal_categories)),
            link(EntityKind.SYSTEM, row.system_of_record),
            link(EntityKind.DOMAIN, row.domain),
        ],
    ),
    Kind(
        noun=domains.DOMAIN,
        many="domains",
        title=_("Domain"),
        plural=_("Domains"),
        what=_("Business areas; systems and data objects stand in them, and areas may lie in areas."),
        register_words=_("Register a domain"),
        register_hint=_("Administrators register domains."),
        form=forms.DomainForm,
        register=domains.register_domain,
        update=domains.update_domain,
        shown_filters=(_TEAM,),
        headers=(_("Domain"), _("Lies in"), _("Team")),
        cells=lambda row, _now: [link(EntityKind.DOMAIN, row.parent), team(row)],
    ),
    Kind(
        noun=components.COMPONENT,
        many="components",
        title=_("Component"),
        plural=_("Components"),
        what=_("Reusable parts in immutable versions. Releases pin exactly one version of what they use."),
        register_words=_("Register a component"),
        register_hint=_("Members of a team register its components."),
        form=forms.ComponentForm,
        register=components.register_component,
        update=components.update_component,
        shown_filters=(("kind", _("Kind"), listed(ComponentKind)), _TEAM),
        headers=(_("Component"), _("Kind"), _("Newest version"), _("Team")),
        cells=lambda row, _now: [text(words(row.kind)), text(row.newest or _t("none yet")), team(row)],
        of_teams=True,
    ),
    Kind(
        noun=connections.CONNECTION,
        many="connections",
        title=_("Connection"),
        plural=_("Connections"),
        what=_("How a system is reached in each environment. Only references to secrets are kept here, never a secret."),
        register_words=_("Register a connection"),
        register_hint=_("Members of a team register its connections, from a template."),
        form=forms.ConnectionForm,
        register=connections.register_connection,
        update=connections.update_connection,
        shown_filters=(
            ("system", _("System"), system_choices),
            ("environment", _("Environment"), environment_choices),
            ("template", _("Template"), template_choices),
            ("upkeep", _("Upkeep"), upkeep_choices),
            _TEAM,
        ),
        headers=(_("Connection"), _("Upkeep"), _("System"), _("Environment"), _("Template"), _("Team")),
        cells=lambda row, now: [
            badge(upkeep_pill(row, now)),
            link(EntityKind.SYSTEM, row.system),
            link(EntityKind.ENVIRONMENT, row.environment),
            link(EntityKind.CONNECTION_TEMPLATE, row.template),
            team(row),
        ],
        of_teams=True,
    ),
    Kind(
        noun=connections.CONNECTION_TEMPLATE,
        many="connection-templates",
        title=_("Connection template"),
        plural=_("Connection templates"),
        what=_("Approved ways to reach a kind of system, and what each connection must be given."),
        register_words=_("Register a template"),
        register_hint=_("Administrators register connection templates."),
        form=forms.ConnectionTemplateForm,
        register=connections.register_connection_template,
        update=connections.update_connection_template,
        shown_filters=(("auth_type", _("Proof of identity"), listed(AuthType)),),
        headers=(_("Template"), _("Protocol"), _("Proof of identity"), _("Slots")),
        cells=lambda row, _now: [
            text(row.protocol),
            text(words(row.auth_type)),
            text(", ".join(slot["name"] for slot in row.slots)),
        ],
    ),
    Kind(
        noun=landscape.ENVIRONMENT,
        many="environments",
        title=_("Environment"),
        plural=_("Environments"),
        what=_("The stages on the way to production, and what each asks of a deployment."),
        register_words=_("Register an environment"),
        register_hint=_("Administrators register environments."),
        form=forms.EnvironmentForm,
        register=landscape.register_environment,
        update=landscape.update_environment,
        shown_filters=(("is_production", _("Production"), yes_no),),
        headers=(_("Environment"), _("Rank"), _("Health gate"), _("Approved changes")),
        cells=lambda row, _now: [
            text(row.rank),
            text(_t("%d seconds") % row.soak_s if row.soak_s else _t("none")),
            text(_t("sent at once") if row.dispatches_automatically else _t("sent by hand")),
        ],
    ),
)
KINDS: Mapping[EntityKind, Kind] = {kind.noun.kind: kind for kind in _ALL}
PLACES: Mapping[str, Kind] = {kind.many: kind for kind in _ALL}


def tabs(current: str) -> list[dict[str, Any]]:
    """The kinds, for `portal/parts/tabs.html`; `current` is the path's word of the one shown."""
    return [{"url": reverse(f"portal:{kind.one}_list"), "label": kind.plural, "is_current": kind.many == current} for kind in _ALL]
