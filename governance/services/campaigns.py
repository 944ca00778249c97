"""Campaigns: a round of asking the owners of many integrations whether what is registered is still right."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.http import QueryDict

from accounts.domain.inputs import line_of, refuse_secrets
from accounts.domain.viewers import Viewer
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.models import Integration
from catalog.selectors import finding, integrations, lifecycles, owners
from foundation.errors import FieldError
from foundation.filters import BadQuery, ParsedQuery
from governance.domain.errors import CampaignClosed, CampaignMissing, InvalidCampaign
from governance.models import Attestation, Campaign
from governance.services.boards import require_administrator
from governance.services.notifications import tell

SUBJECT = "governance.campaign"
BATCH = 2000
_NOT_A_FILTER = ("cursor", "limit", "sort", "count", "fields", "expand", "as_of")


@transaction.atomic
def open_campaign(*, title: str, query: str, due_at: datetime, actor: Actor, viewer: Viewer, now: datetime) -> Campaign:
    """Ask the owners of every integration that matches `query` (the query string of the integrations list; empty: all) until `due_at`.

    Raises: NotAllowed (403), Invalid and InvalidCampaign (422, with pointers; nothing matches, or the time has passed).
    """
    require_administrator(viewer)
    title = line_of("title", title, most=160)
    campaign = Campaign(title=title, query=query.removeprefix("?"), opened_by_id=viewer.user_id, opened_at=now, due_at=due_at)
    if due_at <= now:
        raise InvalidCampaign(errors=[FieldError("/due_at", "past", "Name a time to come.")])
    found = _matching(campaign.query, viewer)
    if not found:
        raise InvalidCampaign(errors=[FieldError("/query", "nothing-matches", "No integration matches this filter.")])
    campaign.save(force_insert=True)
    Attestation.objects.bulk_create([Attestation(campaign=campaign, integration=row) for row in found], batch_size=BATCH)
    facts = {"asked": len(found), "due_at": due_at}
    texts = {"title": campaign.title, "query": campaign.query}
    record("governance.campaign.opened", subject=(SUBJECT, campaign.pk), actor=actor, at=now, facts=facts, texts=texts)
    _ask(campaign, found, now=now)
    return campaign


@transaction.atomic
def close_campaign(*, campaign_id: UUID, actor: Actor, viewer: Viewer, now: datetime) -> Campaign:
    """End the round; what nobody answered stays unanswered. Raises NotAllowed, CampaignMissing, CampaignClosed."""
    require_administrator(viewer)
    campaign = Campaign.objects.select_for_update().filter(pk=campaign_id).first()
    if campaign is None:
        raise CampaignMissing
    if campaign.state == Campaign.State.CLOSED:
        raise CampaignClosed
    campaign.state, campaign.closed_at = Campaign.State.CLOSED, now
    campaign.save(update_fields=["state", "closed_at"])
    asked = campaign.attestations.count()
    facts = {"asked": asked, "answered": campaign.attestations.exclude(answer="").count()}
    record("governance.campaign.closed", subject=(SUBJECT, campaign.pk), actor=actor, at=now, facts=facts)
    return campaign


def _matching(query: str, viewer: Viewer) -> list[Integration]:
    parsed = _parsed(query)
    plan, rest = finding.narrowed(integrations.integrations_visible_to(viewer), parsed)
    return list(rest.apply(plan).exclude(lifecycles.final_q()).order_by("pk"))


def _parsed(query: str) -> ParsedQuery:
    given = QueryDict(query)
    refuse_secrets("query", ((name, value) for name, values in given.lists() for value in values))
    if unfit := [name for name in given if name in _NOT_A_FILTER]:
        raise InvalidCampaign(errors=[FieldError("/query", "not-a-filter", f"{unfit[0]} chooses a page, not integrations.")])
    try:
        return finding.FILTERS.parse({name: ",".join(values) for name, values in given.lists()})
    except BadQuery as error:
        faults = [FieldError("/query", fault.code, f"{fault.pointer[1:]}: {fault.detail}") for fault in error.errors]
        raise InvalidCampaign(errors=faults) from error


def _ask(campaign: Campaign, found: Sequence[Integration], *, now: datetime) -> None:
    """Everybody who answers for one of them is told once, however many they answer for."""
    asked: set[UUID] = set()
    for at in range(0, len(found), BATCH):
        for answering in owners.owners_of(found[at : at + BATCH]).values():
            asked |= answering.named or answering.members
    tell(
        sorted(asked),
        kind="attestation",
        key=f"campaign:{campaign.pk}",
        title=campaign.title,
        detail="You are asked whether what is registered is still right.",
        path="/stewardship/attestations",
        now=now,
    )
