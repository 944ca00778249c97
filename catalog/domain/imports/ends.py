"""Collecting what the steps of a flow touch: each system once, each end once, in an order that does not depend on the file's."""

import re
from collections.abc import Iterable

from catalog.domain.imports.drafts import MAX_AI_USES, MAX_ENDPOINTS, AiUse, EndpointDraft, IntegrationDraft, SystemDraft
from catalog.domain.imports.words import kebab, line, prose, singular, slug_of
from catalog.domain.secrets import secrets_in

MAX_FIELDS = 40
_NO_OBJECT = frozenset(
    {"", "id", "null", "none", "default", "item", "items", "data", "v1", "v2", "v3", "api", "text", "chat", "assistant", "raw"}
)


class Ends:
    """What one integration touches, gathered step by step."""

    def __init__(self, systems: dict[str, SystemDraft]) -> None:
        self._systems = systems  # of the whole file
        self._found: dict[tuple[str, str, str, str], EndpointDraft] = {}
        self._ai: dict[tuple[str, str, str], AiUse] = {}
        self.remarks: list[str] = []
        self.steps = 0  # that do something, whether or not a system could be named

    def add(
        self,
        system: SystemDraft,
        role: str,
        operation: str,
        *,
        data_object: str | None = None,
        address: str = "",
        fields: Iterable[str] = (),
        cadence: str = "",
    ) -> None:
        """One end; a second of the same system, data object, role and operation adds its fields to the first."""
        self._systems.setdefault(system.slug, system)
        named = object_slug(data_object)
        key = (system.slug, named or "", role, operation)
        before = self._found.get(key)
        every = dict.fromkeys([*(before.fields if before else ()), *(line(field, 120) for field in fields)])
        self._found[key] = EndpointDraft(
            system=system.slug,
            role=role,
            operation=operation,
            data_object=named,
            fields=tuple(field for field in every if field)[:MAX_FIELDS],
            cadence=before.cadence if before and before.cadence else line(cadence, 63),
            address=before.address if before and before.address else address,
        )

    @property
    def has_room_for_ai(self) -> bool:
        """Whether one more model would be kept."""
        return len(self._ai) < MAX_AI_USES

    def add_ai(self, provider: SystemDraft, model: str, node: str, data: Iterable[str]) -> None:
        """A model that is called, and what reaches it."""
        use = AiUse(provider.slug, line(model, 120) or "not named", line(node, 120), tuple(line(kind, 120) for kind in list(data)[:40]))
        self._ai.setdefault((use.provider, use.model, use.node), use)

    def remark(self, sentence: str) -> None:
        """Something about it that could not be read."""
        if sentence not in self.remarks:
            self.remarks.append(sentence)

    def endpoints(self) -> tuple[EndpointDraft, ...]:
        """Sorted; at most as many as an integration may have."""
        ordered = [self._found[key] for key in sorted(self._found)]
        if len(ordered) > MAX_ENDPOINTS:
            self.remark(f"It has {len(ordered)} endpoints; the first {MAX_ENDPOINTS} are kept.")
        return tuple(ordered[:MAX_ENDPOINTS])

    def draft(
        self,
        *,
        part: str,
        title: str,
        type: str,  # noqa: A002 - the word of the row
        purpose: object = "",
        tags: Iterable[object] = (),
        trigger: str = "",
        notes: str = "",
        owner: str = "",
    ) -> IntegrationDraft:
        """Everything found so far as one integration."""
        endpoints = self.endpoints()
        if not endpoints:
            self.remark("No system could be named in it.")
        words = dict.fromkeys(line(tag, 63) for tag in tags)
        told = line(trigger, 200)
        return IntegrationDraft(
            part=part[:200],
            title=title,
            type=type,
            purpose=prose(purpose, 2000),
            tags=tuple(word for word in words if word)[:20],
            endpoints=endpoints,
            trigger="" if any(secrets_in([told])) else told,
            ai_use=tuple(self._ai[key] for key in sorted(self._ai))[:MAX_AI_USES],
            notes=notes,
            owner=owner,
        )


def object_slug(name: str | None) -> str | None:
    """The slug of a data object by what a step calls it, in the singular; None for words that name none."""
    is_spaced = bool(re.search(r"[ _-]", name or "")) and not re.search(r"[a-z][A-Z]", name or "")
    slug = slug_of(name) if is_spaced else kebab(name or "")
    words = slug.split("-")
    slug = "-".join([*words[:-1], singular(words[-1])])
    return None if slug in _NO_OBJECT or len(slug) < 2 or slug.replace("-", "").isdigit() else slug[:63]


def title_of(named: object, path: str) -> str:
    """The name, or where there is none what the file is called."""
    stem = path.replace("\\", "/").rpartition("/")[2]
    for _ in range(2):
        stem = stem.rpartition(".")[0] or stem
    return line(named, 160) or line(" ".join(stem.replace("_", " ").split()), 160) or "Without a name"
