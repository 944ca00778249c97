"""The versions of one section: the list, one as it was, and what differs between two."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.domain.vocabulary import Section
from catalog.selectors import document_versions, integrations
from catalog.selectors import documents as selectors
from foundation.cursors import paginate
from portal.forms.documents import SECTION_WORDS, CompareForm
from portal.views.base import PortalRequest, asked, page
from portal.views.catalog.documents import frame, known
from portal.views.catalog.frame import at_present_name


@require_safe
@page
@at_present_name
def versions(request: PortalRequest, slug: str, section: str) -> HttpResponse:
    """Every version, newest first, each with what it changed."""
    found, document, context = _about(request, slug, section)
    listed = paginate(document_versions.FILTERS.parse(asked(request)), document_versions.versions_of(document))
    context |= {
        "rows": [_row(found, section, row, request) for row in listed.rows],
        "next_cursor": listed.next,
        "form": CompareForm(initial={"old": max(document.version - 1, 1), "new": document.version}) if document.version > 1 else None,
    }
    return render(request, "portal/catalog/documents/history.html", context)


@require_safe
@page
@at_present_name
def version(request: PortalRequest, slug: str, section: str, version: int) -> HttpResponse:
    """The text as it was."""
    found, document, context = _about(request, slug, section)
    row = document_versions.version_of(document, version)
    context |= {"version": _row(found, section, row, request), "body": row.body, "is_newest": row.version == document.version}
    return render(request, "portal/catalog/documents/version.html", context)


@require_safe
@page
@at_present_name
def compare(request: PortalRequest, slug: str, section: str) -> HttpResponse:
    """What differs between two versions (`old`, `new`); without them, the newest and the one before."""
    _found, document, context = _about(request, slug, section)
    given = {"old": max(document.version - 1, 1), "new": document.version, **asked(request)}
    form = CompareForm(given)
    context["form"] = form
    if form.is_valid():
        old, new = document_versions.pair_of(document, form.cleaned_data["old"], form.cleaned_data["new"])
        context |= {"old": old, "new": new}
    return render(request, "portal/catalog/documents/diff.html", context, status=200 if form.is_valid() else 422)


def _about(request: PortalRequest, slug: str, section: str) -> tuple[Any, Any, dict[str, Any]]:
    found = integrations.get_visible(slug, request.viewer)
    document = selectors.get(found, known(section))
    about = {"section": section, "title": SECTION_WORDS[Section(section)], "newest": document.version}
    return found, document, {**frame(request, found), "document": about}


def _row(found: Any, section: str, row: Any, request: PortalRequest) -> dict[str, Any]:
    diff = reverse("portal:document_diff", args=[found.slug, section])
    what = _("Verified for %s") % row.verified_for.version if row.is_verification and row.verified_for else _("Changed")
    return {
        "number": row.version,
        "what": _("Written") if row.version == 1 else what,
        "is_verification": row.is_verification,
        "at": row.history_date,
        "by": row.history_user.display_name if row.history_user else "Portolan",
        "url": reverse("portal:document_version", args=[found.slug, section, row.version]),
        "diff_url": f"{diff}?old={row.version - 1}&new={row.version}" if row.version > 1 and not row.is_verification else "",
        "event_url": reverse("portal:event", args=[row.event_id]) if request.viewer.reads_log else "",
    }
