"""What would a submission say? The very same code runs, inside a transaction that is always undone."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction

from accounts.domain.viewers import Viewer
from audit.domain.actors import Actor
from audit.services.context import command_context
from catalog.services import releases
from governance.models import ChangeRequest
from governance.services import change_requests
from governance.services.checks import run_checks

PREVIEW_VERSION = "0.0.0-preview"
T = TypeVar("T")


def evaluate_gate(
    *,
    integration: str,
    manifest: Mapping[str, Any],
    targets: Sequence[Mapping[str, str]],
    read: Callable[[ChangeRequest], T],
    actor: Actor,
    viewer: Viewer,
    now: datetime,
) -> T:
    """Return `read(change)` of the request that a submission of this manifest would make; nothing is written.

    Raises what publishing and submitting raise.
    """
    with command_context(), transaction.atomic():  # what the preview records is undone: it must not become the answer's event
        releases.publish_release(
            integration=integration,
            version=PREVIEW_VERSION,
            manifest=manifest,
            manifest_bytes=None,
            actor=actor,
            viewer=viewer,
            now=now,
        )
        change = change_requests.draft_and_submit(
            integration=integration, release=PREVIEW_VERSION, targets=targets, reason="preview", actor=actor, viewer=viewer, now=now
        )
        run_checks(change, actor=actor, now=now)
        answer = read(change)
        transaction.set_rollback(True)
    return answer
