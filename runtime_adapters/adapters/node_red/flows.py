"""Pure surgery on a Node-RED flows array: our tab in, our tab out, everything else untouched.

A slot owns the tab whose id derives from the slot id, every node with `z` of that tab, and every node whose id
starts with the tab's id (subflow definitions and what is inside them).
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from runtime_adapters.adapters.node_red import js_json
from runtime_adapters.contract import Generation, Marks

Node = Mapping[str, Any]
Flows = Sequence[Node]

MARK_INTEGRATION = "PORTOLAN_INTEGRATION"
MARK_RELEASE = "PORTOLAN_RELEASE"
MARK_DEPLOYMENT = "PORTOLAN_DEPLOYMENT"
MARK_SLOT = "PORTOLAN_SLOT"
MARK_ENVIRONMENT = "PORTOLAN_ENVIRONMENT"
MARKS = frozenset({MARK_INTEGRATION, MARK_RELEASE, MARK_DEPLOYMENT, MARK_SLOT, MARK_ENVIRONMENT})
LAYOUT = frozenset({"x", "y", "w", "h"})
KEPT_TEXT = frozenset({"id", "type", "name", "label", "info", "func", "initialize", "finalize", "template", "payload", "topic"})
ABSENT = "absent"


def tab_id(slot: UUID) -> str:
    """Return the slot's tab id: the first 16 hexadecimal digits of SHA-256 over the slot id's text."""
    return hashlib.sha256(str(slot).encode()).hexdigest()[:16]


def node_id(tab: str, original: str) -> str:
    """Return the id a release's node gets inside a tab. Two slots never share one."""
    return tab + hashlib.sha256(f"{tab}/{original}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def is_owned(node: Node, tab: str) -> bool:
    return node.get("z") == tab or str(node.get("id", "")).startswith(tab)


def owned(flows: Flows, tab: str) -> list[Node]:
    """Return the slot's nodes in the runtime's order."""
    return [node for node in flows if is_owned(node, tab)]


def spliced(flows: Flows, tab: str, ours: Flows) -> list[Node]:
    """Return the array with the slot's nodes replaced by `ours` at the place of the first of them (the end when new)."""
    at = next((n for n, node in enumerate(flows) if is_owned(node, tab)), len(flows))
    before = [node for node in flows[:at] if not is_owned(node, tab)]
    after = [node for node in flows[at:] if not is_owned(node, tab)]
    return [*before, *ours, *after]


def revision(ours: Flows) -> str:
    """Return the slot's own revision: exact bytes of its nodes, or "absent". Other tabs do not move it."""
    return js_json.rev_of(ours) if ours else ABSENT


def rendered(nodes: Flows, marks: Marks) -> list[dict[str, Any]]:
    """Return the tab and nodes to store for an exported flow that `checks.offline` accepts."""
    tab = tab_id(marks.slot.id)
    source = next((node for node in nodes if node.get("type") == "tab"), {})
    inside = [node for node in nodes if node.get("type") != "tab"]
    ids = {str(node["id"]): node_id(tab, str(node["id"])) for node in inside}
    if "id" in source:
        ids[str(source["id"])] = tab
    configs = {str(node["id"]) for node in inside if is_config(node)}
    subflows = {str(node["id"]) for node in inside if node.get("type") == "subflow"}
    result = [_tab(source, tab, marks)]
    for n, node in enumerate(inside):
        home = ids[str(node["z"])] if node.get("z") in subflows else tab
        placed = node if is_config(node) or "x" in node else {**node, "x": 120 + 180 * (n % 5), "y": 80 + 60 * (n // 5)}
        result.append(_moved(placed, ids, configs, None if node.get("type") == "subflow" else home))
    return result


def is_config(node: Node) -> bool:
    """Node-RED's own rule is "no place on the canvas"; a node with wires is one that only forgot its place."""
    return node.get("type") not in {"tab", "subflow", "group"} and not ("x" in node and "y" in node) and "wires" not in node


def marks_of(flows: Flows, tab: str) -> dict[str, str]:
    """Return our marks on a tab, by name."""
    for node in flows:
        if node.get("id") == tab:
            return dict(_env_marks(node))
    return {}


def generation_of(marks: Mapping[str, str]) -> Generation | None:
    """Return the marked generation; None when absent or not ours."""
    try:
        return Generation.parse(marks.get(MARK_DEPLOYMENT, ""))
    except ValueError:
        return None


def normalised(nodes: Flows) -> list[dict[str, Any]]:
    """Return nodes without marks and layout, keys and nodes sorted: the content two parties can compare."""
    plain = [_plain_node(node) for node in nodes]
    return sorted(plain, key=lambda node: (str(node.get("id", "")), js_json.dumps(node)))


def content_hash(nodes: Flows) -> str:
    return "sha256:" + hashlib.sha256(js_json.dumps(normalised(nodes)).encode()).hexdigest()


def _tab(source: Node, tab: str, marks: Marks) -> dict[str, Any]:
    told = {
        MARK_INTEGRATION: marks.slot.integration,
        MARK_RELEASE: marks.digest,
        MARK_DEPLOYMENT: str(marks.generation),
        MARK_SLOT: str(marks.slot.id),
        MARK_ENVIRONMENT: marks.slot.environment,
    }
    env = [*source.get("env", []), *({"name": name, "value": value, "type": "str"} for name, value in told.items())]
    base = {"id": tab, "type": "tab", "label": marks.slot.integration, "disabled": False, "info": ""}
    return {**base, **source, "id": tab, "env": env}


def _moved(node: Node, ids: Mapping[str, str], configs: set[str], home: str | None) -> dict[str, Any]:
    """Copy a node with every reference to a node of the release rewritten to its new id."""
    moved: dict[str, Any] = {}
    for key, value in node.items():
        if key in {"wires", "links", "scope", "nodes", "in", "out", "status", "g"}:
            moved[key] = _rewired(value, ids)
        elif isinstance(value, str) and value in configs and key not in KEPT_TEXT:
            moved[key] = ids[value]
        elif key != "credentials":
            moved[key] = value
    moved["id"] = ids[str(node["id"])]
    moved["type"] = _type(str(node["type"]), ids)
    if home is not None:
        moved["z"] = home
    else:
        moved.pop("z", None)
    return moved


def _type(name: str, ids: Mapping[str, str]) -> str:
    prefix, colon, original = name.partition(":")
    return f"subflow:{ids[original]}" if colon and prefix == "subflow" and original in ids else name


def _rewired(value: Any, ids: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return ids.get(value, value)
    if isinstance(value, list):
        return [_rewired(item, ids) for item in value]
    if isinstance(value, Mapping):
        return {key: _rewired(item, ids) if key in {"id", "wires"} else item for key, item in value.items()}
    return value


def _env_marks(tab: Node) -> Iterator[tuple[str, str]]:
    env = tab.get("env")
    for entry in env if isinstance(env, list) else []:
        if isinstance(entry, Mapping) and entry.get("name") in MARKS:
            yield str(entry["name"]), str(entry.get("value", ""))


def _plain_node(node: Node) -> dict[str, Any]:
    kept: dict[str, Any] = {key: value for key, value in node.items() if key not in LAYOUT and key != "credentials"}
    if node.get("type") == "tab" and isinstance(node.get("env"), list):
        kept["env"] = [entry for entry in node["env"] if not (isinstance(entry, Mapping) and entry.get("name") in MARKS)]
    if node.get("type") == "subflow":
        for key in kept.keys() & {"in", "out", "status"}:
            kept[key] = _without_place(kept[key])
    sorted_node: dict[str, Any] = _sorted(kept)
    return sorted_node


def _without_place(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_place(item) for item in value]
    if isinstance(value, Mapping):
        return {key: item for key, item in value.items() if key not in LAYOUT}
    return value


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    return value
