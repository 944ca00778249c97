"""Who may change what in the catalog."""

from collections.abc import Collection
from uuid import UUID

from accounts.domain.rights import require_administrator
from accounts.domain.viewers import Viewer
from catalog.domain.errors import NotYourEntry, NotYourIntegration


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


def require_keeper(viewer: Viewer, team_id: UUID | None) -> None:
    """Raise unless `viewer` keeps what this team owns: NotYourEntry, or AdministratorsOnly for what no team owns."""
    if team_id is None:
        require_administrator(viewer)
    elif not may_edit(viewer, team_id):
        raise NotYourEntry
