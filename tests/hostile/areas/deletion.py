"""Deleting: who plans and retires, who deletes, who brings back."""

from typing import Any

from audit.services.record import record
from catalog.domain.vocabulary import EntityKind
from catalog.models import Component, Connection, ConnectionTemplate, Domain
from catalog.services import names
from tests.given.people import SYSTEM

_LANDSCAPE = ("systems", "data_objects", "domains", "components", "connection_templates", "connections")
_STEPS = ("deletion_plan_create", "retire_create", "tombstone_create")
OWN_NAMES = {
    "domains": "domain",
    "components": "component",
    "connection-templates": "connection_template",
    "connections": "connection",
}
WHO = {
    **{f"integrations_{step}": "who owns it" for step in _STEPS},
    **{f"{noun}_{step}": "administrators" for noun in _LANDSCAPE for step in (*_STEPS, "reinstate_create")},
    **dict.fromkeys(["tombstones_list", "tombstones_restore_create"], "administrators"),
}
