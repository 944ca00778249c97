"""The one who looks: everything that decides what may be seen, as plain values."""

from dataclasses import dataclass
from uuid import UUID

from accounts.domain.roles import Role


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in account. `team_ids` holds its teams and all teams below them; `scopes` None means a session (no limit)."""

    user_id: UUID
    person_id: UUID
    display_name: str
    kind: str
    roles: frozenset[str]
    team_ids: frozenset[UUID]
    group_ids: frozenset[int]
    scopes: frozenset[str] | None = None

    @property
    def sees_all(self) -> bool:
        """Auditors and administrators see every integration."""
        return Role.ADMINISTRATOR in self.roles or Role.AUDITOR in self.roles

    @property
    def is_administrator(self) -> bool:
        return Role.ADMINISTRATOR in self.roles

    @property
    def is_operator(self) -> bool:
        return Role.OPERATOR in self.roles or self.is_administrator

    @property
    def reads_log(self) -> bool:
        return self.sees_all

    def allows(self, scope: str) -> bool:
        """Whether the credential in use may be used for `scope` (a session may for all; `admin` includes all but votes)."""
        if self.scopes is None:
            return True
        return scope in self.scopes or ("admin" in self.scopes and scope != "changes:vote")
