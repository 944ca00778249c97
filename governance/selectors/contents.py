"""What a change would do to a slot: both contents, and the difference in words."""

from typing import Any

from catalog.models import Release
from catalog.selectors.releases import manifest_of
from governance.domain.differences import Statement, differences, removal
from governance.domain.lifecycle import Action
from governance.models import ChangeRequest, ChangeTarget


def payload_of(release: Release | None) -> Any:
    """What the release would have a runtime run, as it was received; nothing for no release."""
    return manifest_of(release).get("payload", {}) if release else {}


def statements_of(target: ChangeTarget, change: ChangeRequest, *, redacted: bool = False) -> list[Statement]:
    """What the target's payload adds, removes and changes against the release it replaces; `redacted` leaves values out.

    That a release is taken out is no secret: its version and place are not.
    """
    if change.action == Action.RETIRE:
        return removal(target.base_release.version if target.base_release else "")
    found = differences(payload_of(target.base_release), payload_of(change.release))
    return [Statement(s.kind, s.place, s.subject, f"{s.place} {s.kind.value}") for s in found] if redacted else found
