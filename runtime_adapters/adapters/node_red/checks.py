"""What is wrong with a flow before Node-RED sees it. Node-RED itself accepts all of this with 200 and then does not run it."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from runtime_adapters.adapters.node_red.flows import MARKS, Flows, Node, is_owned
from runtime_adapters.contract import Finding, Severity

STRUCTURAL = frozenset({"tab", "subflow", "group"})
CONFIG_KEYS = frozenset({"base_url", "token_ref"})


def of_config(config: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what is wrong with the configuration of a runtime."""
    for key in sorted(config.keys() - CONFIG_KEYS):
        yield Finding(f"/{key}", "unknown-key", "this adapter has no such setting")
    url = config.get("base_url")
    parts = urlsplit(url) if isinstance(url, str) else None
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        yield Finding("/base_url", "not-a-url", "an http or https address is needed")
    elif parts.username or parts.password or parts.query or parts.fragment:
        yield Finding("/base_url", "url-too-much", "no user, password, query or fragment belongs in the address")
    token = config.get("token_ref")
    if token is not None and not (isinstance(token, str) and token):
        yield Finding("/token_ref", "not-a-reference", "a reference to the secret is needed, as text")


def offline(payload: Mapping[str, Any]) -> list[Finding]:
    """Return what is wrong with a release's payload `{"flows": [...]}` by itself. Pointers start at the payload."""
    flows = payload.get("flows")
    if not isinstance(flows, Sequence) or isinstance(flows, str) or not flows:
        return [Finding("/flows", "no-flows", "an exported flow is a non-empty array under `flows`")]
    shape = [finding for n, node in enumerate(flows) for finding in _shape(n, node)]
    if shape:
        return shape
    return [*_tabs(flows), *_ids(flows), *_places(flows), *_wires(flows), *_subflow_types(flows), *_endpoints(flows)]


def against(ours: Flows, flows: Flows, tab: str) -> Iterator[Finding]:
    """Yield what clashes between our rendered nodes and the rest of the runtime."""
    foreign = [node for node in flows if not is_owned(node, tab)]
    ids = {str(node.get("id")) for node in foreign}
    paused = {str(node["id"]) for node in foreign if node.get("type") == "tab" and node.get("disabled")}
    listening = {_endpoint(node) for node in foreign if _listens(node) and node.get("z") not in paused}
    for n, node in enumerate(ours):
        if str(node["id"]) in ids:
            yield Finding(f"/flows/{n}/id", "id-taken", "another tab holds a node with this id")
        if _listens(node) and _endpoint(node) in listening:
            yield Finding(f"/flows/{n}/url", "endpoint-taken", f"another tab already answers {_named(node)}")


def unknown_types(flows: Flows, known: Collection[str]) -> list[str]:
    """Return node types that the runtime does not have; any of them stops the whole runtime from starting flows."""
    subflows = {f"subflow:{node.get('id')}" for node in flows if node.get("type") == "subflow"}
    types = {str(node.get("type")) for node in flows}
    return sorted(types - STRUCTURAL - subflows - set(known))


def of_types(flows: Flows, known: Collection[str]) -> list[Finding]:
    unknown = set(unknown_types(flows, known))
    return [
        Finding(f"/flows/{n}/type", "unknown-node-type", f"the runtime has no enabled node type {str(node.get('type'))[:80]!r}")
        for n, node in enumerate(flows)
        if node.get("type") in unknown
    ]


