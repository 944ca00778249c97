"""Lifecycles, stages, and everything that a guard asks for."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from catalog.domain.vocabulary import EntityKind
from catalog.models import Integration, LifecycleModel, Relation
from catalog.services import integrations, lifecycles
from governance.services import stages


class LifecycleGiven:
    """An integration can be put at a stage directly, for tests of what comes after, or moved as people move it."""

    now: datetime

    def lifecycle(self, definition: Mapping[str, Any], title: str = "Ours") -> LifecycleModel:
        """A newly published version."""
        return lifecycles.publish_lifecycle(title=title, definition=definition, **self._root())  # type: ignore[attr-defined]

    def at_stage(self, integration: Integration, stage: str, **fields: Any) -> Integration:
        """It stands there, however it came; `fields` are set beside it."""
        Integration.objects.filter(pk=integration.pk).update(stage=stage, **fields)
        integration.refresh_from_db()
        return integration

    def moved(self, integration: Integration, to: str, *, by: str = "root", reason: str = "Because.") -> Integration:
        """Somebody moves it."""
        who = self.by(by)  # type: ignore[attr-defined]
        return stages.move_stage(slug=integration.slug, to=to, reason=reason, expected_version=None, **who)

    def answered(self, integration: Integration) -> Integration:
        """Owners, reuse check, support model and deprecation are filled in, as a product should be."""
        self.documented(integration.slug)  # type: ignore[attr-defined]
        other = self.integration("another-one")  # type: ignore[attr-defined]
        today = self.now.date().isoformat()
        changes = {
            "technical_owner": self.person("tess").username,  # type: ignore[attr-defined]
            "business_owner": self.person("bea").username,  # type: ignore[attr-defined]
            "reuse_check": "Nothing like it exists.",
            "support": {"channel": "#payments", "hours": "08:00 to 18:00"},
            "deprecation": {"effective_on": today, "removal_on": today, "alternative": other.slug},
        }
        integrations.update_integration(slug=integration.slug, changes=changes, expected_version=None, **self._root())  # type: ignore[attr-defined]
        integration.refresh_from_db()
        return integration

    def relies(self, source: Any, on: Integration, relation: str = "depends-on", kind: str = EntityKind.INTEGRATION) -> Relation:
        """Something is registered as relying on the integration."""
        return Relation.objects.create(
            type=relation, source_kind=kind, source_id=source.pk, target_kind=EntityKind.INTEGRATION, target_id=on.pk, since=self.now
        )

    def guards(self, integration: Integration, to: str, *, by: str = "root") -> dict[str, bool]:
        """What each guard of a move finds now, as its page shows it."""
        from governance.selectors.stages import position_of

        fresh = Integration.objects.select_related("team").get(pk=integration.pk)
        position = position_of(fresh, self.viewer(by), now=self.now)  # type: ignore[attr-defined]
        [move] = [each for each in position.moves if each.stage == to]
        return {finding.guard: finding.passed for finding in move.guards}


def simple_lifecycle(stages: Iterable[str], moves: Iterable[tuple[str, str, Iterable[str]]], *, on_live: Any = None) -> dict[str, Any]:
    """A definition in short: the last stage is final, every other is being built."""
    keys = list(stages)
    return {
        "initial": keys[0],
        "stages": [{"key": key, "title": key.capitalize(), "kind": "final" if key == keys[-1] else "building"} for key in keys],
        "moves": [{"from": a, "to": b, "guards": [{"name": name} for name in guards]} for a, b, guards in moves],
        "on_live": on_live,
    }
