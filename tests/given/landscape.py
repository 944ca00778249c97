"""Domains, components, connection templates and connections."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from catalog.models import Component, ComponentVersion, Connection, ConnectionTemplate, Domain
from catalog.services import components, connections, domains
from tests.given.governance import flow

KEY_SLOTS = [{"name": "key", "required": True, "description": "The key"}, {"name": "proxy", "required": False}]


class LandscapeGiven:
    """Things by slug: asking twice gives the same one. `by` is a person's name; administrators unless it is said."""

    now: datetime

    def domain(self, slug: str, **fields: Any) -> Domain:
        """A business area."""
        found = Domain.objects.filter(slug=slug).first()
        return found or domains.register_domain(slug=slug, **{"title": slug.capitalize(), **fields}, **self._root())  # type: ignore[attr-defined]

    def component(self, slug: str, *, team: str = "payments", by: str | None = None, **fields: Any) -> Component:
        """A transformation of `team`."""
        found = Component.objects.filter(slug=slug).first()
        self.team(team)  # type: ignore[attr-defined]
        values = {"title": slug.capitalize(), "kind": "transformation", **fields}
        return found or components.register_component(slug=slug, team=team, **values, **self._acting(by))

    def component_version(
        self, component: str, version: str = "1.0.0", *, content: Mapping[str, Any] | None = None, by: str | None = None
    ) -> ComponentVersion:
        """Published content."""
        return components.publish_version(component=component, version=version, content=content or {"round": 2}, **self._acting(by))

    def template(self, slug: str = "https-key", **fields: Any) -> ConnectionTemplate:
        """HTTPS with a key that is required and a proxy that is not."""
        found = ConnectionTemplate.objects.filter(slug=slug).first()
        values = {"title": slug.upper(), "protocol": "https", "auth_type": "api-key", "slots": KEY_SLOTS, **fields}
        return found or connections.register_connection_template(slug=slug, **values, **self._root())  # type: ignore[attr-defined]

    def connection(self, slug: str = "erp-production", *, team: str = "payments", by: str | None = None, **fields: Any) -> Connection:
        """The ERP in production by the template `https-key`."""
        found = Connection.objects.filter(slug=slug).first()
        if found is not None:
            return found
        self.team(team)  # type: ignore[attr-defined]
        ends = {"template": self.template().slug, "system": self.system("erp").slug, "environment": self.environment("production").slug}  # type: ignore[attr-defined]
        values = {"title": slug.capitalize(), "references": {"key": "vault://secret/erp#key"}, **ends, **fields}
        return connections.register_connection(slug=slug, team=team, **values, **self._acting(by))

    def flow_manifest(self) -> dict[str, Any]:
        """A manifest for the reference agent."""
        return flow()

    def _acting(self, by: str | None) -> dict[str, Any]:
        return self._root() if by is None else self.by(by)  # type: ignore[attr-defined,no-any-return]
