"""/tokens: one's own bearer tokens."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.shapes import IssuedTokenSerializer, IssueTokenSerializer, TokenSerializer
from accounts.domain.rights import require_grantable
from accounts.models import User
from accounts.selectors import people
from accounts.services import tokens
from foundation.edge.schema import listed
from foundation.edge.views import Edge
from foundation.filters import compile_filters


class TokensView(Edge):
    """One's own tokens."""

    scopes = {"get": "", "post": "admin"}
    secret_fields = frozenset({"secret"})
    filters = compile_filters({}, sorts={"created_at": ("created_at",)}, default_sort="-created_at")

    @extend_schema(responses=listed(TokenSerializer))
    def get(self, _request: Request) -> Response:
        """List one's tokens, newest first; secrets are not kept."""
        return self.page(TokenSerializer, people.tokens_of(self.request.viewer.user_id))

    @extend_schema(request=IssueTokenSerializer, responses={201: IssuedTokenSerializer})
    def post(self, _request: Request) -> Response:
        """Issue a token; this answer is the only place where its secret appears."""
        command = self.read(IssueTokenSerializer)
        require_grantable(self.request.viewer, command["scopes"])
        token, secret = tokens.issue_token(user=_owner(self), **command, actor=self.request.actor, now=self.request.now)
        shown = {**TokenSerializer(token).data, "secret": secret}
        return self.answer(shown, status=201, headers={"Location": f"/api/v1/tokens/{token.id}", "Cache-Control": "no-store"})


class TokenView(Edge):
    """One token of one's own."""

    scopes = {"delete": "admin"}

    @extend_schema(responses={204: None})
    def delete(self, _request: Request, token_id: UUID) -> Response:
        """Revoke a token; it is refused from this moment on."""
        tokens.revoke_token(token_id=token_id, user=_owner(self), actor=self.request.actor, now=self.request.now)
        return self.answer(status=204)


def _owner(view: Edge) -> User:
    """Who is signed in: the permission classes let nobody else come this far."""
    user: Any = view.request.user
    found: User = user
    return found
