"""Who may change what in the catalog."""

from collections.abc import Collection
from uuid import UUID

from accounts.domain.viewers import Viewer
from catalog.domain.errors import NotYourIntegration, NotYourSystem


def may_edit(viewer: Viewer, team_id: UUID | None) -> bool:
    """Members of the owning team or of a team above it, and administrators."""
    return viewer.is_administrator or team_id in viewer.team_ids


def require_editor(viewer: Viewer, *team_ids: UUID) -> None:
    """Raise NotYourIntegration unless `viewer` may edit for every one of the teams."""
    if not all(may_edit(viewer, team_id) for team_id in team_ids):
        raise NotYourIntegration


def require_proposer(viewer: Viewer, team_id: UUID, granted: Collection[str]) -> None:
    """Raise NotYourIntegration unless `viewer` edits the integration or was granted `propose_release` on it."""
    if not may_edit(viewer, team_id) and "propose_release" not in granted:
        raise NotYourIntegration


def require_system_editor(viewer: Viewer, team_id: UUID | None) -> None:
    """Raise NotYourSystem for everybody but administrators and the owning team."""
    if not may_edit(viewer, team_id):
        raise NotYourSystem
