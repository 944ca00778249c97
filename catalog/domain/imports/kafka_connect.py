"""Kafka Connect: one connector's configuration (JSON or properties), a list of them, Strimzi's resources, or `GET /connectors?expand=info`.

A connector joins Kafka and one other system. Topics and tables are its data objects.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from catalog.domain.imports import products
from catalog.domain.imports.addresses import Place, place_of, system_of
from catalog.domain.imports.drafts import MAX_PARTS, FileDraft, IntegrationDraft, NotImported, SystemDraft
from catalog.domain.imports.ends import Ends, title_of
from catalog.domain.imports.schedules import every
from catalog.domain.imports.words import line, listed, words_of

FORMAT = "kafka-connect"
CLASS = "connector.class"
MAX_OBJECTS = 20
_NOISE: Final = listed("source sink connector kafka connect io com org apache confluent")
_MADE_UP: Final = ("datagen", "voluble", "mocksource", "verifiablesource")
_COPIES: Final = ("replicator", "mirrorsource", "mirrormaker", "mirrorcheckpoint", "mirrorheartbeat")
_ADDRESS = re.compile(r"(?:^|[._-])(?:url|uri|urls|host|hosts|hostname|endpoint|endpoints|servers|server|contact\.points|service\.url)\Z")
_NOT_IT: Final = ("schema.registry", "bootstrap", "confluent.", "dbhistory", "history.", "converter", "proxy", "producer.", "consumer.")
_JDBC = re.compile(r"jdbc:(?P<kind>[a-z0-9]+):(?:thin:)?(?:@//|//|@)?(?P<rest>[^;?#]*)", re.IGNORECASE)
_TOPIC = re.compile(r"[A-Za-z][\w.\- ]{0,200}\Z")


def connectors_in(value: Any) -> list[tuple[str, Mapping[str, Any]]] | None:
    """(name, configuration) of every connector in a JSON value; None when there is none."""
    if isinstance(value, list):
        found = [connectors_in(item) for item in value]
        return [each for one in found for each in one or ()] if found and all(found) else None
    if not isinstance(value, Mapping):
        return None
    if isinstance(value.get(CLASS), str):
        return [(line(value.get("name"), 160), value)]
    if value.get("kind") == "KafkaConnector":
        return _of_operator(value)
    config = value.get("config")
    if isinstance(config, Mapping) and isinstance(config.get(CLASS), str):
        return [(line(value.get("name") or config.get("name"), 160), config)]
    infos = [item.get("info", item) for item in value.values() if isinstance(item, Mapping)]
    inner = [connectors_in(info) for info in infos if isinstance(info, Mapping) and "config" in info]
    return [each for one in inner for each in one or ()] if inner and len(inner) == len(value) and all(inner) else None


def _of_operator(value: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]] | None:
    """Strimzi's custom resource: the class stands beside the configuration."""
    spec, metadata = value.get("spec"), value.get("metadata")
    if not isinstance(spec, Mapping) or not isinstance(spec.get("class"), str):
        return None
    config = spec["config"] if isinstance(spec.get("config"), Mapping) else {}
    return [(line(metadata.get("name") if isinstance(metadata, Mapping) else "", 160), {**config, CLASS: spec["class"]})]


def read(connectors: list[tuple[str, Mapping[str, Any]]], path: str) -> FileDraft:
    """Each connector as one integration."""
    if len(connectors) > MAX_PARTS:
        raise NotImported(f"It holds more than {MAX_PARTS} connectors.")
    systems: dict[str, SystemDraft] = {}
    remarks: list[str] = []
    drafts: list[IntegrationDraft] = []
    for index, (name, config) in enumerate(connectors):
        ends = Ends(systems)
        part = "" if len(connectors) == 1 else f"{name or index + 1}"[:190]
        part = part if part not in {draft.part for draft in drafts} else f"{part}#{index + 1}"
        drafts.append(_draft(ends, config, part, title_of(name, path)))
        remarks.extend(ends.remarks)
    return FileDraft(FORMAT, integrations=tuple(drafts), systems=tuple(systems.values()), remarks=tuple(dict.fromkeys(remarks)))


def _draft(ends: Ends, config: Mapping[str, Any], part: str, title: str) -> IntegrationDraft:
    simple = str(config[CLASS]).strip().rpartition(".")[2].partition("$")[0]
    kafka, kafka_place = products.product("kafka"), place_of(str(config.get("bootstrap.servers", "")).partition(",")[0])
    other, place = _other(simple, config)
    is_sink = _is_sink(simple, config)
    objects: list[str | None] = [*_objects(config)] or [None]
    cadence = _cadence(config)
    if other is None:
        ends.remark(f"The connector class {line(simple, 80)} names no system.")
    for name in objects:
        fields = _fields(config)
        if is_sink:
            ends.add(kafka, "source", "read", data_object=name, address=kafka_place.address, fields=fields)
        else:
            ends.add(kafka, "target", "create", data_object=name, address=kafka_place.address, fields=fields)
        if other is not None:
            role, operation = ("target", "update" if _upserts(config) else "create") if is_sink else ("source", "read")
            ends.add(other, role, operation, data_object=name, address=place.address, fields=fields, cadence=cadence)
    return ends.draft(part=part, title=title, type="connector", trigger=f"schedule: {cadence}" if cadence else "stream")


