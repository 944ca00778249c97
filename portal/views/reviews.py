"""The review inbox and one change request: the decision and its evidence on one screen."""

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from catalog.selectors import integrations as integration_selectors
from catalog.selectors import releases as release_selectors
from foundation.cursors import paginate
from foundation.errors import DomainError
from foundation.filters import choice, compile_filters
from governance.domain.ballots import Choice
from governance.domain.errors import ContentMoved, ReasonNeeded
from governance.domain.lifecycle import UNDISPATCHED, VOTABLE, State
from governance.selectors import change_requests as selectors
from governance.selectors import timelines
from governance.selectors.change_requests import Overview, RequirementView
from governance.services import change_requests, preview, votes
from portal.views.base import PortalRequest, acting, command, page, sentences
from runtime_adapters.selectors import deployments as deployment_selectors
from runtime_adapters.selectors import runtimes as runtime_selectors

LIST = compile_filters(
    {"state": choice("state", [state.value for state in State])}, sorts={"number": ("number",)}, default_sort="-number", search=None
)
CHECK_STATES = {"satisfied": "passed", "failed": "failed", "waiting": "pending"}
REQUIREMENT_STATES = {"satisfied": "satisfied", "failed": "failed", "waiting": "pending"}
TONES = {
    "governance.change.approved": "ok",
    "governance.change.completed": "ok",
    "governance.change.rejected": "bad",
    "governance.change.failed": "bad",
    "governance.rollback.triggered": "bad",
    "governance.change.returned": "warn",
    "runtime_adapters.deployment.proven": "ok",
    "runtime_adapters.deployment.succeeded": "ok",
    "runtime_adapters.deployment.unhealthy": "bad",
    "runtime_adapters.deployment.failed": "bad",
    "runtime_adapters.deployment.halted": "bad",
}


@require_GET
@page
def inbox(request: PortalRequest) -> HttpResponse:
    """What waits for this person, what they asked for, or all they may see."""
    tab = request.GET.get("tab", "waiting")
    waiting = selectors.waiting_for(request.viewer, request.now)
    mine = selectors.requested_by(request.viewer)
    following = None
    if tab == "waiting":
        rows = waiting
    else:
        asked = {name: value for name, value in request.GET.items() if name != "tab"}
        found = paginate(LIST.parse(asked), mine if tab == "mine" else selectors.visible_to(request.viewer))
        rows, following = list(found.rows), found.next
    shown = [row_of(change, request) for change in rows]
    if tab == "waiting":
        shown.sort(key=lambda row: (RISK_ORDER[row["risk"]], row["number"]))
    context = {
        "now": request.now,
        "tab": tab if tab in {"waiting", "mine", "all"} else "all",
        "counts": {"waiting": len(waiting), "mine": mine.count(), "all": None},
        "late": 0,
        "rows": shown,
        "next_cursor": following,
        "can_request": bool(request.viewer.team_ids) or request.viewer.is_administrator,
    }
    return render(request, "portal/reviews/inbox.html", context)


RISK_ORDER = {"high": 0, "medium": 1, "low": 2, "none": 3}


def row_of(change: Any, request: PortalRequest) -> dict[str, Any]:
    """One line of a list of requests."""
    overview = overview_for(change, request)
    quorums = [r for r in overview.requirements if r.kind == "quorum"]
    return {
        "number": change.number,
        "url": reverse("portal:change", args=[change.number]),
        "title": title_of(change),
        "requester": requester_of(change),
        "environment": ", ".join(dict.fromkeys(t.environment_title for t in overview.targets)),
        "state": overview.state.value,
        "risk": risk_of(overview),
        "checks": checks_summary(overview),
        "approvals": {"have": sum(r.have for r in quorums), "needed": sum(r.needs for r in quorums)},
        "due_at": None,
        "expires_at": (change.execute_until or change.review_until) if overview.state in VOTABLE else None,
        "unblock": unblock_sentence(overview),
        "is_votable": overview.may_vote,
    }


