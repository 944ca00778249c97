"""Asking for a change, and what the gate would say to it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from catalog.selectors import integrations as integration_selectors
from catalog.selectors import releases as release_selectors
from foundation.errors import STATUS, DomainError, Kind
from foundation.text import SLUG_RE
from governance.domain.lifecycle import Action
from governance.selectors import change_requests as selectors
from governance.services import change_requests, preview
from portal.forms.reviews import ChangeForm, RetirementForm
from portal.views.base import PortalRequest, acting, command, page, sentences
from portal.views.reviews import facts
from runtime_adapters.selectors import deployments as deployment_selectors
from runtime_adapters.selectors import runtimes as runtime_selectors


@require_http_methods(["GET", "HEAD", "POST"])
@page
def new_change(request: PortalRequest) -> HttpResponse:
    """Ask for a change of one integration; without one, go and choose it."""
    slug = request.GET.get("integration") or request.POST.get("integration") or ""
    if not SLUG_RE.match(slug):
        messages.info(request, _("Choose the integration, then request a change from its page."))
        return redirect("portal:integrations")
    integration = integration_selectors.get_visible(slug, request.viewer)
    takes_out = request.GET.get("action") == Action.RETIRE
    form = _retirement_form(request, integration) if takes_out else _change_form(request, integration)
    context: dict[str, Any] = {
        "now": request.now,
        "form": form,
        "can_preview": True,
        "takes_out": takes_out,
        "stands_nowhere": takes_out and not form.fields["targets"].choices,  # type: ignore[attr-defined]
        "integration": {
            "title": integration.title,
            "slug": integration.slug,
            "url": reverse("portal:integration", args=[integration.slug]),
        },
    }
    if request.method == "POST" and form.is_valid():
        try:
            if "preview" in request.POST:
                context["preview"] = _previewed(request, integration, form)
            else:
                with command(request):
                    made = change_requests.draft_and_submit(**_asked_for(integration, form), **acting(request))
                messages.success(request, _("The request is open. Its checks are running."))
                return redirect("portal:change", made.number)
        except DomainError as error:
            if error.kind is Kind.MISSING:
                raise
            context["extra_errors"] = sentences(error)
            return render(request, "portal/reviews/new.html", context, status=STATUS[error.kind])
    refused = request.method == "POST" and "preview" not in context
    return render(request, "portal/reviews/new.html", context, status=422 if refused else 200)


def _change_form(request: PortalRequest, integration: Any) -> ChangeForm:
    releases = list(release_selectors.releases_of(integration))
    return ChangeForm(
        request.POST or None,
        initial={"release": request.GET.get("release", "")},
        releases=[(release.version, release.version) for release in releases],
        places=_places_for({release.runtime_kind for release in releases}),
    )


def _retirement_form(request: PortalRequest, integration: Any) -> RetirementForm:
    slots = list(deployment_selectors.slots_visible_to(request.viewer, integration_id=integration.pk))
    held = deployment_selectors.holding(slot.id for slot in slots)
    standing = sorted((slot for slot in slots if slot.id in held), key=lambda slot: (slot.environment.rank, slot.runtime.slug_key))
    return RetirementForm(request.POST or None, places=[_standing(slot) for slot in standing if slot.runtime.is_enabled])


def _standing(slot: Any) -> tuple[str, str]:
    """A place to take it out of, and which release should run there; none where only a rest of it is left."""
    release = slot.desired.release
    where = f"{slot.environment.title} · {slot.runtime.title}"
    return f"{slot.environment.slug}|{slot.runtime.slug}", f"{where} ({release.version if release else _('what is left there')})"


def _places_for(kinds: set[str]) -> list[tuple[str, str]]:
    """Every environment and runtime that can take these kinds of release."""
    return [
        (f"{environment.slug}|{runtime.slug}", f"{environment.title} · {runtime.title}")
        for runtime in runtime_selectors.runtimes().prefetch_related("environments")
        if runtime.is_enabled and runtime.kind in kinds
        for environment in runtime.environments.all()
    ]


def _asked_for(integration: Any, form: ChangeForm | RetirementForm) -> dict[str, Any]:
    """The form as a command."""
    pairs = [target.split("|", 1) for target in form.cleaned_data["targets"]]
    return {
        "action": Action.RETIRE if isinstance(form, RetirementForm) else Action.DEPLOY,
        "integration": integration.slug,
        "release": form.cleaned_data.get("release"),
        "targets": [{"environment": environment, "runtime": runtime} for environment, runtime in pairs],
        "reason": form.cleaned_data["reason"],
    }


def _previewed(request: PortalRequest, integration: Any, form: ChangeForm | RetirementForm) -> dict[str, Any]:
    """What the gate would say, written by nobody."""
    asked = _asked_for(integration, form)
    release = release_selectors.get(integration, asked["release"]) if asked["release"] else None

    def read(made: Any) -> dict[str, Any]:
        overview = selectors.overview_of(made, request.viewer, now=request.now, redacted=False)
        quorums = [facts.requirement_of(r) for r in overview.requirements if r.kind == "quorum"]
        checks = [{**facts.check_of(r), "status": facts.REQUIREMENT_STATES[r.status]} for r in overview.requirements if r.kind == "check"]
        return {"verdict": facts.verdict_of(overview)["sentence"], "requirements": [*checks, *quorums]}

    return preview.evaluate_gate(
        action=asked["action"],
        integration=integration.slug,
        manifest=release_selectors.manifest_of(release) if release else None,
        targets=asked["targets"],
        read=read,
        **acting(request),
    )
