"""Runtimes, slots, desired states and what runtimes report."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.domain.actors import Actor
from catalog.models import Environment, Integration, Release
from foundation.clock import db_now
from foundation.ids import uuid7
from runtime_adapters.models import Deployment, DesiredState, Runtime, Slot
from runtime_adapters.services import deployments, runtimes

DISPATCHER = Actor.system("tests.dispatch")


class DeliveryGiven:
    """Runtimes by slug. Desired state is written with the database's time: deadlines count from it."""

    now: datetime

    def runtime(
        self, slug: str = "one", *, kind: str = "fake", environment: str = "test", config: Mapping[str, Any] | None = None
    ) -> Runtime:
        """A connected runtime of a kind that is registered in the test."""
        found = Runtime.objects.filter(slug=slug).first()
        if found is not None:
            return found
        self.environment(environment)  # type: ignore[attr-defined]
        who = self.by(self.administrator())  # type: ignore[attr-defined]
        return runtimes.register_runtime(
            slug=slug, title=slug.capitalize(), kind=kind, environments=[environment], config=config or {}, **who
        )

    def slot(self, integration: Integration, runtime: Runtime, environment: Environment | None = None) -> Slot:
        """The place of an integration on a runtime."""
        where = environment or runtime.environments.get()
        return deployments.open_slot(
            integration_id=integration.id, environment_id=where.id, runtime_id=runtime.id, actor=DISPATCHER, now=db_now()
        )

    def desire(self, slot: Slot, release: Release, *, cause: str = "change", **fields: Any) -> Deployment:
        """The release becomes desired in the slot, as governance would have it."""
        rendered = deployments.render(slot=Slot.objects.get(pk=slot.pk), release=release)
        return deployments.set_desired(
            slot_id=slot.id,
            release_id=release.id,
            payload=rendered.payload,
            payload_digest=rendered.payload_digest,
            content_hash=rendered.content_hash,
            change_id=fields.pop("change_id", None) or uuid7(),
            cause=cause,
            actor=DISPATCHER,
            now=db_now(),
            **fields,
        )

    def desired(self, slot: Slot) -> DesiredState:
        """What should run in the slot."""
        return DesiredState.objects.get(slot=slot)

    def runtime_token(self, runtime: Runtime) -> str:
        """The secret of a token for the runtime's agent."""
        who = self.by(self.administrator())  # type: ignore[attr-defined]
        return runtimes.issue_runtime_token(runtime=runtime.slug, label="tests", **who)

    def report(self, slot: Slot, release: Release, *, at: datetime, key: str | None = None, **fields: Any) -> dict[str, Any]:
        """One native health reading about a window that ended at `at`: one good run unless told otherwise."""
        moment = at.isoformat().replace("+00:00", "Z")
        told: dict[str, Any] = {
            "key": key or str(uuid7()),
            "slot": str(slot.id),
            "integration": slot.integration.slug,
            "environment": slot.environment.slug,
            "digest": release.digest,
            "window_start": moment,
            "window_end": moment,
            "runs_started": 1,
            "runs_succeeded": 1,
            "runs_failed": 0,
            "records_read": 10,
            "records_written": 10,
            "records_failed": 0,
            "latency_ms": {"count": 1, "sum": 12.5, "max": 12.5},
            "errors": [],
            "seq": 1,
        }
        return {**told, **fields}


def deployment_of(deployment_id: UUID) -> Deployment:
    """As it stands in the database."""
    return Deployment.objects.get(pk=deployment_id)