def overview_for(change: Any, request: PortalRequest) -> Overview:
    """The request as this viewer may see it now."""
    redacted = not integration_selectors.sees_inside(change.integration_id, request.viewer)
    return selectors.overview_of(change, request.viewer, now=request.now, redacted=redacted)


def title_of(change: Any) -> str:
    """What is asked for, in a line."""
    return f"{change.integration.title} {change.release.version if change.release else ''}".strip()


def requester_of(change: Any) -> str:
    """Who asked; an automatic rollback asks for itself."""
    return change.requester.display_name if change.requester else "Portolan"


def risk_of(overview: Overview) -> str:
    """A reader's first hint, from the tier and from what the difference removes or changes; it decides nothing."""
    kinds = {statement.kind.value for target in overview.targets for statement in target.statements}
    critical = overview.change.integration.tier == 1
    if not kinds:
        return "none"
    if "removed" in kinds or (critical and "changed" in kinds):
        return "high"
    return "medium" if "changed" in kinds or critical else "low"


def checks_summary(overview: Overview) -> dict[str, str]:
    """All passed, so many failed, or not run yet."""
    checks = [r for r in overview.requirements if r.kind == "check"]
    failed = sum(r.status == "failed" for r in checks)
    if failed:
        return {"state": "failed", "word": _("%(failed)d of %(all)d failed") % {"failed": failed, "all": len(checks)}}
    if any(r.status == "waiting" for r in checks):
        return {"state": "pending", "word": _("Running")}
    return {"state": "passed", "word": _("All %d passed") % len(checks) if checks else _("None asked for")}


def unblock_sentence(overview: Overview) -> str:
    """Who or what can move it next."""
    names: list[str] = []
    for requirement in overview.requirements:
        names += [who.name for who in requirement.who_can_unblock if who.name not in names]
    return _("Can unblock: %s") % ", ".join(names) if names else ""


@require_GET
@page
def change(request: PortalRequest, number: int) -> HttpResponse:
    """One change request."""
    return shown_change(request, number)


def shown_change(
    request: PortalRequest, number: int, *, note: str = "", note_error: str = "", moved: Any = None, status: int = 200
) -> HttpResponse:
    """The page, also after a refused vote: what was written is kept."""
    found = selectors.get_visible(number, request.viewer)
    overview = overview_for(found, request)
    context = {
        "now": request.now,
        "change": facts_of(overview),
        "moved": moved,
        "words": [words_of(statement) for target in overview.targets for statement in target.statements][:60],
        "diff": diff_of(overview),
        "payload": overview.targets[0].new if overview.targets and not overview.redacted else None,
        "payload_redacted": _("Shown to the owning team, to those who vote, and to auditors.") if overview.redacted else "",
        "checks": [check_of(r) for r in overview.requirements if r.kind == "check"],
        "requirements": [requirement_of(r) for r in overview.requirements if r.kind == "quorum"],
        "verdict": verdict_of(overview),
        "votes": [vote_of(vote, overview) for vote in overview.votes],
        "targets": targets_of(overview),
        "entries": [entry_of(happening) for happening in reversed(timelines.timeline_of(found))],
        "may_vote": overview.may_vote,
        "why_not_vote": why_not(overview),
        "may_withdraw": overview.may_withdraw,
        "my_vote": my_vote(overview, request),
        "note": note,
        "note_error": note_error,
        "evidence_url": reverse("portal:evidence", args=[number]) if request.viewer.reads_log else "",
    }
    return render(request, "portal/reviews/change.html", context, status=status)


