"""What every operation's OpenAPI description has in common, for drf-spectacular."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

_CODES = {
    "400": "Malformed: the request cannot be read as this command.",
    "401": "Not signed in.",
    "403": "Not allowed.",
    "404": "Missing, or not visible to you.",
    "405": "The method is not offered here.",
    "406": "No form of the answer is acceptable to the caller.",
    "409": "In conflict with the present state.",
    "411": "Send Content-Length.",
    "412": "The version or content has moved.",
    "413": "The body is too large.",
    "415": "The media type is not accepted.",
    "422": "Understood, and against a rule.",
    "423": "Locked by a freeze.",
    "428": "If-Match is required.",
    "429": "Too many requests.",
    "503": "Unavailable for the moment.",
}
_ALWAYS = ("400", "401", "403", "404", "405", "406", "429", "503")
_WRITING = ("409", "411", "412", "413", "415", "422", "423", "428")

PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status", "detail", "code", "errors", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "Stable and machine-readable."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON Pointer into the body, or ?name for a query parameter."},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
        "request_id": {"type": "string"},
    },
}


class EdgeSchema(AutoSchema):
    """Adds list parameters from `filters`, conditional and idempotency headers, and the problem answers.

    A view names the methods or actions that need If-Match in `if_match_on`, and those that list in `list_on`
    (`get` on a view set's `list` action otherwise). One that is filtered like a list but has no pages says `is_paged = False`.
    """

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """The operation with what every one shares."""
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        parameters = operation.setdefault("parameters", [])
        known = {(each.get("in"), each.get("name")) for each in parameters}
        parameters.extend(each for each in self._shared_parameters() if (each["in"], each["name"]) not in known)
        for code in (*_ALWAYS, *(() if self.method == "GET" else _WRITING)):
            operation["responses"].setdefault(code, self._problem(code))
        return operation

    def get_operation_id(self) -> str:
        """`…_list` for lists, so that a resource's list and detail have names of their own."""
        found = str(super().get_operation_id())
        lists = self.method == "GET" and self._lists()
        return found.removesuffix("_retrieve") + "_list" if lists and found.endswith("_retrieve") else found

    def _shared_parameters(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        filters = getattr(self.view, "filters", None)
        if filters is not None and self._lists():
            found.extend(filters.openapi(paged=getattr(self.view, "is_paged", True)))
        if self.method in {"POST", "PUT", "PATCH", "DELETE"} and not getattr(self.view, "own_transactions", False):
            found.append(_header("Idempotency-Key", "Repeat a command safely: same key and body, same answer, one effect."))
        if self._names() & {name.lower() for name in getattr(self.view, "if_match_on", ())}:
            found.append({**_header("If-Match", "The ETag of the version you have seen."), "required": True})
        return found

    def _names(self) -> set[str]:
        return {self.method.lower(), (getattr(self.view, "action", None) or "").lower()}

    def _lists(self) -> bool:
        named = getattr(self.view, "list_on", None)
        if named is not None:
            return bool(self._names() & {name.lower() for name in named})
        action = getattr(self.view, "action", None)
        return self.method == "GET" and (action == "list" if action else not self._has_detail())

    def _has_detail(self) -> bool:
        return self.path.rstrip("/").endswith("}")

    def _problem(self, code: str) -> dict[str, Any]:
        make: Any = ResolvedComponent
        component = make(name="Problem", type=ResolvedComponent.SCHEMA, object="Problem", schema=PROBLEM)
        self.registry.register_on_missing(component)
        content = {"application/problem+json": {"schema": component.ref}}
        return {"description": _CODES.get(code, "Refused."), "content": content}


def listed(shape: type[serializers.BaseSerializer[Any]]) -> Any:
    """The list envelope of a read serializer, for `@extend_schema(responses=listed(Shape))`."""
    name = shape.__name__.removesuffix("Serializer")
    return inline_serializer(
        name=f"{name}List",
        fields={
            "results": shape(many=True),
            "next": serializers.CharField(allow_null=True),
            "count": serializers.IntegerField(required=False),
        },
    )


def _header(name: str, description: str) -> dict[str, Any]:
    return {"in": "header", "name": name, "description": description, "schema": {"type": "string", "maxLength": 255}}
