"""What would a submission say? The very same code runs, inside a transaction that is always undone."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction

from accounts.domain.viewers import Viewer
from audit.domain.actors import Actor
from audit.services.context import command_context
from catalog.services import releases
from foundation.errors import FieldError
from governance.domain.errors import InvalidChange
from governance.domain.lifecycle import Action
from governance.models import ChangeRequest
from governance.services import change_requests
from governance.services.checks import run_checks

PREVIEW_VERSION = "0.0.0-preview"
T = TypeVar("T")


def evaluate_gate(
    *,
    action: str = Action.DEPLOY,
    integration: str,
    manifest: Mapping[str, Any] | None = None,
    targets: Sequence[Mapping[str, str]],
    read: Callable[[ChangeRequest], T],
    actor: Actor,
    viewer: Viewer,
    now: datetime,
) -> T:
    """Return `read(change)` of the request that a submission of this manifest, or of a retirement, would make; nothing is written.

    Raises what publishing and submitting raise, and InvalidChange for a manifest where none belongs, or none where one does.
    """
    if (manifest is None) != (action == Action.RETIRE):
        told = ("required", "Say what is to run.") if manifest is None else ("not-for-retirement", "A retirement runs nothing.")
        raise InvalidChange(told[1], errors=[FieldError("/manifest", *told)])
    asked: dict[str, Any] = {"integration": integration, "actor": actor, "viewer": viewer, "now": now}
    with command_context(), transaction.atomic():  # what the preview records is undone: it must not become the answer's event
        release = None
        if manifest is not None:
            release = PREVIEW_VERSION
            releases.publish_release(**asked, version=release, manifest=manifest, manifest_bytes=None)
        change = change_requests.draft_and_submit(**asked, action=action, release=release, targets=targets, reason="preview")
        run_checks(change, actor=actor, now=now)
        answer = read(change)
        transaction.set_rollback(True)
    return answer
