"""Moving an integration along its lifecycle: every guard of the move is asked, and what each found is kept as evidence."""

from datetime import datetime

from django.db import transaction

from accounts.domain.inputs import lines_of
from accounts.domain.viewers import Viewer
from audit.domain.actors import Actor
from catalog.domain.lifecycle import Lifecycle, Move, StageKind
from catalog.domain.rights import require_editor
from catalog.models import Integration
from catalog.selectors import lifecycles
from catalog.services.integrations import lock_visible
from catalog.services.stages import write_stage
from foundation.conditional import VersionMoved
from foundation.errors import FieldError
from governance.domain.errors import GuardsNotMet, NoSuchMove
from governance.domain.stage_facts import Finding
from governance.domain.stages import findings
from governance.models import Acknowledgement, StageMove
from governance.selectors.consumers import consumers_of
from governance.selectors.stage_facts import facts_of
from governance.selectors.stages import failed
from governance.services import notifications


@transaction.atomic
def move_stage(
    *, slug: str, to: str, reason: str, expected_version: int | None, actor: Actor, viewer: Viewer, now: datetime
) -> Integration:
    """Move the integration to the stage with the key `to`.

    Whoever may change the integration moves it, and nobody past a guard. Coming to a stage of the kind leaving tells every team that
    relies on the integration, and starts their acknowledgements afresh.
    Raises: IntegrationMissing (404), NotYourIntegration (403), VersionMoved (412), Invalid (422), NoSuchMove (409: `moves` names
    those there are), GuardsNotMet (409: one error for each guard that failed).
    """
    integration = lock_visible(slug, viewer)
    require_editor(viewer, integration.team_id)
    if expected_version not in {None, integration.version}:
        raise VersionMoved(integration.version)
    words = lines_of("reason", reason, most=4000)
    lifecycle = lifecycles.lifecycle_of(integration)
    move = _move(lifecycle, integration.stage, to)
    found = findings(move.guards, facts_of(integration, viewer, counts_hidden=True, now=now))
    _require(lifecycle, move, found)
    kept = _keep(integration, move, found, words, viewer=viewer, now=now)
    guards = [finding.guard for finding in found]
    write_stage(integration, to, move=kept.id, guards=guards, reason=words, actor=actor, now=now)
    if lifecycle.kind(to) is StageKind.LEAVING:
        _announce(integration, lifecycle, kept, viewer=viewer, now=now)
    return integration


def _move(lifecycle: Lifecycle, stage: str, to: str) -> Move:
    move = lifecycle.move(stage, to)
    if move is None:
        ways = [each.target for each in lifecycle.moves_from(stage)]
        named = ", ".join(lifecycle.title(each) for each in ways) or "nowhere"
        detail = f"There is no such move. From {lifecycle.title(stage)} it goes to: {named}."
        raise NoSuchMove(detail, errors=[FieldError("/to", "no-such-move", detail)], extra={"moves": ways})
    return move


def _require(lifecycle: Lifecycle, move: Move, found: list[Finding]) -> None:
    missing = failed(found)
    if missing:
        detail = f"{len(missing)} of {len(found)} conditions for {lifecycle.title(move.target)} are not met."
        raise GuardsNotMet(detail, errors=[FieldError("/to", finding.guard, finding.sentence) for finding in missing])


def _keep(integration: Integration, move: Move, found: list[Finding], reason: str, *, viewer: Viewer, now: datetime) -> StageMove:
    return StageMove.objects.create(
        integration=integration,
        lifecycle=integration.lifecycle,
        from_stage=move.source,
        to_stage=move.target,
        evidence=[{"guard": finding.guard, "detail": finding.detail} for finding in found],
        reason=reason,
        by_id=viewer.user_id,
        at=now,
    )


def _announce(integration: Integration, lifecycle: Lifecycle, move: StageMove, *, viewer: Viewer, now: datetime) -> None:
    """Tell everybody in the consuming teams, each once for this deprecation. What was acknowledged before was another one."""
    Acknowledgement.objects.filter(integration=integration).delete()
    told = [user for consumer in consumers_of(integration, viewer) for user in consumer.people]
    dates = integration.deprecation
    known = [f"{word} {dates[name]}" for name, word in (("effective_on", "from"), ("removal_on", "removed on")) if dates.get(name)]
    days = f" ({', '.join(known)})" if known else ""
    notifications.tell(
        told,
        kind="deprecation",
        key=f"deprecation:{move.id}",
        title=f"{integration.title} is now {lifecycle.title(move.to_stage)}",
        detail=f"A team of yours relies on it{days}. Say on its page that you know and have moved, or will.",
        path=f"/integrations/{integration.slug}/lifecycle",
        integration_id=integration.id,
        now=now,
    )
