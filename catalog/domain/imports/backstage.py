"""Backstage's catalog-info.yaml: systems, resources and applications become systems, APIs become integrations, libraries components.

People, groups and scaffolder templates are not imported: teams and accounts are kept here by their own means. Who owns what is told as
it stands. What entities say of each other becomes typed relations, also to those of other files.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from catalog.domain.imports.addresses import place_of
from catalog.domain.imports.drafts import (
    MAX_PARTS,
    MAX_RELATIONS,
    ComponentDraft,
    FileDraft,
    IntegrationDraft,
    NotImported,
    RelationDraft,
    SystemDraft,
)
from catalog.domain.imports.ends import Ends, title_of
from catalog.domain.imports.loading import json_of, yaml_of
from catalog.domain.imports.words import line, prose, slug_of
from catalog.domain.vocabulary import RelationType

FORMAT = "backstage"
_REFERENCE = re.compile(r"(?:(?P<kind>[A-Za-z]+):)?(?:(?P<namespace>[\w.-]+)/)?(?P<name>[\w.-]+)\Z")
_HOLE = re.compile(r"\$\{\{|\{\{|\{%")
_LIBRARIES: Final = re.compile(r"library|plugin|package|module|sdk", re.IGNORECASE)
_DATA: Final = re.compile(r"database|bucket|queue|topic|storage|cache|db\b|table|cluster", re.IGNORECASE)
_TYPES: Final = {"asyncapi": "event-subscription"}
_ELSEWHERE: Final = {"Group", "User", "Location", "Template"}
_INSTEAD: Final = {
    "Group": "Teams and people are kept under Teams here, not imported.",
    "User": "Teams and people are kept under Teams here, not imported.",
    "Location": "A Location lists other files: import those.",
    "Template": "A template describes nothing that exists: leave it out.",
    "": "Of Backstage, systems, resources, components and APIs are imported.",
}
_RELATED: Final = {"Component", "System", "Resource", "API"}
# What a field of `spec` says → the relation, the kind meant where the reference names none, and whether it is read from the other end.
_RELATIONS: Final[dict[str, tuple[RelationType, str, bool]]] = {
    "dependsOn": (RelationType.DEPENDS_ON, "component", False),
    "dependencyOf": (RelationType.DEPENDS_ON, "component", True),
    "system": (RelationType.PART_OF, "system", False),
    "domain": (RelationType.PART_OF, "domain", False),
    "subcomponentOf": (RelationType.PART_OF, "component", False),
    "providesApis": (RelationType.FEEDS, "api", False),
    "consumesApis": (RelationType.CALLS, "api", False),
    "apiConsumedBy": (RelationType.CALLS, "component", True),
}


def entities_in(documents: list[Any]) -> list[Mapping[str, Any]] | None:
    """The entities among the documents; None when none of them is one."""
    found = [doc for doc in documents if isinstance(doc, Mapping) and isinstance(doc.get("kind"), str)]
    return [doc for doc in found if "backstage.io/" in str(doc.get("apiVersion"))][:MAX_PARTS] or None


def read(entities: list[Mapping[str, Any]], path: str) -> FileDraft:
    """Everything that can be registered. Raises NotImported, saying what the file holds instead."""
    whole = [entity for entity in entities if _is_whole(entity)]
    kinds = sorted({line(entity["kind"], 40) for entity in whole})
    file = _File(whole, path)
    draft = file.draft()
    if draft.is_empty:
        if not whole or set(kinds) == {"Template"}:
            raise NotImported("This is a template: what it describes does not exist before somebody fills it in. Leave it out.")
        told = " ".join(dict.fromkeys(_INSTEAD.get(kind, _INSTEAD[""]) for kind in kinds))
        raise NotImported(f"It holds only {', '.join(kinds)}. {told}")
    return draft


def _is_whole(entity: Mapping[str, Any]) -> bool:
    """Not a skeleton whose name is still a hole."""
    metadata = entity.get("metadata")
    return isinstance(metadata, Mapping) and isinstance(metadata.get("name"), str) and not _HOLE.search(metadata["name"])


class _File:
    """The entities of one file, which may refer to each other."""

    def __init__(self, entities: list[Mapping[str, Any]], path: str) -> None:
        self._path = path
        self._entities = entities
        self._systems: dict[str, SystemDraft] = {}
        self._remarks: list[str] = []
        left = sorted({entity["kind"] for entity in entities if entity["kind"] in _ELSEWHERE})
        if left:
            self._remarks.append(f"Left out: {', '.join(left)}.")
        self._owners = sorted({_owner(entity) for entity in entities} - {""})
        if self._owners:
            self._remarks.append(f"Backstage names as owner: {line(', '.join(self._owners), 200)}.")

    def draft(self) -> FileDraft:
        """Systems first, then what joins them."""
        libraries = []
        for entity in self._entities:
            if entity["kind"] == "Component" and _LIBRARIES.search(_type(entity)):
                libraries.append(entity)
            elif entity["kind"] in {"System", "Resource", "Component"}:
                self._system(_name(entity), _title(entity), "data" if _is_data(entity) else "other", entity)
        apis = [entity for entity in self._entities if entity["kind"] == "API"]
        integrations = tuple(self._api(entity) for entity in apis)
        return FileDraft(
            FORMAT,
            integrations=integrations,
            components=tuple(_component(entity) for entity in libraries),
            systems=tuple(self._systems.values()),
            remarks=tuple(dict.fromkeys(self._remarks)),
            relations=_relations(self._entities),
            owners=tuple(self._owners),
        )

    def _system(self, name: str, title: str, kind: str, entity: Mapping[str, Any] | None = None) -> SystemDraft:
        description = prose(_metadata(entity).get("description"), 2000) if entity else ""
        return self._systems.setdefault(slug_of(name), SystemDraft(slug_of(name), line(title, 120) or line(name, 120), kind, description))

    def _api(self, entity: Mapping[str, Any]) -> IntegrationDraft:
        """An API is read at who provides it, by who says that they consume it."""
        ends = Ends(self._systems)
        name, spec, metadata = _name(entity), _spec(entity), _metadata(entity)
        providers = self._those("providesApis", name) or [_referred(spec.get("system"))]
        host = _host_of(spec.get("definition"), spec.get("remotes"))
        for provider in filter(None, providers):
            ends.add(self._system(provider, provider, "other"), "source", "read", address=host.address)
        if not any(providers) and host.system is not None:
            ends.add(host.system, "source", "read", address=host.address)
        for consumer in self._those("consumesApis", name) + [_referred(each) for each in _list(spec.get("apiConsumedBy"))]:
            if consumer:
                ends.add(self._system(consumer, consumer, "other"), "target", "update")
        kind = _TYPES.get(_type(entity), "api")
        draft = ends.draft(
            part=f"api:{metadata.get('namespace') or 'default'}/{name}",
            title=title_of(metadata.get("title") or name, self._path),
            type=kind,
            purpose=metadata.get("description"),
            tags=_list(metadata.get("tags")),
            owner=_owner(entity),
        )
        self._remarks.extend(f"{name}: {remark}" for remark in ends.remarks)
        return draft

    def _those(self, relation: str, api: str) -> list[str]:
        """Names of the components that say this of the API."""
        return [_name(entity) for entity in self._entities if api in {_referred(each) for each in _list(_spec(entity).get(relation))}]


def _component(entity: Mapping[str, Any]) -> ComponentDraft:
    metadata = _metadata(entity)
    part = f"component:{metadata.get('namespace') or 'default'}/{_name(entity)}"
    return ComponentDraft(
        part=part[:200], title=line(_title(entity), 120), kind="script", description=prose(metadata.get("description"), 2000)
    )


def _relations(entities: Iterable[Mapping[str, Any]]) -> tuple[RelationDraft, ...]:
    """What the entities say of themselves and others, each once; nothing stands in a relation to itself."""
    found: dict[RelationDraft, None] = {}
    for entity in entities:
        if entity["kind"] in _RELATED:
            own = _full(entity["kind"].lower(), str(_metadata(entity).get("namespace") or "default"), _name(entity))
            for name, (type_, kind, is_inverse) in _RELATIONS.items():
                for other in _references(_spec(entity).get(name), kind):
                    source, target = (other, own) if is_inverse else (own, other)
                    if _bare(source) != _bare(target) or {source[:4], target[:4]} & {"api:"}:
                        found[RelationDraft(source, type_.value, target)] = None
    return tuple(found)[:MAX_RELATIONS]


def _references(value: Any, kind: str) -> list[str]:
    """`kind:namespace/name` of every reference of a field, one or a list; a hole of a template is none."""
    matched = [_REFERENCE.match(each.strip()) for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]
    return [_full((found["kind"] or kind).lower(), found["namespace"] or "default", found["name"]) for found in matched if found]


def _full(kind: str, namespace: str, name: str) -> str:
    return f"{kind}:{line(namespace, 63)}/{line(name, 63)}"


def _bare(reference: str) -> str:
    return slug_of(reference.rpartition("/")[2])


def _host_of(definition: Any, remotes: Any = None) -> Any:
    """Where an embedded OpenAPI or AsyncAPI document, or the address of an MCP server, says that the API is."""
    for remote in _list(remotes):
        if isinstance(remote, Mapping) and remote.get("url"):
            return place_of(remote["url"])
    value: Any = definition
    if isinstance(definition, str) and definition.strip():
        try:
            value = json_of(definition)[0] if definition.lstrip()[0] in "{[" else (yaml_of(definition) or [None])[0]
        except NotImported:
            return place_of(None)
    servers = value.get("servers") if isinstance(value, Mapping) else None
    listed: Iterable[Any] = servers.values() if isinstance(servers, Mapping) else servers if isinstance(servers, list) else ()
    first = next((item for item in listed if isinstance(item, Mapping)), {})
    return place_of(first.get("url") or (value.get("host") if isinstance(value, Mapping) else None))


def _metadata(entity: Mapping[str, Any]) -> Mapping[str, Any]:
    return entity["metadata"] if isinstance(entity.get("metadata"), Mapping) else {}


def _spec(entity: Mapping[str, Any]) -> Mapping[str, Any]:
    return entity["spec"] if isinstance(entity.get("spec"), Mapping) else {}


def _name(entity: Mapping[str, Any]) -> str:
    return line(_metadata(entity).get("name"), 63)


def _title(entity: Mapping[str, Any]) -> str:
    title = _metadata(entity).get("title")
    return title if isinstance(title, str) and title.strip() and not _HOLE.search(title) else _name(entity)


def _type(entity: Mapping[str, Any]) -> str:
    return line(_spec(entity).get("type"), 63)


def _is_data(entity: Mapping[str, Any]) -> bool:
    return entity["kind"] == "Resource" and bool(_DATA.search(_type(entity)))


def _owner(entity: Mapping[str, Any]) -> str:
    """`group:default/sales`, `user:x` and a bare `sales` as they stand; "" where it is missing or a hole."""
    owner = line(_spec(entity).get("owner"), 100)
    return "" if _HOLE.search(owner) or entity["kind"] == "Template" else owner


def _referred(reference: Any) -> str:
    """The name of `kind:namespace/name`."""
    matched = _REFERENCE.match(reference.strip()) if isinstance(reference, str) else None
    return matched["name"] if matched else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
