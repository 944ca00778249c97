"""Boards and policies over HTTP."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.selectors import people
from catalog.selectors import landscape
from foundation.edge.schema import listed
from foundation.edge.views import Edge
from foundation.errors import DomainError, FieldError, Kind
from foundation.filters import compile_filters, slug
from foundation.text import slug_key
from governance.api.serializers import (
    BoardSerializer,
    PolicySerializer,
    RegisterBoardSerializer,
    RegisterPolicySerializer,
    UpdatePolicySerializer,
)
from governance.models import Board, Policy
from governance.selectors import boards as board_selectors
from governance.selectors import policies as policy_selectors
from governance.services import boards, policies

_LIST = {"slug": slug("slug_key")}
_SORTS = {"slug": ("slug_key", "id")}


class BoardMissing(DomainError):
    """There is no such board."""

    kind, code = Kind.MISSING, "board-missing"


class PolicyMissing(DomainError):
    """There is no such policy."""

    kind, code = Kind.MISSING, "policy-missing"


class UnknownPeople(DomainError):
    """Some of the people named have no account in use."""

    kind, code = Kind.INVALID, "unknown-people"


def board_named(name: str) -> Board:
    found = board_selectors.boards().prefetch_related("members__user").filter(slug_key=slug_key(name)).first()
    if found is None:
        raise BoardMissing
    return found


def policy_named(name: str) -> Policy:
    found = policy_selectors.policies().filter(slug_key=slug_key(name)).first()
    if found is None:
        raise PolicyMissing
    return found


class Boards(Edge):
    scopes: ClassVar = {"get": "changes:read", "post": "admin"}
    filters = compile_filters(_LIST, sorts=_SORTS, default_sort="slug", search=None)

    @extend_schema(operation_id="boards_list", responses=listed(BoardSerializer))
    def get(self, _request: Any) -> Response:
        return self.page(BoardSerializer, board_selectors.boards().prefetch_related("members__user"))

    @extend_schema(operation_id="boards_register", request=RegisterBoardSerializer, responses={201: BoardSerializer})
    def post(self, request: Any) -> Response:
        boards.require_administrator(request.viewer)
        command = self.read(RegisterBoardSerializer)
        wanted = command.pop("members")
        named = people.by_usernames(wanted)
        if faults := [
            FieldError(f"/members/{i}", "unknown", "No active account has this name.")
            for i, n in enumerate(wanted)
            if slug_key(n) not in named
        ]:
            raise UnknownPeople(errors=faults)
        board = boards.register_board(**command, members=list(named.values()), actor=request.actor, viewer=request.viewer, now=request.now)
        return self.answer(BoardSerializer(board_named(board.slug)).data, 201, etag=board.version)


class BoardDetail(Edge):
    scopes: ClassVar = {"get": "changes:read"}

    @extend_schema(operation_id="boards_read", responses=BoardSerializer)
    def get(self, _request: Any, slug: str) -> Response:
        board = board_named(slug)
        return self.answer(BoardSerializer(board).data, etag=board.version)


class BoardMembership(Edge):
    scopes: ClassVar = {"put": "admin", "delete": "admin"}

    @extend_schema(operation_id="boards_member_add", request=None, responses=BoardSerializer)
    def put(self, request: Any, slug: str, username: str) -> Response:
        board, user = board_named(slug), people.by_username(username)
        boards.add_member(board=board, user=user, actor=request.actor, viewer=request.viewer, now=request.now)
        return self.answer(BoardSerializer(board_named(slug)).data)

    @extend_schema(operation_id="boards_member_remove", responses={204: None})
    def delete(self, request: Any, slug: str, username: str) -> Response:
        board, user = board_named(slug), people.by_username(username)
        boards.remove_member(board=board, user=user, actor=request.actor, viewer=request.viewer, now=request.now)
        return self.answer(status=204)


class Policies(Edge):
    scopes: ClassVar = {"get": "changes:read", "post": "admin"}
    filters = compile_filters(_LIST, sorts=_SORTS, default_sort="slug", search=None)

    @extend_schema(operation_id="policies_list", responses=listed(PolicySerializer))
    def get(self, _request: Any) -> Response:
        return self.page(PolicySerializer, policy_selectors.policies())

    @extend_schema(operation_id="policies_register", request=RegisterPolicySerializer, responses={201: PolicySerializer})
    def post(self, request: Any) -> Response:
        command = self.read(RegisterPolicySerializer)
        command["environments"] = [landscape.environment_by_slug(name) for name in command["environments"]]
        policy = policies.register_policy(**command, actor=request.actor, viewer=request.viewer, now=request.now)
        return self.answer(PolicySerializer(policy_named(policy.slug)).data, 201, etag=policy.version)


class PolicyDetail(Edge):
    scopes: ClassVar = {"get": "changes:read", "patch": "admin"}
    if_match_on = ("patch",)

    @extend_schema(operation_id="policies_read", responses=PolicySerializer)
    def get(self, _request: Any, slug: str) -> Response:
        policy = policy_named(slug)
        return self.answer(PolicySerializer(policy).data, etag=policy.version)

    @extend_schema(operation_id="policies_update", request=UpdatePolicySerializer, responses=PolicySerializer)
    def patch(self, request: Any, slug: str) -> Response:
        policy_named(slug)
        policy = policies.update_policy(
            slug=slug,
            changes=self.read(UpdatePolicySerializer),
            expected_version=self.if_match(),
            actor=request.actor,
            viewer=request.viewer,
            now=request.now,
        )
        return self.answer(PolicySerializer(policy_named(slug)).data, etag=policy.version)
