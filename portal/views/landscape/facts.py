"""The facts of one thing: what it is and who answers for it, as label and cell."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from catalog.domain.connections import rotation_due_at
from catalog.domain.vocabulary import EntityKind
from portal.components.status import pill
from portal.views.landscape.cells import Cell, badge, link, team, text, upkeep_pill, words
from portal.views.landscape.kinds import Kind

Facts = list[tuple[str, Cell]]


def facts_of(kind: Kind, row: Any, now: Any) -> Facts:
    """Every fact that is known; the empty ones are told as a dash."""
    return [(_("Slug"), text(row.slug)), *_FACTS[kind.noun.kind](row, now)]


def _team(row: Any) -> tuple[str, Cell]:
    return _("Owning team"), team(row, _("administrators"))


def _flag(value: bool) -> Cell:
    return text(_("yes") if value else _("no"))


def _connection(row: Any, now: Any) -> Facts:
    due = rotation_due_at(row.rotated_at, row.rotate_every_days)
    return [
        (_("Upkeep"), badge(upkeep_pill(row, now))),
        (_("System"), link(EntityKind.SYSTEM, row.system)),
        (_("Environment"), link(EntityKind.ENVIRONMENT, row.environment)),
        (_("Template"), link(EntityKind.CONNECTION_TEMPLATE, row.template)),
        _team(row),
        (_("Expires"), {"at": row.expires_at} if row.expires_at else text("")),
        (_("Last rotated"), {"at": row.rotated_at} if row.rotated_at else text(_("never told"))),
        (_("Rotate every"), text(_("%d days") % row.rotate_every_days if row.rotate_every_days else "")),
        (_("Next rotation"), {"at": due} if due else text("")),
    ]


_FACTS: dict[EntityKind, Callable[[Any, Any], Facts]] = {
    EntityKind.SYSTEM: lambda row, _now: [
        (_("Kind"), text(words(row.kind))),
        (_("Vendor"), text(row.vendor)),
        _team(row),
        (_("Domain"), link(EntityKind.DOMAIN, row.domain)),
        (_("Tier"), text(row.tier)),
        (_("Data residency"), text(row.residency)),
    ],
    EntityKind.DATA_OBJECT: lambda row, _now: [
        (_("Classification"), badge(pill("classification", row.classification))),
        (_("Personal data"), text(", ".join(row.personal_categories) or _("none named"))),
        (_("System of record"), link(EntityKind.SYSTEM, row.system_of_record)),
        (_("Domain"), link(EntityKind.DOMAIN, row.domain)),
    ],
    EntityKind.DOMAIN: lambda row, _now: [(_("Lies in"), link(EntityKind.DOMAIN, row.parent)), _team(row)],
    EntityKind.ENVIRONMENT: lambda row, _now: [
        (_("Rank"), text(row.rank)),
        (_("Production"), _flag(row.is_production)),
        (_("Protected"), _flag(row.is_protected)),
        (_("Approved changes"), text(_("sent at once") if row.dispatches_automatically else _("sent by hand"))),
        (_("Unhealthy deployments"), text(_("rolled back") if row.rolls_back_automatically else _("left as they are"))),
        (_("Health gate"), text(_("%d seconds") % row.soak_s if row.soak_s else _("none"))),
    ],
    EntityKind.COMPONENT: lambda row, _now: [
        (_("Kind"), text(words(row.kind))),
        _team(row),
        (_("Newest version"), text(row.newest or _("none yet"))),
    ],
    EntityKind.CONNECTION_TEMPLATE: lambda row, _now: [
        (_("Protocol"), text(row.protocol)),
        (_("Proof of identity"), text(words(row.auth_type))),
    ],
    EntityKind.CONNECTION: _connection,
}
