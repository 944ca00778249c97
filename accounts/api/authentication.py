"""Who sends the request: a bearer token, or the session of a signed-in browser."""

from typing import Any

from django.utils.functional import SimpleLazyObject
from rest_framework import authentication
from rest_framework.request import Request

from accounts.domain.errors import TokenUnknown
from accounts.models import Token, User
from accounts.selectors.viewers import actor_of, viewer_of
from accounts.services import tokens


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer ptl_…`. Two queries: the token with its owner and the clock, and the owner's rights.

    Raises TokenUnknown, TokenRevoked, TokenExpired, AccountInactive: 401 with that code.
    """

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        """(user, token), or None when another scheme or none was used. Sets `actor`, `viewer` and `now` on the request."""
        scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = tokens.resolve(secret.strip())
        if token is None:
            raise TokenUnknown
        found: Any = request
        found.actor = actor_of(token.user, token=token, method="token")
        found.viewer = viewer_of(token.user, scopes=token.scopes)
        found.now = token.read_at  # type: ignore[attr-defined]  # annotated by resolve
        return token.user, token

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - the signature is DRF's
        """What a 401 asks for."""
        return "Bearer"


class SessionAuthentication(authentication.SessionAuthentication):
    """The portal's session; unsafe methods need the CSRF token. The viewer is read when first asked for, in one query."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        """(user, None) of an active session, or None. Sets `actor` and `viewer` on the request."""
        signed_in = super().authenticate(request)
        if signed_in is None:
            return None
        user: Any = signed_in[0]
        found: Any = request
        found.actor = actor_of(user, method="session")
        found.viewer = SimpleLazyObject(lambda: viewer_of(user))
        return user, None