def _other(simple: str, config: Mapping[str, Any]) -> tuple[SystemDraft | None, Place]:
    """The system on the other side: what the class is named after; for databases and web services, what the address says."""
    name = simple.lower()
    place = _place(config)
    if any(word in name for word in _MADE_UP):
        return products.product("data-generator"), Place(None)
    if any(word in name for word in _COPIES):
        return (place.system or SystemDraft("kafka-remote", "Apache Kafka (another cluster)", "data")), place
    kind = _database(config)
    if name.startswith("jdbc") and kind:
        return products.known(kind) or products.named(kind), place
    words = [word for word in words_of(simple) if word not in _NOISE]
    if not words or words[0] in {"jdbc", "http", "rest", "https", "webhook"}:
        rest = products.product("rest-service") if words and words[0] != "jdbc" else None
        return place.system or rest, place
    if str(config[CLASS]).startswith("io.debezium.connector."):
        words = words_of(str(config[CLASS]).split(".")[3])
    return products.mentioned(words) or products.named(" ".join(words[:3])) or place.system, place


def _database(config: Mapping[str, Any]) -> str:
    for value in config.values():
        matched = _JDBC.match(value.strip()) if isinstance(value, str) else None
        if matched:
            return matched["kind"].lower()
    return ""


def _place(config: Mapping[str, Any]) -> Place:
    for key, value in config.items():
        if not isinstance(value, str) or not _ADDRESS.search(key) or any(part in key for part in _NOT_IT):
            continue
        matched = _JDBC.match(value.strip())
        if matched:
            found = place_of(f"jdbc://{matched['rest']}")
            return Place(found.system, found.address.replace("jdbc://", f"jdbc:{matched['kind'].lower()}://"))
        first = value.partition(",")[0].strip()
        found = place_of(first) if re.search(r"[.:/]", first) else Place(system_of(first) if re.match(r"[\w-]+\Z", first) else None)
        if found.system is not None or found.address:
            return found
    return Place(None)


def _is_sink(simple: str, config: Mapping[str, Any]) -> bool:
    if "sink" in simple.lower():
        return True
    return "source" not in simple.lower() and ("topics" in config or "topics.regex" in config)


def _upserts(config: Mapping[str, Any]) -> bool:
    return str(config.get("insert.mode", "")).lower() in {"upsert", "update"} or str(config.get("write.method", "")).lower() == "upsert"


def _objects(config: Mapping[str, Any]) -> list[str]:
    """Tables where the connector names them, else topics; each by its last word."""
    for key in ("table.whitelist", "table.include.list", "tables", "collection.include.list", "collection", "topics"):
        found = _each(config.get(key))
        if found:
            return found
    topics = [
        value for key, value in config.items() if re.search(r"(?:^|\.)topics?\Z", key) and "history" not in key and "error" not in key
    ]
    return [name for value in topics for name in _each(value)][:MAX_OBJECTS]


def _each(value: object) -> list[str]:
    names: Iterable[str] = str(value).split(",") if isinstance(value, str) else ()
    plain = [name.strip().rpartition(".")[2] for name in names if _TOPIC.match(name.strip())]
    return list(dict.fromkeys(plain))[:MAX_OBJECTS]


def _fields(config: Mapping[str, Any]) -> list[str]:
    keys = [
        key
        for key in config
        if re.search(r"(?:\.fields|\.field|\.include|\.exclude|\.whitelist|\.blacklist|column\.name|\.renames)\Z", key)
    ]
    found = [name.partition(":")[0].strip() for key in keys if "table" not in key for name in str(config[key]).split(",")]
    made = [matched[1] for key in config if (matched := re.match(r"gen[vk]p?\.[^.]+\.([\w]+)\.(?:with|matching)", key))]
    return [name for name in dict.fromkeys([*found, *made]) if re.match(r"[A-Za-z_][\w.]{0,100}\Z", name)]


def _cadence(config: Mapping[str, Any]) -> str:
    value = str(next((config[key] for key in config if key.endswith("poll.interval.ms")), ""))
    seconds = int(value) // 1000 if re.match(r"[0-9]{1,12}\Z", value) else 0
    for size, unit in ((86_400, "days"), (3600, "hours"), (60, "minutes"), (1, "seconds")):
        if seconds and seconds % size == 0:
            return every(seconds // size, unit)
    return ""
