"""Who answers for what, set straight in the rows: for rules that are asked about every combination."""

from collections.abc import Iterable
from typing import Any

from catalog.models import Integration


class OwnersGiven:
    """Owners of integrations by user name; asking for somebody new opens an account."""

    def owned(self, integration: Integration, *, co_owners: Iterable[str] = (), **roles: str | None) -> Integration:
        """The integration with these people in its roles, e.g. `technical_owner="tom"`; through the service where it can."""
        from catalog.services import integrations

        changes: dict[str, Any] = {name: None if user is None else self.person(user).username for name, user in roles.items()}  # type: ignore[attr-defined]
        if co_owners:
            changes["co_owners"] = [self.person(user).username for user in co_owners]  # type: ignore[attr-defined]
        return integrations.update_integration(
            slug=integration.slug,
            changes=changes,
            expected_version=None,
            **self._root(),  # type: ignore[attr-defined]
        )
