"""/teams, /teams/{slug}, /teams/{slug}/members/{username}."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.shapes import (
    MembershipSerializer,
    RegisterTeamSerializer,
    TeamDetailSerializer,
    TeamSerializer,
    UpdateTeamSerializer,
)
from accounts.domain.errors import Invalid, TeamMissing
from accounts.domain.rights import require_administrator
from accounts.models import Team
from accounts.selectors import people, teams
from accounts.services import teams as commands
from foundation.edge.schema import listed
from foundation.edge.views import Edge
from foundation.errors import FieldError
from foundation.filters import compile_filters
from foundation.filters import slug as slug_filter


class TeamsView(Edge):
    """All teams."""

    scopes = {"get": "catalog:read", "post": "admin"}
    filters = compile_filters({"parent": slug_filter("parent__slug_key")}, sorts={"slug": ("slug_key",)}, default_sort="slug")

    @extend_schema(responses=listed(TeamSerializer))
    def get(self, _request: Request) -> Response:
        """List teams."""
        return self.page(TeamSerializer, teams.teams())

    @extend_schema(request=RegisterTeamSerializer, responses={201: TeamDetailSerializer})
    def post(self, _request: Request) -> Response:
        """Register a team (administrators)."""
        require_administrator(self.request.viewer)
        command = _with_parent(self.read(RegisterTeamSerializer))
        team = commands.register_team(**command, actor=self.request.actor, now=self.request.now)
        shown = TeamDetailSerializer(teams.detail_of(team.slug)).data
        return self.answer(shown, status=201, etag=team.version, headers={"Location": f"/api/v1/teams/{team.slug}"})


class TeamView(Edge):
    """One team."""

    scopes = {"get": "catalog:read", "patch": "admin"}
    if_match_on = ("patch",)

    @extend_schema(responses=TeamDetailSerializer)
    def get(self, _request: Request, slug: str) -> Response:
        """Show a team with its members."""
        team = teams.detail_of(slug)
        return self.answer(TeamDetailSerializer(team).data, etag=team.version)

    @extend_schema(request=UpdateTeamSerializer, responses=TeamDetailSerializer)
    def patch(self, _request: Request, slug: str) -> Response:
        """Change title, contact or parent (administrators)."""
        require_administrator(self.request.viewer)
        teams.team_by_slug(slug)
        version = self.if_match()
        changes = _with_parent(self.read(UpdateTeamSerializer))
        team = commands.update_team(slug=slug, changes=changes, expected_version=version, actor=self.request.actor, now=self.request.now)
        return self.answer(TeamDetailSerializer(teams.detail_of(slug)).data, etag=team.version)


class MemberView(Edge):
    """One person's place in a team."""

    scopes = {"put": "admin", "delete": "admin"}

    @extend_schema(request=MembershipSerializer, responses=TeamDetailSerializer)
    def put(self, _request: Request, slug: str, username: str) -> Response:
        """Put a person into the team, or change whether they lead it (administrators)."""
        require_administrator(self.request.viewer)
        is_lead = self.read(MembershipSerializer)["is_lead"]
        team, user = teams.team_by_slug(slug), people.by_username(username)
        commands.add_member(team=team, user=user, is_lead=is_lead, actor=self.request.actor, now=self.request.now)
        return self.answer(TeamDetailSerializer(teams.detail_of(slug)).data)

    @extend_schema(responses={204: None})
    def delete(self, _request: Request, slug: str, username: str) -> Response:
        """Take a person out of the team (administrators)."""
        require_administrator(self.request.viewer)
        team, user = teams.team_by_slug(slug), people.by_username(username)
        commands.remove_member(team=team, user=user, actor=self.request.actor, now=self.request.now)
        return self.answer(status=204)


def _with_parent(command: dict[str, Any]) -> dict[str, Any]:
    """The command with its parent's slug looked up. Raises Invalid (422) when there is no such team."""
    if command.get("parent") is None:
        return command
    try:
        parent: Team = teams.team_by_slug(command["parent"])
    except TeamMissing:
        raise Invalid(errors=[FieldError("/parent", "unknown-team", "There is no such team.")]) from None
    return {**command, "parent": parent}
