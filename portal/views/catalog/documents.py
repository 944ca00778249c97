"""What is written about one integration: which sections there are and whether they hold, one section, writing and verifying it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.domain.documents import Reason, SectionState
from catalog.domain.errors import DocumentMissing
from catalog.domain.rights import may_edit, require_editor
from catalog.domain.vocabulary import Section
from catalog.selectors import documents as selectors
from catalog.selectors import integrations, releases
from catalog.services import documents as commands
from foundation.errors import STATUS, DomainError, Kind
from governance.selectors import notifications
from portal.components.markdown import article
from portal.forms.documents import SECTION_ANSWERS, SECTION_WORDS, DocumentForm, VerifyForm
from portal.forms.places import place
from portal.views.base import PortalRequest, acting, command, page
from portal.views.catalog.frame import at_present_name
from portal.views.catalog.tabs import tabs_of

FORM_PAGE = ["GET", "HEAD", "POST"]
SHOWN_RELEASES = 20
# Why a section stands as it does, and what to do about it; `version` is what it was verified for, `newer` what counts now.
_REASONS: Mapping[Reason, tuple[Promise, Promise | str]] = {
    Reason.NEVER_VERIFIED: (
        gettext_lazy("Nobody has said that it holds for a release."),
        gettext_lazy("Read it against the release that runs, then verify it."),
    ),
    Reason.NEWER_LIVE: (
        gettext_lazy("%(newer)s runs in production; this was verified for %(version)s."),
        gettext_lazy("Read it against %(newer)s, mend what changed, then verify it."),
    ),
    Reason.NEWER_PUBLISHED: (
        gettext_lazy("%(newer)s is published; this was verified for %(version)s."),
        gettext_lazy("Read it against %(newer)s, mend what changed, then verify it."),
    ),
    Reason.WENT_BACK: (
        gettext_lazy("Production went back to %(older)s; this was verified for %(version)s."),
        gettext_lazy("While %(older)s runs, look in the history for what was verified for it, or verify the text for it."),
    ),
    Reason.AHEAD: (
        gettext_lazy("Verified for %(version)s, which does not run in production yet; %(older)s does."),
        gettext_lazy("Nothing, if %(version)s is on its way. Until then the history has what was written for %(older)s."),
    ),
    Reason.CHANGED_SINCE: (
        gettext_lazy("The text was changed after it was verified for %(version)s."),
        gettext_lazy("Verify it again to say that the new text holds."),
    ),
    Reason.VERIFIED: (gettext_lazy("Verified for %(version)s; nothing newer counts."), ""),
}
_CLASHES = {Kind.PRECONDITION, Kind.PRECONDITION_REQUIRED, Kind.CONFLICT}


@require_http_methods(FORM_PAGE)
@page
@at_present_name
def documents(request: PortalRequest, slug: str) -> HttpResponse:
    """The sections with how each stands; posting here writes the section that the form names."""
    found = integrations.get_visible(slug, request.viewer)
    if request.method == "POST":
        return _saved(request, found, DocumentForm(request.POST))
    rows = document_rows(found, selectors.documents_of(found))
    context = {
        **frame(request, found),
        "rows": rows,
        "missing": [row for row in rows if row["state"] == "missing"],
        "stale": [row for row in rows if row["state"] == "stale"],
        "subscription": subscription_of(request, found),
    }
    return render(request, "portal/catalog/documents/list.html", context)


@require_safe
@page
@at_present_name
def document(request: PortalRequest, slug: str, section: str) -> HttpResponse:
    """One section with its contents, how it stands, and what to do about that."""
    found = integrations.get_visible(slug, request.viewer)
    written = next((one for one in selectors.documents_of(found) if one.section == known(section)), None)
    state = next(one for one in selectors.outline_of(found, [written] if written else []) if one.section == section)
    edits = may_edit(request.viewer, found.team_id)
    told = article(written.body) if written else None
    context = {
        **frame(request, found),
        "document": _facts(section, state, written),
        "body": told.html if told else "",
        "contents": told.contents if told and len(told.contents) > 1 else [],
        "verify_form": _verify_form(found, state, written) if edits and written else None,
        "subscription": subscription_of(request, found),
    }
    return render(request, "portal/catalog/documents/section.html", context)


@require_http_methods(FORM_PAGE)
@page
def edit_document(request: PortalRequest, slug: str, section: str) -> HttpResponse:
    """Write a section, or the first text of one."""
    found = integrations.get_visible(slug, request.viewer)
    require_editor(request.viewer, found.team_id)
    initial: dict[str, Any] = {"section": known(section)}
    if request.method == "POST":
        return _saved(request, found, DocumentForm({**request.POST.dict(), **initial}))
    try:
        written = selectors.get(found, section)
        initial |= {"body": written.body, "version": written.version}
    except DocumentMissing:
        pass  # nobody wrote it yet: an empty form
    return _form_page(request, found, DocumentForm(initial=initial), section)


@require_POST
@page
def verify_document(request: PortalRequest, slug: str, section: str) -> HttpResponse:
    """Say that the text that was read holds for a release."""
    found = integrations.get_visible(slug, request.viewer)
    back = redirect("portal:document", found.slug, known(section))
    form = VerifyForm(request.POST, releases=_release_choices(found))
    if not form.is_valid():
        messages.error(request, _("Choose the release that you read it against."))
        return back
    values = {"release": form.cleaned_data["release"], "expected_version": form.cleaned_data["version"]}
    try:
        with command(request):
            commands.verify_document(integration=found.slug, section=section, **values, **acting(request))
    except DomainError as error:
        if error.kind not in _CLASHES:
            raise
        messages.warning(request, _("Somebody changed the text while you were reading. Read it as it is now, then verify it."))
        return back
    messages.success(request, _("Verified for %s.") % values["release"])
    return back


def document_rows(found: Any, written: Sequence[Any]) -> list[dict[str, Any]]:
    """Every section that is asked for or written, in order, then those that may be written; two queries besides the documents."""
    present = {one.section: one for one in written}
    rows = [_facts(state.section, state, present.get(state.section)) for state in selectors.outline_of(found, written)]
    for row in rows:
        row["url"] = reverse("portal:document", args=[found.slug, row["section"]])
    return sorted(rows, key=lambda row: bool(row["state"] == "unwritten"))


def frame(request: PortalRequest, found: Any) -> dict[str, Any]:
    """What the pages about documents share."""
    return {
        "now": request.now,
        "integration": {"title": found.title, "slug": found.slug},
        "tabs": tabs_of(found.slug, "portal:documents"),
        "may_edit": may_edit(request.viewer, found.team_id),
    }


def subscription_of(request: PortalRequest, found: Any) -> dict[str, Any]:
    """Whether the viewer follows the documents, and which sections (none: all)."""
    row = notifications.subscription_to(found.id, request.viewer)
    chosen = set(row.sections) if row else set()
    choices = [{"value": section.value, "label": words, "checked": section.value in chosen} for section, words in SECTION_WORDS.items()]
    return {"is_on": row is not None, "choices": choices, "names": [one["label"] for one in choices if one["checked"]]}


def known(section: str) -> str:
    """The section as it stands in the address, if there is such a one."""
    if section not in set(Section):
        raise Http404("There is no such section.")
    return section


def _facts(section: str, state: SectionState, written: Any) -> dict[str, Any]:
    word = "missing" if state.is_missing else "unwritten"
    return {
        "section": section,
        "title": SECTION_WORDS[Section(section)],
        "answers": SECTION_ANSWERS[Section(section)],
        "is_required": state.is_required,
        "state": state.freshness.value if state.freshness else word,
        "version": state.version,
        "changed_at": written.changed_at if written else None,
        "verified_for": written.verified_for.version if written and written.verified_for else "",
        "verified_at": written.verified_at if written else None,
        "verified_by": written.verified_by.display_name if written and written.verified_by else "",
        **_words(state, written),
    }


def _words(state: SectionState, written: Any) -> dict[str, str]:
    """Why it stands so, and what to do about it."""
    if written is None:
        why = (
            _("Its tier asks for this section, and nobody wrote it.")
            if state.is_missing
            else _("Nobody wrote it; its tier does not ask for it.")
        )
        return {"why": why, "next": _("Write it.") if state.is_missing else ""}
    known_as = {
        "version": written.verified_for.version if written.verified_for else "",
        "newer": state.newer or "",
        "older": state.older or "",
    }
    reason, todo = _REASONS[state.reason or Reason.NEVER_VERIFIED]
    changed = state.changed_since_verified and state.reason is not Reason.CHANGED_SINCE
    more = " " + _("The text was changed since.") if changed else ""
    return {"why": str(reason) % known_as + more, "next": str(todo) % known_as}


def _verify_form(found: Any, state: SectionState, written: Any) -> VerifyForm | None:
    choices = _release_choices(found)
    if not choices:
        return None
    running = {live.release.version: live.environment.is_production for live in releases.live_releases(found.id)}
    likely = state.newer or state.older or next((version for version, in_production in running.items() if in_production), choices[0][0])
    return VerifyForm(initial={"release": likely, "version": written.version}, releases=choices)


def _release_choices(found: Any) -> list[tuple[str, str]]:
    return [(release.version, release.version) for release in releases.releases_of(found)[:SHOWN_RELEASES]]


def _saved(request: PortalRequest, found: Any, form: DocumentForm) -> HttpResponse:
    """Save one section; what was typed stays on the page when it is refused."""
    if not form.is_valid():
        require_editor(request.viewer, found.team_id)
        return _form_page(request, found, form, str(form.data.get("section", "")), status=422)
    values = form.cleaned_data
    wanted = {"section": values["section"], "body": values["body"], "expected_version": values["version"]}
    try:
        with command(request):
            commands.write_document(integration=found.slug, **wanted, **acting(request))
    except DomainError as error:
        if error.kind in {Kind.MISSING, Kind.FORBIDDEN}:
            raise
        for sentence in [_clash(found, values["section"], form)] if error.kind in _CLASHES else place(error, form):
            form.add_error(None, sentence)
        return _form_page(request, found, form, values["section"], status=STATUS[error.kind])
    messages.success(request, _("Saved."))
    return redirect("portal:document", found.slug, values["section"])


def _clash(found: Any, section: str, form: DocumentForm) -> str:
    """Somebody was faster. The next save, if the person still wants it, is against the version that is there now."""
    form.data = {**{name: form.data[name] for name in form.data}, "version": str(selectors.get(found, section).version)}
    return _("Somebody wrote this section meanwhile. Read it below, bring it in here; saving again replaces what they wrote.")


def _form_page(request: PortalRequest, found: Any, form: DocumentForm, section: str, *, status: int = 200) -> HttpResponse:
    named = section if section in set(Section) else ""
    there = next((one for one in selectors.documents_of(found) if one.section == named), None) if status != 200 else None
    context = {
        **frame(request, found),
        "section": named,
        "title": SECTION_WORDS[Section(named)] if named else _("A document"),
        "answers": SECTION_ANSWERS[Section(named)] if named else "",
        "document_form": form,
        "there": {"version": there.version, "body": there.body} if there else None,
        "cancel_url": reverse("portal:document", args=[found.slug, named]) if named else reverse("portal:documents", args=[found.slug]),
    }
    return render(request, "portal/catalog/documents/edit.html", context, status=status)
