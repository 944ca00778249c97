"""Deleting: who plans and retires, who deletes, who brings back."""

from typing import Any

_BY_ADMINISTRATORS = ("systems", "data_objects", "domains", "connection_templates")
_BY_TEAMS = ("components", "connections")
_STEPS = ("deletion_plan_create", "retire_create", "tombstone_create")
WHO = {
    **{f"integrations_{step}": "who owns it" for step in _STEPS},
    **{f"{noun}_{step}": "administrators" for noun in _BY_ADMINISTRATORS for step in (*_STEPS, "reinstate_create")},
    **{f"{noun}_{step}": "the owning team" for noun in _BY_TEAMS for step in ("deletion_plan_create", "retire_create", "reinstate_create")},
    **{f"{noun}_tombstone_create": "administrators" for noun in _BY_TEAMS},
    **dict.fromkeys(["tombstones_list", "tombstones_restore_create"], "administrators"),
}


def places(estate: Any) -> dict[str, str]:
    """Something that was deleted."""
    estate.given.system("deleted-system")
    return {"tombstone_id": str(estate.given.deleted("system", "deleted-system").pk)}
