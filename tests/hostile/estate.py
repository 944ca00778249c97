"""One estate for every hostile test: a restricted integration with everything that hangs on it, and people around it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from accounts.services import tokens
from audit.models import Event
from audit.services.sequence import sequence_all
from audit.services.sign import sign_latest
from catalog.services import grants, integrations
from foundation.clock import db_now
from runtime_adapters.models import Deployment
from tests.given import Given
from tests.given.people import ALL_SCOPES, SYSTEM
from tests.hostile import areas

SECRET = "orders-to-erp"


@dataclass
class Estate:
    """Names of what exists (`places`), and bearer secrets by person."""

    given: Given
    places: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def headers(self, who: str | None, **more: str) -> dict[str, str]:
        """Request headers of a person, or of nobody."""
        return {**({} if who is None else {"Authorization": f"Bearer {self.secrets[who]}"}), **more}

    def call(self, who: str | None, method: str, path: str, data: bytes = b"", **more: Any) -> Any:
        """An answer, also where the service would have failed."""
        kind = more.pop("content_type", "application/json" if data else "application/octet-stream")
        headers = self.headers(who, **more.pop("headers", {}))
        return Client(raise_request_exception=False).generic(method, path, data, kind, headers=headers, **more)


def build(*, before: Callable[[Given], None] | None = None) -> Estate:
    """The estate: `root` administers, `olga` owns, `vera` was let in to look, `eve` is of another team, `ann` decides.

    `before` may make something first.
    """
    given = Given()
    given.now = db_now()
    if before is not None:
        before(given)
    change = given.live_change("1.0.0")
    given.releasable(version="1.1.0", every_s=4)
    given.integration("open-one", team="payments")
    given.team("logistics", members=["eve"])
    given.person("vera")
    by = given.by("root")
    given.documented(SECRET)
    version = type(change.integration).objects.get(slug=SECRET).version
    integrations.update_integration(slug=SECRET, changes={"visibility": "restricted"}, expected_version=version, **by)
    grants.add_grant(integration=SECRET, right="view", user="vera", **by)
    asked = given.asked("1.1.0")
    sequence_all(db_now())
    sign_latest(db_now())
    estate = Estate(given)
    for who in ("root", "olga", "vera", "eve", "ann"):
        estate.secrets[who] = given.token(who)
    estate.secrets["votes only"] = given.token("root", ["changes:vote"])
    estate.secrets["reads only"] = given.token("root", ["catalog:read"])
    estate.secrets["agent"] = given.runtime_token(given.agent())
    slot = given.slot_of(asked)
    spare, _ = tokens.issue_token(user=given.person("olga"), label="spare", scopes=ALL_SCOPES, actor=SYSTEM, now=given.now)
    estate.places = {
        "username": "ann",
        "role": "auditor",
        "team": "payments",
        "integration": SECRET,
        "number": str(asked.number),
        "slot": str(slot.pk),
        "deployment_id": str(Deployment.objects.filter(slot=slot).latest("requested_at").pk),
        "event_id": str(Event.objects.order_by("id").first().pk),
        "token_id": str(spare.pk),
        "version": "1.0.0",
        "section": "overview",
        "digest": asked.subject_digest,
        "board": "change-board",
        "policy": "default",
        "runtime": "agent",
        "environment": "production",
        "system": "erp",
        "data_object": "orders",
    }
    estate.places |= areas.places(estate)
    return estate
