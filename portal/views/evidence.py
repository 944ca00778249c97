"""The evidence pack of a change, as a download."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from governance.selectors import change_requests as selectors
from governance.services import evidence
from portal.views.base import PortalRequest, page


@require_safe
@page
def download(request: PortalRequest, number: int) -> HttpResponse:
    """The zip that `audit/verify.py` checks offline."""
    found = selectors.get_visible(number, request.viewer)
    pack = evidence.pack_of(found, viewer=request.viewer, actor=request.actor, now=request.now)
    response = HttpResponse(pack, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="change-{number}-evidence.zip"'
    return response
