"""Attestations, campaigns and escalations, each as far as the viewer sees the integration it is about."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.domain.viewers import Viewer
from catalog.domain.ownership import TierRules
from catalog.models import Integration
from catalog.models.integration import IntegrationQuerySet, visible_q
from catalog.selectors import integrations, lifecycles
from catalog.selectors.owners import OWNER_COLUMNS
from governance.domain.errors import CampaignMissing
from governance.models import Attestation, Campaign, Escalation


@dataclass(frozen=True, slots=True)
class Progress:  # the answers in the order of `Attestation.Answer`
    """How far a campaign has come, counted over what the viewer may see."""

    asked: int = 0
    confirmed: int = 0
    corrected: int = 0
    disowned: int = 0

    @property
    def answered(self) -> int:
        return self.confirmed + self.corrected + self.disowned

    @property
    def percent(self) -> int:
        return 100 * self.answered // self.asked if self.asked else 0


def campaigns() -> QuerySet[Campaign]:
    """All campaigns, newest first; any signed-in person may see that they are."""
    return Campaign.objects.select_related("opened_by").order_by("-opened_at", "-id")


def campaign(campaign_id: UUID) -> Campaign:
    """One campaign. Raises CampaignMissing."""
    found = campaigns().filter(pk=campaign_id).first()
    if found is None:
        raise CampaignMissing
    return found


def progress_of(campaign_ids: Collection[UUID], viewer: Viewer) -> dict[UUID, Progress]:
    """By campaign, in one query."""
    rows = Attestation.objects.filter(visible_q(viewer, "integration__"), campaign_id__in=campaign_ids).order_by()
    said = {f"said_{answer}": Count("pk", filter=Q(answer=answer)) for answer in Attestation.Answer.values}
    counted = rows.values("campaign_id").annotate(asked=Count("pk"), **said).values_list("campaign_id", "asked", *said)
    found = {campaign: Progress(*figures) for campaign, *figures in counted}
    return {campaign: found.get(campaign, Progress()) for campaign in campaign_ids}


def attestations_of(campaign: Campaign, viewer: Viewer) -> QuerySet[Attestation]:
    """What was asked in a campaign, as far as the viewer sees it."""
    rows = Attestation.objects.filter(visible_q(viewer, "integration__"), campaign=campaign)
    return rows.select_related("integration__team", "campaign", "answered_by").order_by("integration__slug_key", "id")


def speaks_q(viewer: Viewer, path: str = "") -> Q:
    """Integrations that the viewer speaks for: named in a role or as co-owner, or a member of the owning team or one above it."""
    named = Q(*[Q(**{f"{path}{column}": viewer.user_id}) for column in OWNER_COLUMNS], _connector=Q.OR)
    co_owner = Q(**{f"{path}co_owners__contains": [viewer.user_id]})
    return named | co_owner | Q(**{f"{path}team_id__in": viewer.team_ids})


def asked_of(viewer: Viewer) -> QuerySet[Attestation]:
    """What open campaigns ask the viewer and nobody has answered."""
    rows = Attestation.objects.filter(visible_q(viewer, "integration__"), speaks_q(viewer, "integration__"))
    rows = rows.filter(answer="", campaign__state=Campaign.State.OPEN).exclude(lifecycles.final_q("integration__"))
    return rows.select_related("integration__team", "campaign", "answered_by").order_by("campaign__due_at", "id")


def overdue_q(rules: Mapping[int, TierRules], now: datetime) -> Q:
    """Nobody has said for longer than the tier allows that what is registered is right."""

    def late(asked: TierRules) -> Q:
        limit = now - timedelta(days=asked.attest_every_days)
        return Q(tier=asked.tier) & (Q(attested_at__lte=limit) | Q(attested_at__isnull=True, created_at__lte=limit))

    return Q(*map(late, rules.values()), _connector=Q.OR)


def overdue_for(viewer: Viewer, rules: Mapping[int, TierRules], now: datetime) -> IntegrationQuerySet:
    """Integrations that the viewer speaks for and whose attestation is overdue."""
    rows = integrations.integrations_visible_to(viewer).filter(speaks_q(viewer), overdue_q(rules, now))
    return rows.exclude(lifecycles.final_q())


def waiting_for(viewer: Viewer, rules: Mapping[int, TierRules], now: datetime) -> IntegrationQuerySet:
    """Integrations about which the viewer is asked, by a campaign or because the tier's time has run out; each once."""
    asked = Attestation.objects.filter(integration=OuterRef("pk"), answer="", campaign__state=Campaign.State.OPEN)
    rows = integrations.integrations_visible_to(viewer).filter(speaks_q(viewer), Q(Exists(asked)) | overdue_q(rules, now))
    return rows.exclude(lifecycles.final_q())


def escalations_visible_to(viewer: Viewer) -> QuerySet[Escalation]:
    """Escalations of what the viewer sees, newest first."""
    rows = Escalation.objects.filter(visible_q(viewer, "integration__")).select_related("integration__team")
    return rows.order_by("-opened_at", "-id")


def escalating(kind: str) -> QuerySet[Escalation]:
    """Escalations of the kind that are open."""
    return Escalation.objects.filter(kind=kind, closed_at__isnull=True)


def served() -> QuerySet[Integration]:
    """Integrations that need somebody to answer: neither deleted nor at their end."""
    return Integration.objects.filter(tombstoned_at__isnull=True).exclude(lifecycles.final_q())
