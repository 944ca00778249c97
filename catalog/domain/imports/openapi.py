"""OpenAPI 2 and 3 and AsyncAPI documents: each is one integration, an API of a system, with an end for each data object and operation.

The system is whose host answers; where servers are left to whoever installs it, what the title names. A path's last word that is no
parameter is its data object; names of the members of its schemas are the fields.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from catalog.domain.imports import operations, products
from catalog.domain.imports.addresses import Place, place_of, system_of
from catalog.domain.imports.drafts import FileDraft, NotImported, SystemDraft
from catalog.domain.imports.ends import Ends, title_of
from catalog.domain.imports.words import line, listed, slug_of, words_of

FORMATS: Final = ("openapi", "swagger", "asyncapi")
MAX_PATHS = 3000
_METHODS: Final = ("get", "put", "post", "delete", "patch", "head")
_NOISE: Final = listed(
    "api apis service services rest webhooks webhook the a open v1 v2 v3 v4 public notification notifications reference definition head"
)
_ACTIONS: Final = listed(
    """
    approve cancel return confirm capture refund search query send reject complete activate deactivate archive restore publish validate
    calculate preview count export import bulk batch list void authorize merge convert run start stop remind
    """
)
_READ_WORDS: Final = listed("get list search find query fetch retrieve lookup check count download")
_ENVELOPES: Final = listed("data attributes items results object profile")
_VERSION = re.compile(r"v?\d+(?:[._-]\d+)*\Z|api\Z|rest\Z", re.IGNORECASE)


def is_description(value: Any) -> bool:
    """Whether it is an OpenAPI or AsyncAPI document."""
    return isinstance(value, Mapping) and any(isinstance(value.get(name), str | int | float) for name in FORMATS) and "kind" not in value


def read(value: Mapping[str, Any], path: str) -> FileDraft:
    """The API as one integration. Raises NotImported when it has neither operations nor channels."""
    systems: dict[str, SystemDraft] = {}
    ends = Ends(systems)
    info = value["info"] if isinstance(value.get("info"), Mapping) else {}
    title = title_of(info.get("title"), path)
    is_async = "asyncapi" in value
    system, address = _system(value, title, path)
    found = _channels(value) if is_async else _operations(value)
    count = 0
    for name, operation, fields in found:
        count += 1
        ends.add(system, operations.role_of(operation), operation, data_object=name, address=address, fields=fields)
    if not count:
        raise NotImported("It describes no operation and no channel.")
    if not address:
        ends.remark(f"No server is named in it; it is taken to be of {system.title}, by its title or contact.")
    draft = ends.draft(
        part="",
        title=title,
        type="event-subscription" if is_async else "api",
        purpose=info.get("description") or info.get("summary"),
        tags=[tag.get("name") for tag in value.get("tags") or () if isinstance(tag, Mapping)]
        if isinstance(value.get("tags"), list)
        else [],
    )
    return FileDraft(
        "asyncapi" if is_async else "openapi", integrations=(draft,), systems=(*systems.values(),), remarks=tuple(ends.remarks)
    )


def _system(value: Mapping[str, Any], title: str, path: str) -> tuple[SystemDraft, str]:
    for raw in _servers(value):
        place: Place = place_of(raw)
        if place.system is not None:
            return place.system, place.address
    words = [word for word in words_of(title) if word not in _NOISE and not word.isdigit()]
    found = products.mentioned(words) or _by_contact(value)
    slug = slug_of(" ".join(words[:4])) or slug_of(title) or slug_of(path.rpartition("/")[2]) or "api"
    return found or SystemDraft(slug, line(title, 120)), ""


def _by_contact(value: Mapping[str, Any]) -> SystemDraft | None:
    """Whose API it is by who answers questions about it, or whose terms hold."""
    info = value["info"] if isinstance(value.get("info"), Mapping) else {}
    contact = info["contact"] if isinstance(info.get("contact"), Mapping) else {}
    named = products.mentioned(words_of(str(contact.get("name") or "")))
    email = contact.get("email")
    host = email.rpartition("@")[2] if isinstance(email, str) and "@" in email else ""
    by_mail = system_of(host) if re.match(r"[A-Za-z0-9.-]+\.[a-z]{2,}\Z", host) else None
    return named or by_mail or place_of(info.get("termsOfService")).system


def _servers(value: Mapping[str, Any]) -> Iterator[str]:
    servers = value.get("servers")
    listed = list(servers.values()) if isinstance(servers, Mapping) else servers if isinstance(servers, list) else []
    for server in listed[:50]:
        if isinstance(server, Mapping):
            raw = server.get("url") or f"{server.get('protocol', 'https')}://{server.get('host', '')}{server.get('pathname', '')}"
            yield _filled(str(raw), server.get("variables"))
    if isinstance(value.get("host"), str):
        schemes = value.get("schemes")
        scheme = schemes[0] if isinstance(schemes, list) and schemes else "https"
        yield f"{scheme}://{value['host']}{value.get('basePath') or ''}"


def _filled(url: str, variables: Any) -> str:
    """Server variables by their defaults."""
    for name, variable in variables.items() if isinstance(variables, Mapping) else ():
        default = variable.get("default") if isinstance(variable, Mapping) else None
        if isinstance(default, str):
            url = url.replace("{" + str(name) + "}", default)
    return url


def _operations(value: Mapping[str, Any]) -> Iterator[tuple[str | None, str, list[str]]]:
    """(data object, operation, fields) of every operation; webhooks notify."""
    for group in ("paths", "webhooks"):
        paths = value.get(group)
        for name, item in list(paths.items())[:MAX_PATHS] if isinstance(paths, Mapping) else ():
            for method in _METHODS:
                call = item.get(method) if isinstance(item, Mapping) else None
                if isinstance(call, Mapping):
                    operation = "notify" if group == "webhooks" else _operation(method, str(name), call)
                    yield _object_of(str(name)), operation, _fields_of(call, value)


def _operation(method: str, path: str, call: Mapping[str, Any]) -> str:
    """What the call does: a POST called `getGiftCertificate` or `searchOrders` reads."""
    operation = operations.of_method(method, path)
    named = words_of(str(call.get("operationId") or ""))
    return operations.READ if operation == operations.CREATE and named and named[0] in _READ_WORDS else operation


def _channels(value: Mapping[str, Any]) -> Iterator[tuple[str | None, str, list[str]]]:
    """AsyncAPI 2 has operations in channels; 3 has them beside. What the described application sends, others read."""
    channels = value["channels"] if isinstance(value.get("channels"), Mapping) else {}
    for name, channel in list(channels.items())[:MAX_PATHS]:
        if not isinstance(channel, Mapping):
            continue
        address = channel.get("address") if isinstance(channel.get("address"), str) else name
        for word, operation in (("subscribe", "read"), ("publish", "notify")):
            if isinstance(channel.get(word), Mapping):
                yield _object_of(str(address)), operation, _fields_of(channel[word], value)
    calls = value.get("operations")
    for call in list(calls.values())[:MAX_PATHS] if isinstance(calls, Mapping) else ():
        reference = call.get("channel") if isinstance(call, Mapping) else None
        if isinstance(reference, Mapping):
            channel = _resolved(reference, value)
            address = (
                channel.get("address") if isinstance(channel.get("address"), str) else str(reference.get("$ref", "")).rpartition("/")[2]
            )
            yield _object_of(str(address)), "read" if call.get("action") == "send" else "notify", _fields_of(channel, value)
    if channels and not isinstance(calls, Mapping) and not any(_has_call(channel) for channel in channels.values()):
        yield from ((_object_of(str(name)), "read", []) for name in list(channels)[:MAX_PATHS])


def _has_call(channel: Any) -> bool:
    return isinstance(channel, Mapping) and ("publish" in channel or "subscribe" in channel)


def _object_of(path: str) -> str | None:
    """`/v2/customers/{id}/orders` → `orders`; `shop.order.created` → `order`."""
    parts = [
        part for part in re.split(r"[/.:]", path) if part and not part.startswith("{") and "{" not in part and not _VERSION.match(part)
    ]
    if "/" not in path and len(parts) > 1:
        return parts[-2]
    while len(parts) > 1 and parts[-1].lower() in _ACTIONS:
        parts.pop()
    return parts[-1] if parts else None


def _fields_of(call: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
    """Names of the members of what is sent and answered, one level of each schema, lists and envelopes opened."""
    reading = _Members(document)
    for schema in _schemas(call, 0)[:12]:
        reading.read(schema, 0)
    return list(reading.found)[:40]


def _schemas(value: Any, depth: int) -> list[Any]:
    """Schemas below an operation: in its bodies, parameters in the body, answers of success, messages."""
    if depth > 6 or not isinstance(value, Mapping):
        return []
    found = [value[key] for key in ("schema", "payload") if isinstance(value.get(key), Mapping)]
    for key in ("requestBody", "message", "messages"):
        found.extend(_schemas(value.get(key), depth + 1))
    media = value.get("content")
    for body in list(media.values())[:4] if isinstance(media, Mapping) else ():  # application/json, application/vnd.api+json, …
        found.extend(_schemas(body, depth + 1))
    for item in value.get("parameters") or () if isinstance(value.get("parameters"), list) else ():
        if isinstance(item, Mapping) and item.get("in") == "body":
            found.extend(_schemas(item, depth + 1))
    answers = value.get("responses")
    for code, answer in answers.items() if isinstance(answers, Mapping) else ():
        if str(code).startswith("2"):
            found.extend(_schemas(answer, depth + 1))
    if isinstance(value.get("$ref"), str):
        found.append(value)
    return found


class _Members:
    """Collects the names of members; schemas that point to each other in circles or fans are looked at a bounded number of times."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._left = 300
        self.found: dict[str, None] = {}

    def read(self, schema: Any, depth: int) -> None:
        """Add the members of one schema, of its parts, of its items and of its envelope."""
        self._left -= 1
        if depth > 4 or self._left < 0 or not isinstance(schema, Mapping):
            return
        schema = _resolved(schema, self._document)
        for part in ("allOf", "oneOf", "anyOf"):
            for inner in schema[part][:50] if isinstance(schema.get(part), list) else ():
                self.read(inner, depth + 1)
        for inner in (schema.get("payload"), schema.get("items")):
            self.read(inner, depth + 1)
        properties = schema.get("properties")
        for name, inner in list(properties.items())[:100] if isinstance(properties, Mapping) else ():
            self.found[str(name)] = None
            if name in _ENVELOPES:
                self.read(inner, depth + 1)


def _resolved(value: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a local reference points to, through at most eight of them; anything else as it is."""
    for _ in range(8):
        reference = value.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return value
        target: Any = document
        for word in reference[2:].split("/")[:12]:
            target = target.get(word.replace("~1", "/").replace("~0", "~")) if isinstance(target, Mapping) else None
        if not isinstance(target, Mapping):
            return {}
        value = target
    return {}
