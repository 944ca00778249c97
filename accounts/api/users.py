"""/users, /users/{username}, /users/{username}/roles, /me."""

from django.conf import settings
from django.utils.module_loading import import_string
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.shapes import (
    CreateUserSerializer,
    MeSerializer,
    RoleSerializer,
    RolesSerializer,
    UpdateUserSerializer,
    UserSerializer,
)
from accounts.domain.errors import AdministratorsOnly
from accounts.domain.rights import require_administrator
from accounts.models.user import UserKind
from accounts.selectors import people
from accounts.services import roles, users
from foundation.edge.schema import listed
from foundation.edge.views import Edge
from foundation.filters import boolean, choice, compile_filters

_OWN_FIELDS = {"display_name", "time_zone", "email"}


class UsersView(Edge):
    """The directory of accounts."""

    scopes = {"get": "catalog:read", "post": "admin"}
    filters = compile_filters(
        {
            "kind": choice("kind", UserKind.values),
            "is_active": boolean("is_active"),
        },
        sorts={"username": ("username_key",)},
        default_sort="username",
    )

    @extend_schema(responses=listed(UserSerializer))
    def get(self, _request: Request) -> Response:
        """List accounts."""
        return self.page(UserSerializer, people.users())

    @extend_schema(request=CreateUserSerializer, responses={201: UserSerializer})
    def post(self, _request: Request) -> Response:
        """Open an account (administrators)."""
        require_administrator(self.request.viewer)
        command = self.read(CreateUserSerializer)
        user = users.create_user(**command, actor=self.request.actor, now=self.request.now)
        shown = UserSerializer(people.detail_of(user.username), context={"request": self.request})
        return self.answer(shown.data, status=201, etag=user.version, headers={"Location": f"/api/v1/users/{user.username}"})


class UserView(Edge):
    """One account."""

    scopes = {"get": "catalog:read", "patch": "admin"}
    if_match_on = ("patch",)

    @extend_schema(responses=UserSerializer)
    def get(self, _request: Request, username: str) -> Response:
        """Show an account."""
        return self._shown(username)

    @extend_schema(request=UpdateUserSerializer, responses=UserSerializer)
    def patch(self, _request: Request, username: str) -> Response:
        """Change an account: one's own names and time zone, or anything as an administrator.

        Switching off somebody who still answers for something is refused (409): it needs a reassignment plan.
        """
        command = self.read(UpdateUserSerializer)
        user = people.by_username(username)
        own = user.pk == self.request.viewer.user_id and command.keys() <= _OWN_FIELDS
        if not own and not self.request.viewer.is_administrator:
            raise AdministratorsOnly
        version = self.if_match()
        is_active = command.pop("is_active", None)
        by = {"actor": self.request.actor, "now": self.request.now}
        users.update_user(username=username, changes=command, expected_version=version, **by)
        if is_active is not None:
            (users.reactivate_user if is_active else import_string(settings.PORTOLAN_DEACTIVATION))(username=username, **by)
        return self._shown(username)

    def _shown(self, username: str) -> Response:
        user = people.detail_of(username)
        return self.answer(UserSerializer(user, context={"request": self.request}).data, etag=user.version)


class RolesView(Edge):
    """The organisation-wide roles of one account."""

    scopes = {"get": "catalog:read", "post": "admin"}

    @extend_schema(responses=RolesSerializer)
    def get(self, _request: Request, username: str) -> Response:
        """Show the roles."""
        return self._shown(username)

    @extend_schema(request=RoleSerializer, responses={201: RolesSerializer})
    def post(self, _request: Request, username: str) -> Response:
        """Grant a role (administrators)."""
        require_administrator(self.request.viewer)
        role = self.read(RoleSerializer)["role"]
        roles.grant_role(user=people.by_username(username), role=role, actor=self.request.actor, now=self.request.now)
        return self._shown(username, status=201)

    def _shown(self, username: str, status: int = 200) -> Response:
        user = people.detail_of(username)
        return self.answer({"roles": [grant.role for grant in user.role_grants.all()]}, status=status)


class RoleView(Edge):
    """One role of one account."""

    scopes = {"delete": "admin"}

    @extend_schema(responses={204: None})
    def delete(self, _request: Request, username: str, role: str) -> Response:
        """Take a role away (administrators)."""
        require_administrator(self.request.viewer)
        roles.revoke_role(user=people.by_username(username), role=role, actor=self.request.actor, now=self.request.now)
        return self.answer(status=204)


class MeView(Edge):
    """Who is asking."""

    scopes = {"get": ""}
    list_on = ()

    @extend_schema(responses=MeSerializer)
    def get(self, _request: Request) -> Response:
        """Show one's own account, roles, teams and the scopes of the credential in use."""
        user = people.detail_of(self.request.user.username)
        return self.answer(MeSerializer(user, context={"request": self.request}).data, etag=user.version)
