"""What a request needs before it is written: an integration in use, a release where one is to run, a window that can still open."""

from datetime import datetime

from catalog.models import Integration, Release
from catalog.selectors import releases
from catalog.services import presence
from foundation.errors import FieldError
from governance.domain.errors import InvalidChange
from governance.domain.lifecycle import Action
from governance.models import ChangeRequest


def require_in_use(integration: Integration, *, action: str) -> None:
    """It is neither deleted nor retired, and stays so until the request is saved; what still runs of a retired one may be taken out.

    Raises IntegrationMissing, InvalidChange.
    """
    if presence.require_present(integration) and action != Action.RETIRE:
        fault = FieldError("/integration", "retired", "It is at the end of its lifecycle: nothing new may run.")
        raise InvalidChange("A retired integration is not changed any more.", errors=[fault])


def wanted_release(integration: Integration, version: str | None, *, action: str) -> Release | None:
    """The release that is to run: a retirement names none, everything else must. Raises InvalidChange, ReleaseMissing."""
    if action == Action.RETIRE:
        if version is not None:
            fault = FieldError("/release", "not-for-retirement", "What stands there is taken out, whichever release it is.")
            raise InvalidChange("A retirement names no release.", errors=[fault])
        return None
    if version is None:
        raise InvalidChange("Name the release.", errors=[FieldError("/release", "required", "Name the release that is to run.")])
    return releases.get(integration, version)


def require_window(change: ChangeRequest, now: datetime) -> None:
    """The window it names is not empty and not over. Raises InvalidChange."""
    if change.not_after and change.not_after <= now:
        raise InvalidChange("The window has already closed.", errors=[FieldError("/not_after", "past", "Name a time to come.")])
    if change.not_before and change.not_after and change.not_before >= change.not_after:
        raise InvalidChange("The window is empty.", errors=[FieldError("/not_before", "empty-window", "It must lie before not_after.")])
