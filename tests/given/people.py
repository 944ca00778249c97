"""People, teams, sign-ins."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.test import Client

from accounts.domain.viewers import Viewer
from accounts.models import Team, User
from accounts.selectors import viewers
from accounts.services import roles, teams, tokens, users
from audit.domain.actors import Actor

ALL_SCOPES = (
    "catalog:read",
    "catalog:write",
    "changes:read",
    "changes:request",
    "changes:vote",
    "changes:dispatch",
    "audit:read",
    "admin",
)
SYSTEM = Actor.system("tests")


class PeopleGiven:
    """Accounts by first name: asking twice for `bob` gives the same bob."""

    now: datetime

    def person(self, name: str, *, roles_held: Iterable[str] = (), **fields: Any) -> User:
        """An active account; `roles_held` adds organisation-wide roles."""
        user = User.objects.filter(username=name).first()
        if user is None:
            fields = {"display_name": name.capitalize(), **fields}
            user = users.create_user(username=name, actor=SYSTEM, now=self.now, **fields)
        for role in roles_held:
            roles.grant_role(user=user, role=role, actor=SYSTEM, now=self.now)
        return user

    def administrator(self, name: str = "root") -> User:
        """A person with the administrator role."""
        return self.person(name, roles_held=["administrator"])

    def team(self, slug: str, *, members: Iterable[str | User] = (), parent: Team | None = None) -> Team:
        """A team with these members (user names or accounts); asking again adds members."""
        team = Team.objects.filter(slug=slug).first()
        if team is None:
            team = teams.register_team(slug=slug, title=slug.capitalize(), parent=parent, actor=SYSTEM, now=self.now)
        for member in members:
            user = self.person(member) if isinstance(member, str) else member
            teams.add_member(team=team, user=user, actor=SYSTEM, now=self.now)
        return team

    def viewer(self, person: str | User, scopes: Iterable[str] | None = None) -> Viewer:
        """The one who looks."""
        return viewers.viewer_of(self.person(person) if isinstance(person, str) else person, scopes)

    def actor(self, person: str | User) -> Actor:
        """The one who acts, signed in by a session."""
        return viewers.actor_of(self.person(person) if isinstance(person, str) else person, method="session")

    def by(self, person: str | User) -> dict[str, Any]:
        """`actor`, `viewer` and `now` for a service call."""
        user = self.person(person) if isinstance(person, str) else person
        return {"actor": self.actor(user), "viewer": self.viewer(user), "now": self.now}

    def token(self, person: str | User, scopes: Iterable[str] = ALL_SCOPES, **more: Any) -> str:
        """A bearer token's secret."""
        user = self.person(person) if isinstance(person, str) else person
        return tokens.issue_token(user=user, label="tests", scopes=scopes, actor=SYSTEM, now=self.now, **more)[1]

    def api(self, person: str | User | None, scopes: Iterable[str] = ALL_SCOPES) -> "Api":
        """An HTTP client that signs in with a bearer token of the person; None is nobody."""
        return Api(None if person is None else self.token(person, scopes))


class Api:
    """JSON over Django's test client. Paths are below /api/v1; `if_match` takes a version."""

    def __init__(self, secret: str | None) -> None:
        self.client = Client(raise_request_exception=True)
        self.headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1{path}", query or None, headers=self.headers)

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        return self._send("POST", path, body, **more)

    def put(self, path: str, body: Any = None, **more: Any) -> Any:
        return self._send("PUT", path, body, **more)

    def patch(self, path: str, body: Any = None, **more: Any) -> Any:
        return self._send("PATCH", path, body, **more)

    def delete(self, path: str, body: Any = None, **more: Any) -> Any:
        return self._send("DELETE", path, body, **more)

    def _send(
        self, method: str, path: str, body: Any, *, if_match: int | None = None, key: str | None = None, raw: bytes | None = None
    ) -> Any:
        headers = dict(self.headers)
        if if_match is not None:
            headers["If-Match"] = f'"{if_match}"'
        if key is not None:
            headers["Idempotency-Key"] = key
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        kind = "application/json" if data else "application/octet-stream"
        return self.client.generic(method, f"/api/v1{path}", data, kind, headers=headers)