def facts_of(overview: Overview) -> dict[str, Any]:
    """The request's own facts."""
    found = overview.change
    base = next((t.base_version for t in overview.targets if t.base_version), "")
    where = ", ".join(dict.fromkeys(t.environment_title for t in overview.targets))
    return {
        "number": found.number,
        "title": title_of(found),
        "headline": headline_of(overview, base, where),
        "state": overview.state.value,
        "is_open": overview.state in UNDISPATCHED,
        "is_votable": overview.state in VOTABLE,
        "action": found.action,
        "change_class": found.change_class,
        "revision": found.revision,
        "integration_title": found.integration.title,
        "integration_url": reverse("portal:integration", args=[found.integration.slug]),
        "release_version": found.release.version if found.release else "",
        "base_version": base,
        "environment": where,
        "requester": requester_of(found),
        "contributors": contributors_of(overview),
        "reason": found.reason,
        "created_at": found.created_at,
        "submitted_at": found.submitted_at,
        "expires_at": found.execute_until or found.review_until,
        "closed_at": found.closed_at,
        "closed_because": closed_because(overview),
        "subject_digest": found.subject_digest,
        "release_digest": found.release_digest,
        "risk": risk_of(overview),
        "impact": "",
    }


def headline_of(overview: Overview, base: str, where: str) -> str:
    """The change in one sentence."""
    found = overview.change
    version = found.release.version if found.release else ""
    values = {"title": found.integration.title, "version": version, "base": base, "where": where}
    if found.change_class == "rollback":
        return _("%(title)s goes back to %(version)s in %(where)s") % values
    if base:
        return _("%(title)s %(version)s replaces %(base)s in %(where)s") % values
    return _("%(title)s %(version)s runs in %(where)s for the first time") % values


def contributors_of(overview: Overview) -> list[str]:
    """Names of everybody whose work is judged."""
    return sorted(selectors.names_of(overview.change.contributors).values())


def closed_because(overview: Overview) -> str:
    """Why nothing can be decided here any more."""
    if overview.state is State.EXPIRED:
        return _("Its time ran out before enough people agreed.")
    if overview.state is State.FAILED:
        return _("The release did not pass its health gate or could not be delivered; the timeline says what followed.")
    return ""


def words_of(statement: Any) -> dict[str, Any]:
    """One difference in words."""
    impact = {"added": "added", "removed": "removed", "changed": "changed"}[statement.kind.value]
    who = statement.subject if statement.subject else ""
    return {"impact": impact, "where": statement.place, "text": statement.text, "who": who if who not in statement.text else ""}


def diff_of(overview: Overview) -> dict[str, str] | None:
    """Both sides as text, for the rendered difference."""
    if overview.redacted or not overview.targets:
        return None
    target = overview.targets[0]
    version = overview.change.release.version if overview.change.release else ""
    return {
        "before": pretty(target.old) if target.base_version else "",
        "after": pretty(target.new),
        "before_name": target.base_version or _("nothing"),
        "after_name": version,
    }


