"""Who answers for what, and asking them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from audit.domain.actors import Actor
from catalog.models import Integration
from governance.models import Campaign, Escalation, Notification
from governance.services import campaigns, escalations


class OwnersGiven:
    """Owners of integrations by user name; asking for somebody new opens an account."""

    now: datetime

    def owned(self, integration: Integration, *, co_owners: Iterable[str] = (), **roles: str | None) -> Integration:
        """The integration with these people in its roles, e.g. `technical_owner="tom"`. Set in the row: the rules read nothing else."""
        named: dict[str, Any] = {name: None if user is None else self.person(user) for name, user in roles.items()}  # type: ignore[attr-defined]
        held = [self.person(user).pk for user in co_owners]  # type: ignore[attr-defined]
        Integration.objects.filter(pk=integration.pk).update(**named, **({"co_owners": held} if held else {}))
        return Integration.objects.get(pk=integration.pk)

    def campaign(self, query: str = "", *, title: str = "Spring", days: int = 14, by: str = "root") -> Campaign:
        """An open campaign about what the filter finds."""
        self.administrator()  # type: ignore[attr-defined]
        return campaigns.open_campaign(title=title, query=query, due_at=self.now + timedelta(days=days), **self.by(by))  # type: ignore[attr-defined]

    def escalated(self) -> int:
        """The minute's task ran now."""
        return escalations.escalate_due(now=self.now, actor=Actor.worker())

    def escalation(self, integration: Integration, kind: str = "orphan") -> Escalation:
        """The newest escalation of the kind."""
        return Escalation.objects.filter(integration=integration, kind=kind).latest("opened_at")

    def told(self, kind: str) -> list[str]:
        """User names told by notifications of the kind, in the order of telling, each as often as told."""
        return list(Notification.objects.filter(kind=kind).order_by("at", "user__username_key").values_list("user__username", flat=True))
