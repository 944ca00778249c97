"""Domains, components, connection templates and connections; and another name for anything of the landscape."""

from typing import Any

from tests.hostile import estate as estates

_NOUNS = ("components", "connections", "connection_templates", "domains")
_TEAMS = ("components", "connections")
WHO = {
    **{f"{noun}_{verb}": "everybody" for noun in _NOUNS for verb in ("list", "retrieve")},
    **dict.fromkeys(["components_versions_list", "components_versions_retrieve", "components_used_by_list"], "everybody"),
    **{
        f"{noun}_{verb}": "the owning team" if noun in _TEAMS else "administrators"
        for noun in _NOUNS
        for verb in ("create", "partial_update", "rename_create")
    },
    **dict.fromkeys(["systems_rename_create", "data_objects_rename_create", "environments_rename_create"], "administrators"),
    "components_versions_create": "the owning team",
    **{f"{noun}_history_list": "everybody" for noun in (*_NOUNS, "systems", "data_objects", "environments")},
}
BODIES = {
    "components_create": {"slug": "another", "team": "payments"},
    "components_versions_create": {"version": "3.0.0", "content": {}},
    "connections_create": {
        "slug": "another",
        "team": "payments",
        "template": "https-key",
        "system": "erp",
        "environment": "production",
        "references": {"key": "env://ERP_KEY"},
    },
}
OWN_NAMES = {
    "domains": "domain",
    "components": "component",
    "connection-templates": "connection_template",
    "connections": "connection",
}
MISSING = dict.fromkeys(OWN_NAMES.values(), "no-such-one")


def places(estate: Any) -> dict[str, str]:
    """One of each; the restricted integration has a release that pins the component."""
    given = estate.given
    given.domain("commerce")
    given.component("round-amounts", by="olga")
    given.component_version("round-amounts", by="olga")
    given.connection("erp-production", by="olga")
    pins = {**given.flow_manifest(), "pins": [{"component": "round-amounts", "version": "1.0.0"}]}
    given.release(given.integration(estates.SECRET), "0.9.0", manifest=pins, by="olga")
    return {"domain": "commerce", "component": "round-amounts", "connection_template": "https-key", "connection": "erp-production"}
