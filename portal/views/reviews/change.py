"""One change request: the decision and its evidence on one screen, the vote, the way back."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.domain.errors import Invalid
from catalog.selectors import integrations as integration_selectors
from foundation.errors import DomainError, Kind
from foundation.secrets import without_secrets
from governance.domain.ballots import Choice
from governance.domain.errors import ContentMoved, ReasonNeeded
from governance.domain.lifecycle import Action, State
from governance.selectors import change_requests as selectors
from governance.selectors import timelines
from governance.selectors.change_requests import Overview
from governance.services import change_requests, votes
from portal.forms.reviews import VoteForm, WithdrawForm
from portal.views.base import PortalRequest, acting, command, page, sentences
from portal.views.reviews import facts


@require_safe
@page
def change(request: PortalRequest, number: int) -> HttpResponse:
    """One change request."""
    return _shown(request, number)


def _shown(
    request: PortalRequest, number: int, *, note: str = "", note_error: str = "", moved: Any = None, status: int = 200
) -> HttpResponse:
    """The page, also after a refused vote: what was written is kept."""
    found = selectors.get_visible(number, request.viewer)
    overview = _overview_for(found, request)
    context = {
        "now": request.now,
        "change": facts.facts_of(overview),
        "moved": moved,
        "words": [facts.words_of(statement) for target in overview.targets for statement in target.statements][:60],
        "diff": facts.diff_of(overview),
        "payload": overview.targets[0].new if overview.targets and not overview.redacted else None,
        "payload_redacted": _("Shown to the owning team, to those who vote, and to auditors.") if overview.redacted else "",
        "checks": [facts.check_of(r) for r in overview.requirements if r.kind == "check"],
        "requirements": [facts.requirement_of(r) for r in overview.requirements if r.kind == "quorum"],
        "verdict": facts.verdict_of(overview),
        "votes": [facts.vote_of(vote, overview) for vote in overview.votes],
        "targets": facts.targets_of(overview),
        "entries": [facts.entry_of(happening) for happening in reversed(timelines.timeline_of(found))],
        "may_vote": overview.may_vote,
        "why_not_vote": facts.why_not(overview),
        "may_withdraw": overview.may_withdraw,
        "my_vote": facts.my_vote(overview, request),
        "note": note,
        "note_error": note_error,
        "evidence_url": reverse("portal:evidence", args=[number]) if request.viewer.reads_log else "",
    }
    return render(request, "portal/reviews/change.html", context, status=status)


def _overview_for(change: Any, request: PortalRequest) -> Overview:
    """The request as this viewer may see it now."""
    redacted = not integration_selectors.sees_inside(change.integration_id, request.viewer)
    return selectors.overview_of(change, request.viewer, now=request.now, redacted=redacted)


@require_POST
@page
def vote(request: PortalRequest, number: int) -> HttpResponse:
    """Cast a vote on the digest that was shown."""
    form = VoteForm(request.POST)
    if not form.is_valid():
        fault = str(next(iter(form.errors.values()))[0])
        return _shown(request, number, note=request.POST.get("note", ""), note_error=fault, status=422)
    note, shown, value = (form.cleaned_data[name] for name in ("note", "subject_digest", "value"))
    try:
        with command(request):
            after = votes.cast_vote(number=number, choice=Choice(value), shown=shown, reason=note, **acting(request))
    except ContentMoved:
        return _shown(request, number, note=note, moved=_moved_since(request, number, shown), status=412)
    except (Invalid, ReasonNeeded) as error:
        fault = error.errors[0].detail if error.errors else str(error)
        return _shown(request, number, note=without_secrets(note), note_error=fault, status=422)
    except DomainError as error:
        return _told_back(request, number, error)
    messages.success(request, _told(Choice(value), after))
    return _back_to(request, number)


def _back_to(request: PortalRequest, number: int) -> HttpResponse:
    """The request's page; the inbox for a judge whose view of a restricted integration ended with the decision."""
    seen = selectors.visible_to(request.viewer).filter(number=number).exists()
    return redirect("portal:change", number) if seen else redirect("portal:reviews")


def _told_back(request: PortalRequest, number: int, error: DomainError) -> HttpResponse:
    """A refusal on the page it came from; what may not be seen stays not found."""
    if error.kind is Kind.MISSING:
        raise error
    for sentence in sentences(error):
        messages.error(request, sentence)
    return redirect("portal:change", number)


def _told(choice: Choice, after: Any) -> str:
    """What the vote did, in a sentence."""
    if after.state in {State.DISPATCHED, State.COMPLETED}:
        if after.action == Action.RETIRE:
            return _("Your vote is recorded. It was the last one needed: it is being taken out.")
        return _("Your vote is recorded. It was the last one needed: the release is on its way.")
    if choice is Choice.RETRACT:
        return _("Your vote is taken back.")
    return _("Your vote is recorded.")


def _moved_since(request: PortalRequest, number: int, shown: str) -> dict[str, Any]:
    """What happened to the content after the page was shown."""
    found = selectors.get_visible(number, request.viewer)
    edits = [h for h in timelines.timeline_of(found) if h.verb == "governance.change.submitted"]
    after = edits[1:] if len(edits) > 1 else edits
    last = after[-1] if after else None
    changes = [{"text": _("A new revision with other content was submitted.")}]
    if last is not None and last.facts.get("origin") == "rebase":
        changes = [{"text": _("What runs there today changed, so the difference is another one.")}]
    return {"shown_digest": shown, "changes": changes, "at": last.at if last else request.now, "by": last.who if last else "Portolan"}


@require_POST
@page
def withdraw(request: PortalRequest, number: int) -> HttpResponse:
    """Take a request back."""
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect("portal:change", number)
    try:
        with command(request):
            change_requests.withdraw(number=number, reason=form.cleaned_data["reason"], **acting(request))
    except DomainError as error:
        return _told_back(request, number, error)
    messages.success(request, _("The request is withdrawn."))
    return redirect("portal:change", number)