def _shape(n: int, node: Any) -> Iterator[Finding]:
    at = f"/flows/{n}"
    if not isinstance(node, Mapping):
        yield Finding(at, "not-a-node", "every entry is an object")
        return
    for key in ("id", "type"):
        if not (isinstance(node.get(key), str) and node[key]):
            yield Finding(f"{at}/{key}", "missing", f"every node has a text `{key}`")
    if node.get("credentials"):
        yield Finding(f"{at}/credentials", "credentials-refused", "secrets never travel in a release; set them in the runtime")
    env = node.get("env", [])
    if node.get("type") == "tab" and not isinstance(env, list):
        yield Finding(f"{at}/env", "not-a-list", "`env` is an array of {name, value, type}")
        return
    for m, entry in enumerate(env if isinstance(env, list) else []):
        if isinstance(entry, Mapping) and entry.get("name") in MARKS:
            yield Finding(f"{at}/env/{m}", "reserved-name", f"{entry['name']} is written at deployment")
        elif isinstance(entry, Mapping) and entry.get("type") == "cred":
            yield Finding(f"{at}/env/{m}", "credentials-refused", "secrets never travel in a release; set them in the runtime")


def _tabs(flows: Flows) -> Iterator[Finding]:
    tabs = [n for n, node in enumerate(flows) if node["type"] == "tab"]
    for n in tabs[1:]:
        yield Finding(f"/flows/{n}", "second-tab", "one integration is one tab")
    if len(tabs) == len(flows):
        yield Finding("/flows", "no-nodes", "the tab is empty")


def _ids(flows: Flows) -> Iterator[Finding]:
    times = Counter(node["id"] for node in flows)
    for n, node in enumerate(flows):
        if times[node["id"]] > 1:
            yield Finding(f"/flows/{n}/id", "duplicate-id", f"the id {node['id'][:40]!r} occurs {times[node['id']]} times")


def _places(flows: Flows) -> Iterator[Finding]:
    """An export without its tab still names it in `z`: one such outside name is fine, two would be two tabs."""
    homes = {node["id"] for node in flows if node["type"] in {"tab", "subflow"}}
    outside = {node["z"] for node in flows if node.get("z") and node["z"] not in homes}
    has_tab = any(node["type"] == "tab" for node in flows)
    for n, node in enumerate(flows):
        if node.get("z") in outside and (has_tab or len(outside) > 1):
            yield Finding(f"/flows/{n}/z", "orphan", f"the tab or subflow {str(node['z'])[:40]!r} is not in this release")


def _wires(flows: Flows) -> Iterator[Finding]:
    ids = {node["id"] for node in flows}
    for n, node in enumerate(flows):
        wires = node.get("wires", [])
        if not isinstance(wires, list) or not all(isinstance(port, list) for port in wires):
            yield Finding(f"/flows/{n}/wires", "wires-shape", "`wires` is an array of arrays of ids")
            continue
        for port, targets in enumerate(wires):
            for target in targets:
                if target not in ids:
                    yield Finding(f"/flows/{n}/wires/{port}", "wire-to-nowhere", f"there is no node {str(target)[:40]!r}")
        for target in node.get("links", []) if isinstance(node.get("links"), list) else []:
            if target not in ids:
                detail = f"there is no node {str(target)[:40]!r}: links between tabs are not carried by a release"
                yield Finding(f"/flows/{n}/links", "link-to-nowhere", detail, Severity.WARNING)


def _subflow_types(flows: Flows) -> Iterator[Finding]:
    subflows = {node["id"] for node in flows if node["type"] == "subflow"}
    for n, node in enumerate(flows):
        prefix, colon, original = node["type"].partition(":")
        if colon and prefix == "subflow" and original not in subflows:
            yield Finding(f"/flows/{n}/type", "subflow-missing", "the subflow's definition is not in this release")


def _endpoints(flows: Flows) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    for n, node in enumerate(flows):
        if _listens(node):
            if _endpoint(node) in seen:
                yield Finding(f"/flows/{n}/url", "endpoint-twice", f"two nodes answer {_named(node)}")
            seen.add(_endpoint(node))


def _listens(node: Node) -> bool:
    return node.get("type") == "http in" and bool(node.get("url")) and not node.get("d")


def _endpoint(node: Node) -> tuple[str, str]:
    return str(node.get("method", "get")).lower(), "/" + str(node["url"]).strip("/").lower()


def _named(node: Node) -> str:
    method, path = _endpoint(node)
    return f"{method.upper()} {path[:80]}"
