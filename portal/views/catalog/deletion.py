"""Deleting in the portal: one page for every kind of thing, with what hangs on it, who can clear the way, and the next step."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from catalog.domain.vocabulary import EntityKind
from catalog.selectors import deletables
from foundation.errors import STATUS, DomainError, Kind
from governance.domain.deletion import BLOCKS, DEPENDANTS, RUNNING, UNBLOCKERS, Finding, Group, Plan, Step, blocking
from governance.domain.errors import DeletionBlocked, PlanMoved
from governance.services import deletion
from portal.views.base import PortalRequest, acting, command, page
from portal.views.landscape.cells import list_url, url_of

SHOWN = 100
PAGE = "portal/catalog/deletion.html"
KINDS = {
    EntityKind.INTEGRATION: gettext_lazy("Integrations"),
    EntityKind.SYSTEM: gettext_lazy("Systems"),
    EntityKind.DATA_OBJECT: gettext_lazy("Data objects"),
    EntityKind.DOMAIN: gettext_lazy("Domains"),
    EntityKind.COMPONENT: gettext_lazy("Components"),
    EntityKind.CONNECTION_TEMPLATE: gettext_lazy("Connection templates"),
    EntityKind.CONNECTION: gettext_lazy("Connections"),
}
_WORDS = {
    Group.ENDPOINTS: gettext_lazy("Integrations that read or write it"),
    Group.CONNECTIONS: gettext_lazy("Connections to it"),
    Group.PINS: gettext_lazy("Releases that use it"),
    Group.DATA_OBJECTS: gettext_lazy("Data objects"),
    Group.SYSTEMS: gettext_lazy("Systems"),
    Group.DOMAINS: gettext_lazy("Domains that lie in it"),
    Group.ALTERNATIVES: gettext_lazy("Integrations that name it as their alternative"),
    Group.RELATIONS: gettext_lazy("Relations"),
    Group.LIVE: gettext_lazy("Runs now"),
    Group.DESIRED: gettext_lazy("Should run"),
    Group.DEPLOYMENTS: gettext_lazy("On its way"),
    Group.CHANGES: gettext_lazy("Change requests"),
    Group.LIFECYCLE: gettext_lazy("Its lifecycle"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@page
def delete(request: PortalRequest, collection: str, slug: str) -> HttpResponse:
    """The plan; and the next step, with the token of the plan that was shown."""
    kind = next((kind for kind, name in deletables.COLLECTIONS.items() if name == collection), None)
    if kind is None:
        raise Http404
    row, plan = deletion.preview(kind=kind, slug=slug, viewer=request.viewer, now=request.now)
    if request.method != "POST":
        return _shown(request, kind, row, plan)
    try:
        return _done(request, kind, row)
    except DomainError as error:
        if error.kind is not Kind.CONFLICT:
            raise
        row, plan = deletion.preview(kind=kind, slug=slug, viewer=request.viewer, now=request.now)
        return _shown(request, kind, row, plan, error=error)


def _done(request: PortalRequest, kind: EntityKind, row: Any) -> HttpResponse:
    step, token = request.POST.get("step", ""), request.POST.get("token", "")
    one = {"kind": kind, "slug": row.slug, **acting(request)}
    here = reverse("portal:delete", args=[deletables.COLLECTIONS[kind], row.slug])
    with command(request):
        if step == "reinstate":
            deletion.reinstate(**one)
        elif step == Step.TOMBSTONE:
            deletion.tombstone(token=token, **one)
        else:
            deletion.retire(token=token, **one)
    if step == "reinstate":
        messages.success(request, _("It is in use again."))
        return redirect(here)
    if step != Step.TOMBSTONE:
        messages.success(request, _("It is retired. Nothing new may use it; what uses it keeps it."))
        return redirect(here)
    messages.success(request, _("“%s” is deleted. An administrator can bring it back.") % row.title)
    return redirect("portal:tombstones" if request.viewer.is_administrator else "portal:integrations")


def _shown(request: PortalRequest, kind: EntityKind, row: Any, plan: Plan, *, error: DomainError | None = None) -> HttpResponse:
    by_group: dict[Group, list[Finding]] = defaultdict(list)
    for finding in plan.findings:
        by_group[finding.group].append(finding)
    stops = blocking(plan, plan.step)
    context = {
        "now": request.now,
        "title": row.title,
        "slug": row.slug,
        "kind": KINDS[kind],
        "list_url": list_url(kind),
        "url": url_of(kind, row.slug),
        "step": plan.step.value,
        "is_integration": kind is EntityKind.INTEGRATION,
        "is_retired": plan.is_retired,
        "token": plan.token,
        "may_proceed": plan.may_proceed,
        "may_act": plan.step is Step.RETIRE or deletables.may_delete(kind, row, request.viewer),
        "may_reinstate": plan.is_retired and kind is not EntityKind.INTEGRATION,
        "blockers": [
            {"words": _WORDS[group], "count": len(by_group[group]), "who": UNBLOCKERS[group], "url": _way_out(group, row)}
            for group in stops
        ],
        "groups": [_group(group, by_group[group]) for group in (*RUNNING, Group.CHANGES, Group.LIFECYCLE, *DEPENDANTS) if by_group[group]],
        "refusal": _refusal(error),
        "changed": _changed(error),
    }
    return render(request, PAGE, context, status=STATUS[error.kind] if error else 200)


def _way_out(group: Group, row: Any) -> str:
    """Where what runs is asked to be taken out; nothing for what has no page of its own."""
    return f"{reverse('portal:change_new')}?integration={row.slug}&action=retire" if group in {Group.LIVE, Group.DESIRED} else ""


def _group(group: Group, found: Sequence[Finding]) -> dict[str, Any]:
    seen = [finding for finding in found if finding.is_seen]
    hidden = len(found) - len(seen)
    more = len(seen) - SHOWN
    return {
        "id": group.value,
        "words": _WORDS[group],
        "count": len(found),
        "blocks": BLOCKS[group],
        "items": [{"title": each.title, "detail": each.detail, "url": _link(each)} for each in seen[:SHOWN]],
        "more": ngettext("and %d more", "and %d more", more) % more if more > 0 else "",
        "hidden": ngettext("%d that you may not see", "%d that you may not see", hidden) % hidden if hidden else "",
    }


def _link(finding: Finding) -> str:
    if finding.kind == "change-request":
        return reverse("portal:change", args=[finding.slug])
    if finding.kind == "deployment":
        return reverse("portal:deployment", args=[finding.ref])
    return url_of(EntityKind(finding.kind), finding.slug) if finding.kind in set(EntityKind) else ""


def _refusal(error: DomainError | None) -> str:
    if isinstance(error, PlanMoved):
        return _("Something has changed since this page was shown. Look again before you decide.")
    if isinstance(error, DeletionBlocked):
        return _("Something stands in the way; it is named beside.")
    return str(error) if error else ""


def _changed(error: DomainError | None) -> list[str]:
    """What moved since the plan was shown, one sentence each."""
    told = error.extra.get("changed", []) if error else []
    return [_moved(each) for each in told]


def _moved(each: dict[str, Any]) -> str:
    if each["what"] == "version":
        return _("It was edited.")
    said = {"what": _WORDS[Group(each["what"])], "added": each["added"], "removed": each["removed"]}
    sentence = _("%(what)s: %(added)d came, %(removed)d went.") % said
    return f"{sentence} {', '.join(each['named'])}" if each["named"] else sentence
