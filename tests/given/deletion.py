"""Deleting and bringing back."""

from datetime import datetime
from typing import Any

from catalog.domain.vocabulary import EntityKind
from catalog.models import Integration, System, Tombstone
from catalog.services import landscape, live
from governance.domain.deletion import Group, Plan
from governance.models import ChangeRequest
from governance.services import deletion
from runtime_adapters.domain.states import DeploymentState
from runtime_adapters.models import Deployment
from runtime_adapters.services import deployments
from tests.given.delivery import DISPATCHER


class DeletionGiven:
    """Entities on their way out, by kind and slug."""

    now: datetime

    def plan(self, kind: str, slug: str, *, by: str = "root") -> Plan:
        """What deleting it would meet."""
        viewer = self.by(by)["viewer"]  # type: ignore[attr-defined]
        return deletion.preview(kind=EntityKind(kind), slug=slug, viewer=viewer, now=self.now)[1]

    def retired(self, kind: str, slug: str, *, by: str = "root") -> Any:
        """It is out of use; an integration stands where its lifecycle ends, however it came there."""
        if kind == "integration" and any(finding.group is Group.LIFECYCLE for finding in self.plan(kind, slug, by=by).findings):
            return self.at_stage(Integration.objects.get(slug=slug, tombstoned_at=None), "retired")  # type: ignore[attr-defined]
        token = self.plan(kind, slug, by=by).token
        return deletion.retire(kind=EntityKind(kind), slug=slug, token=token, **self.by(by))[0]  # type: ignore[attr-defined]

    def deleted(self, kind: str, slug: str, *, by: str = "root") -> Tombstone:
        """It is gone; retired before where it was not."""
        if not self.plan(kind, slug, by=by).is_retired:
            self.retired(kind, slug, by=by)
        token = self.plan(kind, slug, by=by).token
        return deletion.tombstone(kind=EntityKind(kind), slug=slug, token=token, **self.by(by))  # type: ignore[attr-defined]

    def restored(self, stone: Tombstone, *, slug: str | None = None, by: str = "root") -> Any:
        """It is back."""
        return deletion.restore(tombstone_id=stone.pk, slug=slug, **self.by(by))[1]  # type: ignore[attr-defined]

    def deactivate_slots(self, change: ChangeRequest) -> None:
        """Nothing of the change's integration should run any more, and nothing does."""
        for target in change.targets.select_related("slot__runtime"):
            slot = target.slot
            gone = deployments.clear_desired(slot_id=slot.id, change_id=change.id, actor=DISPATCHER, now=self.now)
            Deployment.objects.filter(pk=gone.pk).update(state=self.succeeded, settled_at=self.now, settlement_read_at=self.now)
            place = {"environment_id": slot.environment_id, "runtime_key": slot.runtime.slug}
            live.record_live(integration_id=slot.integration_id, release_id=None, at=self.now, **place)

    succeeded = DeploymentState.SUCCEEDED

    def renamed_title(self, slug: str) -> System:
        """Somebody edits the system."""
        row = System.objects.get(slug=slug)
        return landscape.update_system(
            slug=slug,
            changes={"title": row.title + "!"},
            expected_version=None,
            **self.by("root"),  # type: ignore[attr-defined]
        )
