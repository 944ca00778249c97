"""Where an integration stands on its lifecycle, what each next move needs, and how it came there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, Window
from django.db.models.functions import Lag

from accounts.domain.viewers import Viewer
from catalog.domain.lifecycle import Lifecycle, Stage, StageKind
from catalog.domain.rights import may_edit
from catalog.models import Integration
from catalog.selectors import lifecycles
from governance.domain.stage_facts import Finding
from governance.domain.stages import findings
from governance.models import StageMove
from governance.selectors.stage_facts import facts_of

LIMIT = 200


@dataclass(frozen=True, slots=True)
class PossibleMove:
    """A move that the lifecycle has from here, with what every one of its guards finds now."""

    stage: str
    title: str
    kind: str
    guards: list[Finding]

    @property
    def is_open(self) -> bool:
        """Whether every guard holds."""
        return all(finding.passed for finding in self.guards)


@dataclass(frozen=True, slots=True)
class Position:
    """Where an integration stands. `may_move`: whether the viewer is among those who move it."""

    stage: str
    title: str
    kind: str
    lifecycle: int
    version: int
    may_move: bool
    moves: list[PossibleMove]


@dataclass(frozen=True, slots=True)
class PastMove:
    """One move that was made: by a person (`by`), with the evidence of each guard, or by what runs and by migrations (`origin`)."""

    at: datetime
    from_stage: str
    to_stage: str
    from_lifecycle: int
    lifecycle: int
    origin: str
    by: str | None
    by_name: str
    reason: str
    evidence: list[dict[str, str]]


def position_of(integration: Integration, viewer: Viewer, *, now: datetime) -> Position:
    """The present stage and every move from it. Nothing is written, and nothing is told that the viewer may not see."""
    lifecycle = lifecycles.lifecycle_of(integration)
    facts = facts_of(integration, viewer, counts_hidden=False, now=now)
    moves = [
        PossibleMove(move.target, lifecycle.title(move.target), _kind(lifecycle, move.target), findings(move.guards, facts))
        for move in lifecycle.moves_from(integration.stage)
    ]
    return Position(
        stage=integration.stage,
        title=lifecycle.title(integration.stage),
        kind=_kind(lifecycle, integration.stage),
        lifecycle=integration.lifecycle,
        version=integration.version,
        may_move=may_edit(viewer, integration.team_id),
        moves=moves,
    )


def _kind(lifecycle: Lifecycle, key: str) -> str:
    return (lifecycle.kind(key) or StageKind.BUILDING).value


def stages_of(integration: Integration) -> tuple[Stage, ...]:
    """Every stage of the integration's lifecycle, in its order."""
    return lifecycles.lifecycle_of(integration).stages


def moves_of(integration: Integration) -> list[PastMove]:
    """The latest 200 changes of its stage or lifecycle, newest first, in two queries.

    They are read from the history, which holds every one; the record of moves adds reason and evidence to those that people made.
    """
    rows = Integration.history.filter(id=integration.id).annotate(
        from_stage=Window(Lag("stage"), order_by=["history_id"]),
        from_lifecycle=Window(Lag("lifecycle"), order_by=["history_id"]),
    )
    changed = rows.filter(Q(from_stage__isnull=False) & (~Q(from_stage=F("stage")) | ~Q(from_lifecycle=F("lifecycle"))))
    told = list(changed.select_related("history_user").order_by("-history_id")[:LIMIT])
    moves = {
        (move.at, move.from_stage, move.to_stage): move
        for move in StageMove.objects.filter(integration=integration).order_by("-at", "-id")[:LIMIT]
    }
    return [_past(row, moves.get((row.history_date, row.from_stage, row.stage))) for row in told]


def _past(row: Any, move: StageMove | None) -> PastMove:
    user = row.history_user
    migrated = row.from_lifecycle != row.lifecycle
    return PastMove(
        at=row.history_date,
        from_stage=row.from_stage,
        to_stage=row.stage,
        from_lifecycle=row.from_lifecycle,
        lifecycle=row.lifecycle,
        origin="migration" if migrated else "person" if move else "went-live",
        by=user.username if user else None,
        by_name=user.display_name if user else "",
        reason=move.reason if move else "",
        evidence=list(move.evidence) if move else [],
    )


def failed(guards: Sequence[Finding]) -> list[Finding]:
    """Those that do not hold."""
    return [finding for finding in guards if not finding.passed]
