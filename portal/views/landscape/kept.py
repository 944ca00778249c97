"""What of the landscape a team keeps, as tables for its page."""

from typing import Any

from django.utils.translation import gettext as _

from catalog.selectors import connected
from portal.views.base import PortalRequest
from portal.views.landscape.cells import link, state_of, text
from portal.views.landscape.kinds import KINDS
from portal.views.landscape.sections import SHOWN, Section, connections, section


def sections_kept_by(team: Any, request: PortalRequest) -> list[Section]:
    """Connections first, because they expire; what there is nothing of is left out."""
    kept = [(kind, row, state_of(row)) for kind, rows in connected.kept_by(team.pk).items() for row in rows[: SHOWN + 1]]
    tells_state = any(state for _kind, _row, state in kept)
    others = section(
        _("Also in its keeping"),
        [_("Name"), _("Kind"), *([_("State")] if tells_state else [])],
        (
            [link(kind, row, sub=row.slug), text(KINDS[kind].title), *([{"pill": state}] if tells_state else [])]
            for kind, row, state in kept
        ),
        "layers",
        "",
    )
    return [each for each in (connections(team=team)(request), others) if each["rows"]]