def pretty(value: Any) -> str:
    """JSON as people read it."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def check_of(requirement: RequirementView) -> dict[str, Any]:
    """One automatic check."""
    return {"name": requirement.name, "status": CHECK_STATES[requirement.status], "detail": requirement.detail}


def requirement_of(requirement: RequirementView) -> dict[str, Any]:
    """One quorum with who can fill it."""
    approved = _("Approved by %s.") % ", ".join(requirement.approved_by) if requirement.approved_by else ""
    return {
        "name": requirement.name,
        "kind": requirement.kind,
        "status": REQUIREMENT_STATES[requirement.status],
        "have": requirement.have,
        "needed": requirement.needs,
        "detail": approved,
        "who_can_unblock": ", ".join(who.name for who in requirement.who_can_unblock),
        "next_change_at": requirement.next_change_at,
    }


def verdict_of(overview: Overview) -> dict[str, Any]:
    """What happens next, or who has to move."""
    if overview.state is State.DRAFT:
        return {"ready": False, "sentence": _("Sent back: the requester edits it and submits it again.")}
    if overview.state not in VOTABLE:
        return {"ready": overview.state is State.COMPLETED, "sentence": _("Nothing is left to decide.")}
    if overview.verdict == "ready":
        return {
            "ready": True,
            "sentence": overview.change.stale_reason or _("Everything is satisfied; it is sent as soon as its window opens."),
        }
    missing = sum(r.needs - r.have for r in overview.requirements if r.kind == "quorum" and r.status != "satisfied")
    failed = [r.name for r in overview.requirements if r.kind == "check" and r.status == "failed"]
    if failed:
        return {"ready": False, "sentence": _("Blocked by a failed check: %s.") % ", ".join(failed)}
    if missing:
        text = ngettext("%d more approval is needed.", "%d more approvals are needed.", missing) % missing
        return {"ready": False, "sentence": text}
    return {"ready": False, "sentence": _("The checks are still running.")}


def vote_of(vote: Any, overview: Overview) -> dict[str, Any]:
    """One ballot, and whether it counts."""
    stale = vote.subject_digest != overview.change.subject_digest
    later = any(
        v.person_id == vote.person_id and v.sequence > vote.sequence and v.subject_digest == vote.subject_digest for v in overview.votes
    )
    why = _("cast on earlier content") if stale else _("replaced by a later vote") if later else ""
    return {"person": vote.user.display_name, "value": vote.value, "at": vote.at, "note": vote.reason, "counts": not why, "why_not": why}


def targets_of(overview: Overview) -> list[dict[str, Any]]:
    """Where it would run, and how far it got."""
    sent = {d.slot_id: d for d in deployment_selectors.for_change(overview.change.id)}
    rows = []
    for target in overview.targets:
        deployment = sent.get(target.slot)
        rows.append(
            {
                "environment": target.environment_title,
                "runtime": target.runtime_title,
                "current_version": target.base_version,
                "deployment_url": reverse("portal:deployment", args=[deployment.id]) if deployment else "",
                "deployment_state": deployment.state if deployment else "",
            }
        )
    return rows


def entry_of(happening: timelines.Happening) -> dict[str, Any]:
    """One event of the timeline."""
    title = happening.words[:1].upper() + happening.words[1:]
    tone = TONES.get(happening.verb, "neutral")
    return {
        "at": happening.at,
        "title": title,
        "by": happening.who,
        "note": happening.reason,
        "tone": tone,
        "icon": {"ok": "ok", "bad": "bad", "warn": "warn"}.get(tone, "neutral"),
        "index": happening.index,
    }


def why_not(overview: Overview) -> str:
    """Why this person has no vote here."""
    if overview.is_mine:
        return _("You asked for this change or wrote part of it: nobody judges their own work.")
    if not overview.my_seats:
        return _("You are on none of the boards that decide this.")
    return ""


def my_vote(overview: Overview, request: PortalRequest) -> dict[str, Any] | None:
    """The viewer's latest vote on the present content."""
    mine = [v for v in overview.votes if v.person_id == request.viewer.person_id and v.subject_digest == overview.change.subject_digest]
    return {"value": mine[-1].value, "at": mine[-1].at} if mine and mine[-1].value != Choice.RETRACT else None


@require_POST
@page
def vote(request: PortalRequest, number: int) -> HttpResponse:
    """Cast a vote on the digest that was shown."""
    note = request.POST.get("note", "").strip()
    shown = request.POST.get("subject_digest", "")
    value = request.POST.get("value", "")
    if value not in set(Choice):
        return shown_change(request, number, note=note, note_error=_("Choose one of the decisions."), status=400)
    try:
        with command(request):
            after = votes.cast_vote(number=number, choice=Choice(value), shown=shown, reason=note, **acting(request))
    except ContentMoved:
        return shown_change(request, number, note=note, moved=moved_since(request, number, shown), status=412)
    except ReasonNeeded as error:
        return shown_change(request, number, note=note, note_error=str(error), status=422)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("portal:change", number)
    messages.success(request, told(Choice(value), after.state))
    return redirect("portal:change", number)


def told(choice: Choice, state: str) -> str:
    """What the vote did, in a sentence."""
    if state in {State.DISPATCHED, State.COMPLETED}:
        return _("Your vote is recorded. It was the last one needed: the release is on its way.")
    if choice is Choice.RETRACT:
        return _("Your vote is taken back.")
    return _("Your vote is recorded.")


