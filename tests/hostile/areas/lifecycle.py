"""Lifecycles, stages and their moves, acknowledgements."""

from typing import Any

WHO = {
    **dict.fromkeys(["lifecycles_list", "lifecycles_retrieve"], "everybody"),
    **dict.fromkeys(["lifecycles_create", "lifecycles_migrate_create"], "administrators"),
    **dict.fromkeys(["integrations_stage_read", "integrations_stage_moves_list"], "who sees it"),
    "integrations_stage_move": "who owns it",
    "integrations_acknowledge": "members of the team",
}
MISSING = {"lifecycle": "99"}
BODIES: dict[str, dict[str, Any]] = {
    "integrations_stage_move": {"to": "deprecated", "reason": "Because."},
    "integrations_acknowledge": {"team": "payments"},
    "lifecycles_create": {"title": "Another", "definition": {}},
    "lifecycles_migrate_create": {"from": 1, "mapping": {}, "dry_run": True},
}


def places(_estate: Any) -> dict[str, str]:
    """The first lifecycle, which every installation has."""
    return {"lifecycle": "1"}
