"""How the ways of signing in are described in the OpenAPI document."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # drf-spectacular's hook is untyped
    """A bearer token of a person, a service or a runtime."""

    target_class = "accounts.api.authentication.TokenAuthentication"
    name = "bearer"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, str]:
        """OpenAPI's security scheme."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "ptl_…"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # as above
    """The portal's session cookie; unsafe methods also need X-CSRFToken."""

    target_class = "accounts.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, str]:
        """OpenAPI's security scheme."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
