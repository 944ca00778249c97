"""What one node of a Node-RED flow does. Types are free words of many authors: known ones first, then what they call and are named for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from catalog.domain.imports import operations, products
from catalog.domain.imports.addresses import Place, place_of, system_of
from catalog.domain.imports.drafts import SystemDraft
from catalog.domain.imports.schedules import cron, every
from catalog.domain.imports.words import line, listed, words_of

_INSIDE: Final = listed(
    """
    function change switch template delay trigger split join sort batch csv html json xml yaml range rbe markdown link-in
    link-out link-call debug complete catch status comment group junction tab inject exec global-config ui_group ui_tab ui_base
    http-response unknown websocket-listener websocket-client mqtt-broker tls-config http-proxy moment random
    """
)
# Those that only hold, show or start something.
_IDLE: Final = listed(
    """
    debug comment group junction tab catch status complete global-config ui_group ui_tab ui_base http-response tls-config
    unknown inject link-in link-out websocket-listener websocket-client mqtt-broker http-proxy
    """
)
# Beginning of a type → product, for contributed nodes that are not named after it.
_PREFIXES: Final = (
    (
        ("ha-", "api-call-service", "api-current-state", "server-events", "server-state", "poll-state", "trigger-state", "api-get"),
        "home-assistant",
    ),
    (("OPCUA", "OpcUa", "opcua", "opc-ua"), "opc-ua"),
    (("modbus",), "modbus"),
    (("knx",), "knx"),
    (("hue-",), "philips-hue"),
    (("victron",), "victron"),
    (("NGSI", "FIWARE", "Open APIs", "Service and ServicePath", "Historical Context"), "ngsi"),
    (("dapi-",), "filemaker"),
    (("rpi-", "rpi "), "raspberry-pi"),
    (("amazon config",), "aws"),
    (("e-mail", "email"), "email"),
    (("file", "watch"), "local-files"),
    (("chatgpt", "openai"), "openai"),
)
_HOST_KEYS: Final = ("url", "host", "hostname", "broker", "server", "tcpHost", "address", "endpoint", "baseUrl", "serverUrl", "llmBaseUrl")
_AI_WORDS: Final = frozenset({"openai", "chatgpt", "ollama", "gemini", "anthropic", "claude", "huggingface", "llm", "mistral", "gpt"})
_ID = re.compile(r"[0-9a-f]{5,8}\.[0-9a-f]{3,8}\Z")  # of a configuration node that was not exported; no host
_FIELD = re.compile(r"""\b(?:payload|msg)(?:\.(?:payload|body|query))?(?:\.([A-Za-z_]\w{0,60})|\[["']([^"'\]]{1,80})["']\])""")
_PLAIN_WORDS: Final = frozenset({"payload", "topic", "length", "req", "res", "headers", "statusCode", "_msgid", "body", "query", "params"})


@dataclass(frozen=True, slots=True)
class Step:
    """One node; as for n8n, `carries` is what it brings along and `fields` are names of what passes through it."""

    name: str
    does_something: bool = True
    system: SystemDraft | None = None
    role: str = "source"
    operation: str = "read"
    data_object: str | None = None
    address: str = ""
    provider: bool = False
    model: str = ""
    trigger: str = ""
    cadence: str = ""
    fields: tuple[str, ...] = ()
    carries: str = ""
    remark: str = ""


def step(node: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]], *, flows_in: bool, flows_out: bool) -> Step:
    """The node as a step. `by_id` holds the configuration nodes it may refer to; the flags say whether wires lead to and from it."""
    kind = str(node["type"])
    key = kind.replace(" ", "-")
    name = line(node.get("name"), 120) or line(kind, 120)
    fields = _fields(node)
    if kind == "inject":
        cadence = cron(node.get("crontab")) or every(node.get("repeat"), "seconds")
        return Step(name, does_something=False, trigger=f"schedule: {cadence}" if cadence else "by hand", cadence=cadence, fields=fields)
    if kind == "http in":
        told = f"webhook {line(str(node.get('method', '')).upper(), 8)} {line(node.get('url'), 80)}"
        return Step(name, does_something=False, trigger=told, fields=fields, carries="web request")
    if key in _INSIDE or kind.startswith(("subflow:", "ui_", "uib", "ui-")):
        return Step(name, does_something=key not in _IDLE, fields=fields)
    if not ("wires" in node or flows_in or flows_out):
        return Step(name, does_something=False)  # a configuration node: read with those that refer to it
    return _outside(node, by_id, name, fields, flows_in=flows_in, flows_out=flows_out)


def _outside(
    node: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]], name: str, fields: tuple[str, ...], *, flows_in: bool, flows_out: bool
) -> Step:
    kind = str(node["type"])
    place = _place(node, by_id)
    system = _named(kind) if kind not in {"http request", "tcp in", "tcp out", "tcp request", "udp in", "udp out"} else None
    generic = kind.split(" ", maxsplit=1)[0] in {"http", "tcp", "udp", "websocket", "mqtt", "amqp", "ftp", "sftp"}
    system = (place.system or system) if generic else (system or place.system)
    if system is None:
        told = "The address that {!r} calls is set at run time or is this machine's." if generic else ""
        return Step(name, fields=fields, remark=told.format(name))
    operation = _operation(node, kind, flows_in=flows_in, flows_out=flows_out)
    provider_system = system if system.slug in products.AI_PROVIDERS else _provider(node)
    model = node.get("model") or node.get("llmModel") or node.get("modelName")
    return Step(
        name,
        system=provider_system or system,
        role=operations.role_of(operation),
        operation="read" if provider_system else operation,
        data_object=_object(node),
        address=place.address,
        provider=provider_system is not None,
        model=line(model, 120),
        trigger=f"event of {system.title}" if not flows_in and flows_out and operation == "read" else "",
        fields=fields,
        carries=system.title,
    )


def _provider(node: Mapping[str, Any]) -> SystemDraft | None:
    """The model behind a node of another product: an address of a provider among its settings."""
    if not _AI_WORDS & {word for key in node for word in words_of(key)} and not _AI_WORDS & set(words_of(str(node["type"]))):
        return None
    hosts = [place_of(value).system for value in node.values() if isinstance(value, str) and value.startswith("http")]
    named = products.mentioned(words_of(str(node.get("llmProvider") or node.get("provider") or "")))
    return next((found for found in (*hosts, named) if found is not None and found.slug in products.AI_PROVIDERS), None)


def _named(kind: str) -> SystemDraft | None:
    for beginnings, slug in _PREFIXES:
        if kind.startswith(beginnings):
            return products.product(slug)
    if kind.startswith("amazon "):
        return products.mentioned(["aws", *words_of(kind)[1:]]) or products.product("aws")
    return products.mentioned(words_of(kind))


def _place(node: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]]) -> Place:
    """Where the node, or the configuration node it refers to, says that its system is."""
    own = _own_place(node, by_id)
    if own.system is not None:
        return own
    for value in node.values():
        config = by_id.get(value) if isinstance(value, str) and value else None
        if config is not None and config is not node and "wires" not in config:
            found = _own_place(config, by_id)
            if found.system is not None:
                return found
    return own


def _own_place(node: Mapping[str, Any], by_id: Mapping[str, Any]) -> Place:
    for key in _HOST_KEYS:
        value = node.get(key)
        if not isinstance(value, str) or value in by_id or _ID.match(value):
            continue
        if re.search(r"[.:]", value):
            found = place_of(value)
            if found.system is not None:
                return found
        elif key in {"host", "hostname", "broker", "tcpHost"} and value and "$" not in value:
            return Place(system_of(value), "")
    return Place(None)


def _operation(node: Mapping[str, Any], kind: str, *, flows_in: bool, flows_out: bool) -> str:
    if kind == "http request":
        return operations.of_method("GET" if node.get("method") in {"use", "", None} else node.get("method"), str(node.get("url") or ""))
    told = operations.of_word(node.get("operation")) or operations.of_word(kind)
    if kind.endswith(" in") or not flows_in:
        return "read" if flows_out or kind.endswith(" in") else (told or "read")
    if kind.endswith((" out", " sender")):
        return "notify" if kind.split(" ", maxsplit=1)[0] in {"mqtt", "amqp", "websocket", "e-mail", "telegram", "udp", "tcp"} else "create"
    return told or ("read" if flows_out else "update")


def _object(node: Mapping[str, Any]) -> str | None:
    """What is read or written where the node names it: a table, a collection, a type of entity, a layout."""
    for key in ("table", "collection", "entityType", "layout"):
        if isinstance(node.get(key), str) and re.match(r"[A-Za-z][\w -]{1,60}\Z", node[key]):
            return str(node[key])
    return None


def _fields(node: Mapping[str, Any]) -> tuple[str, ...]:
    texts = [value for key in ("func", "template", "syntax", "initialize") if isinstance(value := node.get(key), str)]
    found = (matched[1] or matched[2] for text in texts for matched in _FIELD.finditer(text[:20_000]))
    return tuple(name for name in dict.fromkeys(found) if name not in _PLAIN_WORDS)[:100]
