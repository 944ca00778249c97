"""Small files as runtimes write them, for one rule each."""

import json
from itertools import pairwise
from typing import Any

from catalog.domain.imports import FileDraft, read_file
from catalog.domain.imports.drafts import IntegrationDraft


def node(name: str, type: str, parameters: Any = None, **more: Any) -> dict[str, Any]:  # noqa: A002 - n8n's word
    """A node of an n8n workflow."""
    return {"name": name, "type": type if "." in type else f"n8n-nodes-base.{type}", "parameters": parameters or {}, **more}


def chain(*names: str, kind: str = "main") -> dict[str, Any]:
    """Connections from each node to the next."""
    return {start: {kind: [[{"node": end, "type": kind, "index": 0}]]} for start, end in pairwise(names)}


def workflow(*nodes: dict[str, Any], connections: Any = None, **more: Any) -> dict[str, Any]:
    """An exported workflow; its nodes follow each other unless told otherwise."""
    joined = chain(*(each["name"] for each in nodes)) if connections is None else connections
    return {"name": "A flow", "nodes": list(nodes), "connections": joined, **more}


def read(value: Any, path: str = "flow.json") -> FileDraft:
    """A JSON value read; a refusal fails the test with its reason."""
    found = read_file(path, value if isinstance(value, bytes) else json.dumps(value).encode())
    assert isinstance(found, FileDraft), found
    return found


def only(value: Any, path: str = "flow.json") -> IntegrationDraft:
    """Its one integration."""
    (draft,) = read(value, path).integrations
    return draft


def ends(value: Any, path: str = "flow.json") -> set[tuple[Any, ...]]:
    """(system, role, operation, data object) of the one integration."""
    return {(end.system, end.role, end.operation, end.data_object) for end in only(value, path).endpoints}
