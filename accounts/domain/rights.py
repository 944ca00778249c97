"""Who may do what with people, teams and the landscape."""

from collections.abc import Iterable

from accounts.domain.errors import AdministratorsOnly, ScopeBeyondOwner
from accounts.domain.roles import Role, Scope
from accounts.domain.viewers import Viewer

_NEEDS_ROLE = {
    Scope.ADMIN: frozenset({Role.ADMINISTRATOR}),
    Scope.AUDIT_READ: frozenset({Role.ADMINISTRATOR, Role.AUDITOR}),
    Scope.RUNTIME_PULL: frozenset[Role](),
    Scope.RUNTIME_REPORT: frozenset[Role](),
}


def require_administrator(viewer: Viewer) -> None:
    """Raise AdministratorsOnly for everybody else."""
    if not viewer.is_administrator:
        raise AdministratorsOnly


def require_grantable(viewer: Viewer, scopes: Iterable[str]) -> None:
    """Raise ScopeBeyondOwner when `viewer` asks for a token that may do more than its own credential or account.

    Runtime scopes belong to service accounts of runtimes, which get their tokens from the runtime's own command.
    """
    for scope in scopes:
        needed = _NEEDS_ROLE.get(Scope(scope))
        if not viewer.allows(scope) or (needed is not None and not needed & viewer.roles):
            raise ScopeBeyondOwner(f"You cannot give out the scope {scope}.")
