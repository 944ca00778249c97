"""Every operation of the API as its own description tells it, and how a path is filled with what exists."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from drf_spectacular.generators import SchemaGenerator

from tests.hostile import areas

METHODS = ("get", "post", "put", "patch", "delete")
_OWN_NAMES = {
    "users": "username",
    "teams": "team",
    "integrations": "integration",
    "boards": "board",
    "policies": "policy",
    "runtimes": "runtime",
    "environments": "environment",
    "systems": "system",
    "data-objects": "data_object",
    **areas.merged("OWN_NAMES"),
}


@dataclass(frozen=True)
class Operation:
    """One method of one path, with the JSON Schema of its body (references followed where they are met)."""

    method: str
    path: str
    spec: Any

    @property
    def id(self) -> str:
        return str(self.spec["operationId"])

    @property
    def body(self) -> dict[str, Any] | None:
        content = self.spec.get("requestBody", {}).get("content", {})
        return content.get("application/json", {}).get("schema")

    @property
    def is_list(self) -> bool:
        return any(each["name"] == "cursor" for each in self.spec.get("parameters", []))


@functools.cache
def document() -> dict[str, Any]:
    """The OpenAPI document of the code as it is."""
    made: dict[str, Any] = SchemaGenerator(api_version="1.0.0").get_schema(request=None, public=True)
    return made


@functools.cache
def operations() -> tuple[Operation, ...]:
    """All of them, in the order of their paths."""
    found = []
    for path, item in document()["paths"].items():
        found.extend(Operation(method.upper(), path, item[method]) for method in METHODS if method in item)
    return tuple(found)


def resolved(schema: Any) -> dict[str, Any]:
    """The schema a reference points to."""
    while "$ref" in schema or "allOf" in schema:
        if "allOf" in schema:
            schema = schema["allOf"][0]
        else:
            schema = document()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return dict(schema)


def variables(path: str) -> list[tuple[str, str]]:
    """(name in the path, what kind of thing it names) for every variable."""
    parts = path.split("/")
    return [(part[1:-1], _kind(part[1:-1], parts[i - 1])) for i, part in enumerate(parts) if part.startswith("{")]


def _kind(name: str, before: str) -> str:
    if name == "slot_id":
        return "slot"
    if name == "holder_type":
        return "holder_type"
    if before == "{holder_type}":
        return "username"
    return _OWN_NAMES.get(before, name) if name == "slug" else name


def filled(path: str, places: dict[str, str], **instead: str) -> str:
    """The path with names of things that exist, or `instead` of them (by kind)."""
    values = {**places, "holder_type": "users", **instead}
    for name, kind in variables(path):
        path = re.sub(r"\{" + name + r"\}", lambda _m, kind=kind: values[kind], path, count=1)
    return path


def example(schema: Any) -> Any:
    """The smallest value a schema allows, for the fields a test is not about."""
    schema = resolved(schema)
    if "default" in schema:
        return schema["default"]
    if schema.get("oneOf") or schema.get("anyOf"):
        return example((schema.get("oneOf") or schema["anyOf"])[0])
    if "enum" in schema:
        return schema["enum"][0]
    return _example_of(schema)


def _example_of(schema: dict[str, Any]) -> Any:
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return {name: example(schema["properties"][name]) for name in schema.get("required", [])}
    if kind == "array":
        return [example(schema["items"])] if schema.get("minItems") else []
    formats = {"uuid": "01890a5d-ac96-774b-bcce-b302099a8057", "date-time": "2030-01-01T00:00:00Z"}
    plain: dict[Any, Any] = {"string": formats.get(schema.get("format", ""), "a"), "integer": schema.get("minimum", 1), "boolean": True}
    return plain.get(kind, {})


def text_fields(schema: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """(place, schema) of every field below that takes text, lists by their first item."""
    schema = resolved(schema)
    kind = schema.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    if "object" in kinds:
        for name, inner in schema.get("properties", {}).items():
            yield from text_fields(inner, (*at, name))
    elif "array" in kinds:
        yield from text_fields(schema["items"], (*at, 0))
    elif "string" in kinds:
        yield at, schema


def put(value: Any, at: tuple[Any, ...], text: Any, schema: Any) -> Any:
    """`value` with `text` at the place, lists and objects on the way made as the schema would have them."""
    if not at:
        return text
    schema, (step, *rest) = resolved(schema), at
    if step == 0:
        first = value[0] if value else example(schema["items"])
        return [put(first, tuple(rest), text, schema["items"])]
    inner = schema["properties"][step]
    present = value.get(step) if isinstance(value, dict) else None
    return {**(value or {}), step: put(present if present is not None else example(inner), tuple(rest), text, inner)}
