"""The landscape, integrations and releases."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from accounts.models import Team, User
from catalog.models import DataObject, Environment, Integration, Release, System
from catalog.services import integrations, landscape, releases

MANIFEST: dict[str, Any] = {
    "runtime_kind": "node-red",
    "payload": {"flow": [{"id": "a1", "type": "inject", "name": "Every minute"}]},
    "health": {"every_s": 60, "grace_s": 30},
    "connections": {"erp": "env://ERP_TOKEN"},
}
_RANKS = {"development": 10, "test": 20, "staging": 30, "production": 40}


class CatalogGiven:
    """Things by slug: asking twice gives the same one."""

    now: datetime

    def environment(self, slug: str, **fields: Any) -> Environment:
        """A stage; `production` is marked as such."""
        found = Environment.objects.filter(slug=slug).first()
        production = {"is_production": True} if slug == "production" else {}
        values = {"title": slug.capitalize(), "rank": _RANKS.get(slug, 50), **production, **fields}
        return found or landscape.register_environment(slug=slug, **values, **self._root())

    def system(self, slug: str, **fields: Any) -> System:
        """A system."""
        found = System.objects.filter(slug=slug).first()
        return found or landscape.register_system(slug=slug, **{"title": slug.upper(), "kind": "other", **fields}, **self._root())

    def data_object(self, slug: str, **fields: Any) -> DataObject:
        """What flows."""
        found = DataObject.objects.filter(slug=slug).first()
        return found or landscape.register_data_object(slug=slug, **{"title": slug.capitalize(), **fields}, **self._root())

    def integration(self, slug: str, *, team: str | Team = "payments", by: str | User | None = None, **fields: Any) -> Integration:
        """An integration of `team` that carries orders from the shop to the ERP, unless `endpoints` say otherwise."""
        found = Integration.objects.filter(slug=slug).first()
        if found is not None:
            return found
        owner = self.team(team) if isinstance(team, str) else team  # type: ignore[attr-defined]
        values = {
            "title": slug.replace("-", " ").capitalize(),
            "purpose": "",
            "type": "flow",
            "tier": 2,
            "endpoints": self.endpoints(),
            **fields,
        }
        who = self._root() if by is None else self.by(by)  # type: ignore[attr-defined]
        return integrations.register_integration(slug=slug, team=owner.slug, **values, **who)

    def endpoints(self) -> list[dict[str, Any]]:
        """Orders from the shop to the ERP, in the shape of the API."""
        shop, erp, orders = self.system("shop", kind="commerce"), self.system("erp", kind="erp"), self.data_object("orders")
        return [
            {"system": shop.slug, "data_object": orders.slug, "role": "source", "operation": "read"},
            {
                "system": erp.slug,
                "data_object": orders.slug,
                "role": "target",
                "operation": "create",
                "address": "https://erp.example/orders",
            },
        ]

    def release(
        self,
        integration: Integration,
        version: str = "1.0.0",
        *,
        manifest: Mapping[str, Any] | None = None,
        by: str | User | None = None,
        co_authors: Iterable[str] = (),
        **fields: Any,
    ) -> Release:
        """A published release with a small Node-RED flow."""
        found = Release.objects.filter(integration=integration, version=version).first()
        who = self._root() if by is None else self.by(by)  # type: ignore[attr-defined]
        return found or releases.publish_release(
            integration=integration.slug, version=version, manifest=manifest or MANIFEST, co_authors=co_authors, **fields, **who
        )

    def _root(self) -> dict[str, Any]:
        return self.by(self.administrator())  # type: ignore[attr-defined]
