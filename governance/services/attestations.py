"""What owners say of their integrations: right, corrected, or not theirs. One by one, or many with an answer for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.domain.inputs import lines_of
from accounts.domain.viewers import Viewer
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.models import Integration
from catalog.services import integrations, owners
from foundation.errors import DomainError, FieldError
from foundation.secrets import without_secrets
from governance.domain.errors import CampaignClosed, InvalidAnswer, NotAsked
from governance.models import Attestation, Campaign
from governance.selectors import stewardship

SUBJECT = "governance.attestation"
Answer = Attestation.Answer


@dataclass(frozen=True, slots=True)
class Result:
    """How one row of a bulk answer went. `problem` is the refusal, None when it was taken; then `row` is as saved."""

    integration: str
    answer: str
    row: Integration | None = None
    problem: DomainError | None = None


def answer_many(
    *, answers: Sequence[Mapping[str, Any]], campaign_id: UUID | None = None, actor: Actor, viewer: Viewer, now: datetime
) -> list[Result]:
    """Answer for each row `{integration, answer, note?, changes?, version?}`, in order; a row that is refused leaves the others alone.

    Raises CampaignMissing, CampaignClosed.
    """
    if campaign_id is not None and stewardship.campaign(campaign_id).state == Campaign.State.CLOSED:
        raise CampaignClosed
    results = []
    for given in answers:
        name = without_secrets(given["integration"])
        try:
            row = attest(**given, campaign_id=campaign_id, actor=actor, viewer=viewer, now=now)
            results.append(Result(name, given["answer"], row=row))
        except DomainError as error:
            results.append(Result(name, given["answer"], problem=error))
    return results


@transaction.atomic
def attest(
    *,
    integration: str,
    answer: str,
    note: str = "",
    changes: Mapping[str, Any] | None = None,
    version: int | None = None,
    campaign_id: UUID | None = None,
    actor: Actor,
    viewer: Viewer,
    now: datetime,
) -> Integration:
    """Say that what is registered is right (`confirm`), put it right (`correct`: `changes` of the `version` read), or give up one's
    roles (`disown`). It answers the campaign named, else every open campaign that waits for it.

    `confirm` moves the clock `attested_at` only. Raises: IntegrationMissing, NotAnOwner, NotAsked, InvalidAnswer, and what the edit raises.
    """
    row = integrations.lock_visible(integration, viewer)
    owners.require_owner(row, viewer)
    text = _checked(answer, note, changes, version)
    asked = _asked(row, campaign_id)
    if answer == Answer.CORRECT:
        row = integrations.update_integration(
            slug=row.slug, changes=changes or {}, expected_version=version, actor=actor, viewer=viewer, now=now
        )
    if answer == Answer.DISOWN and not owners.replace_owner(
        integration_id=row.pk, leaver=viewer.user_id, successor=None, actor=actor, now=now
    ):
        raise InvalidAnswer("You hold no role here that you could give up.")
    owners.record_word(integration=row, answer=answer, campaign_id=campaign_id, actor=actor, now=now)
    for each in asked:
        _answer(each, answer, text, actor=actor, viewer=viewer, now=now)
    return Integration.objects.get(pk=row.pk)


def _checked(answer: str, note: str, changes: Mapping[str, Any] | None, version: int | None) -> str:
    """The note, read; raises InvalidAnswer and Invalid for what does not fit the answer."""
    faults = []
    if answer == Answer.CORRECT and not changes:
        faults.append(FieldError("/changes", "required", "Say what is right instead."))
    if answer == Answer.CORRECT and version is None:
        faults.append(FieldError("/version", "required", "Name the version you have read."))
    if answer != Answer.CORRECT and changes:
        faults.append(FieldError("/changes", "unexpected", "Only a correction changes something."))
    if faults:
        raise InvalidAnswer(errors=faults)
    return lines_of("note", note, most=4000)


def _asked(row: Integration, campaign_id: UUID | None) -> list[Attestation]:
    waiting = Attestation.objects.select_for_update(of=("self",)).filter(integration=row, answer="", campaign__state=Campaign.State.OPEN)
    if campaign_id is None:
        return list(waiting.order_by("pk"))
    found = list(waiting.filter(campaign_id=campaign_id))
    if not found:
        raise NotAsked
    return found


def _answer(asked: Attestation, answer: str, note: str, *, actor: Actor, viewer: Viewer, now: datetime) -> None:
    asked.answer, asked.note, asked.answered_by_id, asked.answered_at = answer, note, viewer.user_id, now
    asked.save(update_fields=["answer", "note", "answered_by", "answered_at"])
    facts = {"campaign": asked.campaign_id, "integration": asked.integration_id, "answer": str(answer)}
    texts = {"note": note} if note else None
    record("governance.attestation.answered", subject=(SUBJECT, asked.pk), actor=actor, at=now, facts=facts, texts=texts)
