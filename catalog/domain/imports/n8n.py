"""n8n workflows as they are exported: one, several in a list, or inside the answer of the API.

Nodes are told apart by their names, as n8n's own connections do; ids are often missing. Nodes that were switched off do nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from catalog.domain.imports import n8n_nodes
from catalog.domain.imports.drafts import MAX_PARTS, FileDraft, IntegrationDraft, NotImported, SystemDraft
from catalog.domain.imports.ends import Ends, title_of
from catalog.domain.imports.graph import reached, reverse
from catalog.domain.imports.n8n_nodes import Step
from catalog.domain.imports.personal import kinds_of
from catalog.domain.imports.words import MAX_NOTES, line, prose

FORMAT = "n8n"
MAX_NODES = 5000


def workflows_in(value: Any) -> list[Mapping[str, Any]] | None:
    """The workflows of a JSON value; None when it holds none."""
    if isinstance(value, Mapping):
        for name in ("data", "workflow", "workflows"):
            if name in value and "nodes" not in value:
                return workflows_in(value[name])
        return [value] if isinstance(value.get("nodes"), list) and (_has_types(value["nodes"]) or "connections" in value) else None
    if isinstance(value, list) and value:
        found = [item for item in value if isinstance(item, Mapping) and isinstance(item.get("nodes"), list) and "connections" in item]
        return found if len(found) == len(value) else None
    return None


def _has_types(nodes: list[Any]) -> bool:
    return any(isinstance(node, Mapping) and "." in str(node.get("type", "")) for node in nodes)


def read(workflows: list[Mapping[str, Any]], path: str) -> FileDraft:
    """Every workflow that does something. Raises NotImported when none does."""
    if len(workflows) > MAX_PARTS:
        raise NotImported(f"It holds more than {MAX_PARTS} workflows.")
    systems: dict[str, SystemDraft] = {}
    remarks: list[str] = []
    drafts: list[IntegrationDraft] = []
    taken: set[str] = set()
    for index, workflow in enumerate(workflows):
        part = "" if len(workflows) == 1 else _part(workflow, index, taken)
        taken.add(part)
        draft, told = _Flow(workflow, path, systems).draft(part)
        remarks.extend(told)
        if draft is not None:
            drafts.append(draft)
    if not drafts:
        raise NotImported("No node of the workflow does anything: it holds only notes, triggers or nodes that are switched off.")
    return FileDraft(FORMAT, integrations=tuple(drafts), systems=tuple(systems.values()), remarks=tuple(dict.fromkeys(remarks)))


def _part(workflow: Mapping[str, Any], index: int, taken: set[str]) -> str:
    part = line(workflow.get("id") or workflow.get("name"), 200) or str(index + 1)
    return part if part not in taken else f"{part[:190]}#{index + 1}"


class _Flow:
    """One workflow being read."""

    def __init__(self, workflow: Mapping[str, Any], path: str, systems: dict[str, SystemDraft]) -> None:
        self._workflow, self._path = workflow, path
        self._ends = Ends(systems)
        raw = [node for node in workflow["nodes"][:MAX_NODES] if isinstance(node, Mapping)]
        self._notes = [prose(_parameters(node).get("content"), 4000) for node in raw if str(node.get("type", "")).endswith(".stickyNote")]
        steps = [n8n_nodes.step(node, _parameters(node)) for node in raw if not node.get("disabled") and not _is_note(node)]
        self._steps = {step.name: step for step in steps}
        self._main: dict[str, list[str]] = {}
        self._serves: dict[str, list[str]] = {}  # a model, memory or tool → the nodes that use it
        self._connect(workflow.get("connections"))
        self._before = reverse(self._main)
        self._helpers = reverse(self._serves)

    def draft(self, part: str) -> tuple[IntegrationDraft | None, list[str]]:
        """The integration, None when nothing in it does anything; and remarks."""
        cadence = next((step.cadence for step in self._steps.values() if step.cadence), "")
        for step in self._steps.values():
            self._add(step, cadence)
        if not self._ends.steps:
            return None, []
        triggers = [step.trigger for step in self._steps.values() if step.trigger]
        meta = self._workflow.get("meta")
        purpose = self._workflow.get("description") or (meta.get("description") if isinstance(meta, Mapping) else "")
        draft = self._ends.draft(
            part=part,
            title=title_of(self._workflow.get("name"), self._path),
            type="flow",
            purpose=purpose,
            tags=_tags(self._workflow.get("tags")),
            trigger="; ".join(dict.fromkeys(triggers)),
            notes=prose("\n\n".join(note for note in self._notes if note), MAX_NOTES),
        )
        return draft, self._ends.remarks

    def _connect(self, connections: Any) -> None:
        lost, idle = 0, self._idle()
        for start, kinds in connections.items() if isinstance(connections, Mapping) else ():
            for kind, end in _edges(kinds):
                if start in self._steps and end in self._steps:
                    (self._main if kind == "main" else self._serves).setdefault(start, []).append(end)
                elif not (start in idle or end in idle):
                    lost += 1
        if lost:
            self._ends.remark(f"Connections to nodes that are not there: {lost}.")

    def _idle(self) -> set[str]:
        """Names of nodes that are there but do nothing."""
        return {line(node.get("name"), 200) for node in self._workflow["nodes"] if isinstance(node, Mapping)} - self._steps.keys()

    def _add(self, step: Step, cadence: str) -> None:
        self._ends.steps += step.does_something
        if step.remark:
            self._ends.remark(step.remark)
        if step.system is None:
            return
        is_helper = step.name in self._serves
        role = "enrichment" if step.provider or (is_helper and step.operation == "read") else step.role
        self._ends.add(
            step.system,
            role,
            step.operation,
            data_object=step.data_object,
            address=step.address,
            fields=step.written,
            cadence=cadence if role == "source" else "",
        )
        if step.provider and self._ends.has_room_for_ai:
            self._ends.add_ai(step.system, step.model, step.name, self._data_for(step))

    def _data_for(self, step: Step) -> list[str]:
        """Kinds of data that reach a model: of the node that uses it, everything before that, and what else serves those."""
        users = reached([step.name], self._serves)
        before = reached(users, self._before)
        helpers = [helper for name in before for helper in self._helpers.get(name, ())]
        feeding = [self._steps[name] for name in reached([*before, *helpers], self._before) if name != step.name]
        carried = {each.carries for each in feeding if each.carries and not each.provider}
        fields = [field for each in (step, *feeding) for field in each.fields]
        return list(dict.fromkeys([*kinds_of(fields), *sorted(carried)]))


def _edges(kinds: Any) -> Iterator[tuple[str, str]]:
    for kind, outputs in kinds.items() if isinstance(kinds, Mapping) else ():
        for output in outputs if isinstance(outputs, list) else ():
            for edge in output if isinstance(output, list) else ():
                if isinstance(edge, Mapping) and isinstance(edge.get("node"), str):
                    yield str(kind), line(edge["node"], 200)


def _tags(tags: Any) -> list[Any]:
    found = tags if isinstance(tags, list) else []
    return [tag.get("name") if isinstance(tag, Mapping) else tag for tag in found]


def _parameters(node: Mapping[str, Any]) -> Mapping[str, Any]:
    parameters = node.get("parameters")
    return parameters if isinstance(parameters, Mapping) else {}


def _is_note(node: Mapping[str, Any]) -> bool:
    return str(node.get("type", "")).endswith(".stickyNote")