def moved_since(request: PortalRequest, number: int, shown: str) -> dict[str, Any]:
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
    try:
        with command(request):
            change_requests.withdraw(number=number, reason=request.POST.get("reason", "").strip(), **acting(request))
        messages.success(request, _("The request is withdrawn."))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("portal:change", number)


class ChangeForm(forms.Form):
    """Which release should run where, and why."""

    release = forms.ChoiceField(label=gettext_lazy("Release"))
    targets = forms.MultipleChoiceField(label=gettext_lazy("Where it should run"), widget=forms.CheckboxSelectMultiple)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("The board reads this first: what changes for whom, and why now."),
    )

    def __init__(self, *args: Any, releases: list[tuple[str, str]], places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["release"].choices = releases  # type: ignore[attr-defined]
        self.fields["targets"].choices = places  # type: ignore[attr-defined]


@page
def new_change(request: PortalRequest) -> HttpResponse:
    """Ask for a change of one integration; without one, go and choose it."""
    slug = request.GET.get("integration") or request.POST.get("integration")
    if not slug:
        messages.info(request, _("Choose the integration, then request a change from its page."))
        return redirect("portal:integrations")
    integration = integration_selectors.get_visible(slug, request.viewer)
    releases = list(release_selectors.releases_of(integration))
    form = ChangeForm(
        request.POST or None,
        initial={"release": request.GET.get("release", "")},
        releases=[(release.version, release.version) for release in releases],
        places=places_for({release.runtime_kind for release in releases}),
    )
    context: dict[str, Any] = {
        "now": request.now,
        "form": form,
        "can_preview": True,
        "integration": {"title": integration.title, "url": reverse("portal:integration", args=[integration.slug])},
    }
    if request.method == "POST" and form.is_valid():
        try:
            if "preview" in request.POST:
                context["preview"] = previewed(request, integration, form)
            else:
                with command(request):
                    made = change_requests.draft_and_submit(**asked_for(integration, form), **acting(request))
                messages.success(request, _("The request is open. Its checks are running."))
                return redirect("portal:change", made.number)
        except DomainError as error:
            context["extra_errors"] = sentences(error)
    refused = request.method == "POST" and "preview" not in context
    return render(request, "portal/reviews/new.html", context, status=422 if refused else 200)


def places_for(kinds: set[str]) -> list[tuple[str, str]]:
    """Every environment and runtime that can take these kinds of release."""
    return [
        (f"{environment.slug}|{runtime.slug}", f"{environment.title} · {runtime.title}")
        for runtime in runtime_selectors.runtimes().prefetch_related("environments")
        if runtime.is_enabled and runtime.kind in kinds
        for environment in runtime.environments.all()
    ]


def asked_for(integration: Any, form: ChangeForm) -> dict[str, Any]:
    """The form as a command."""
    pairs = [target.split("|", 1) for target in form.cleaned_data["targets"]]
    return {
        "integration": integration.slug,
        "release": form.cleaned_data["release"],
        "targets": [{"environment": environment, "runtime": runtime} for environment, runtime in pairs],
        "reason": form.cleaned_data["reason"],
    }


def previewed(request: PortalRequest, integration: Any, form: ChangeForm) -> dict[str, Any]:
    """What the gate would say, written by nobody."""
    release = release_selectors.get(integration, form.cleaned_data["release"])
    asked = asked_for(integration, form)

    def read(made: Any) -> dict[str, Any]:
        overview = selectors.overview_of(made, request.viewer, now=request.now, redacted=False)
        quorums = [requirement_of(r) for r in overview.requirements if r.kind == "quorum"]
        checks = [{**check_of(r), "status": REQUIREMENT_STATES[r.status]} for r in overview.requirements if r.kind == "check"]
        return {"verdict": verdict_of(overview)["sentence"], "requirements": [*checks, *quorums]}

    return preview.evaluate_gate(
        integration=integration.slug,
        manifest=release_selectors.manifest_of(release),
        targets=asked["targets"],
        read=read,
        **acting(request),
    )
