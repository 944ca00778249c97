"""Node-RED flow files: one integration for each tab, one for what lies on no tab of the file, one component for each subflow.

A tab keeps its id when it is renamed or moved, so the id is its identity. What a tab does inside a subflow counts as the tab's.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from catalog.domain.imports import node_red_nodes
from catalog.domain.imports.drafts import MAX_PARTS, ComponentDraft, FileDraft, IntegrationDraft, NotImported, SystemDraft
from catalog.domain.imports.ends import Ends, title_of
from catalog.domain.imports.graph import reached, reverse
from catalog.domain.imports.node_red_nodes import Step
from catalog.domain.imports.personal import kinds_of
from catalog.domain.imports.words import MAX_NOTES, line, prose

FORMAT = "node-red"
MAX_NODES = 20_000
Node = Mapping[str, Any]


def nodes_in(value: Any) -> list[Node] | None:
    """The nodes of a flow file, of the admin API's `{flows, rev}` or of one flow; None when it is something else."""
    if isinstance(value, Mapping):
        if isinstance(value.get("flows"), list):
            return nodes_in(value["flows"])
        if isinstance(value.get("nodes"), list) and "connections" not in value and _is_flow(value["nodes"]):
            tab = {"id": value.get("id") or "flow", "type": "tab", "label": value.get("label"), "info": value.get("info")}
            configs, subflows = value.get("configs") or [], value.get("subflows") or []
            return [tab, *({"z": tab["id"], **node} for node in value["nodes"] if isinstance(node, Mapping)), *configs, *subflows]
        return [value] if _is_flow([value]) else None
    return list(value[:MAX_NODES]) if isinstance(value, list) and _is_flow(value) else None


def _is_flow(items: Sequence[Any]) -> bool:
    """Most of them are objects with a type, and one has what only nodes of a flow have."""
    nodes = [item for item in items if isinstance(item, Mapping) and isinstance(item.get("type"), str)]
    marks = any(
        "wires" in node or "z" in node or node["type"] in {"tab", "subflow"} or node["type"].startswith("subflow:") for node in nodes
    )
    return bool(nodes) and marks and len(nodes) * 2 >= len(items)


def read(nodes: Sequence[Any], path: str) -> FileDraft:
    """Every tab that does something. Raises NotImported when neither a tab nor a subflow does."""
    if sum(isinstance(node, Mapping) and node.get("type") in {"tab", "subflow"} for node in nodes) > MAX_PARTS:
        raise NotImported(f"It holds more than {MAX_PARTS} tabs.")
    file = _File([node for node in nodes if isinstance(node, Mapping) and isinstance(node.get("type"), str)])
    drafts = [draft for draft in (_Tab(file, tab, path).draft() for tab in file.tabs) if draft is not None]
    components = tuple(file.component(subflow) for subflow in file.subflows.values())
    if not drafts and not components:
        raise NotImported("No node of the flow does anything: it holds only comments, settings or nodes that are switched off.")
    return FileDraft(
        FORMAT,
        integrations=tuple(drafts),
        components=components,
        systems=tuple(file.systems.values()),
        remarks=tuple(dict.fromkeys(file.remarks)),
    )


class _File:
    """The nodes of one file by where they lie."""

    def __init__(self, nodes: list[Node]) -> None:
        self.systems: dict[str, SystemDraft] = {}
        self.remarks: list[str] = []
        self.subflows = {_id(node): node for node in nodes if node["type"] == "subflow"}
        tabs = [node for node in nodes if node["type"] == "tab"]
        self.by_id = {_id(node): node for node in nodes}
        self.on: dict[str, list[Node]] = {}
        known = {_id(tab) for tab in tabs} | self.subflows.keys()
        for node in nodes:
            if node["type"] not in {"tab", "subflow"}:
                where = line(node.get("z"), 100)
                self.on.setdefault(where if where in known else "", []).append(node)
        lost = [node for node in self.on.get("", ()) if "wires" in node or node["type"] == "comment"]
        self.tabs: list[Node] = [*tabs, *([{"id": "", "type": "tab"}] if lost else [])]

    def component(self, subflow: Node) -> ComponentDraft:
        title = line(subflow.get("name"), 120) or "Subflow"
        return ComponentDraft(
            part=f"subflow:{_id(subflow)}"[:200], title=title, kind="sub-flow", description=prose(subflow.get("info"), 4000)
        )

    def steps_on(self, where: str, seen: set[str] | None = None) -> list[Node]:
        """The nodes of a tab with those of the subflows used on it, each subflow once; switched-off ones are left out."""
        seen = set() if seen is None else seen
        found: list[Node] = []
        for node in self.on.get(where, ()):
            inner = str(node["type"]).removeprefix("subflow:")
            if node.get("d"):
                continue
            if inner != node["type"] and inner in self.subflows and inner not in seen and len(seen) < MAX_PARTS // 10:
                seen.add(inner)
                found.extend(self.steps_on(inner, seen))
            found.append(node)
        return found


class _Tab:
    """One tab being read."""

    def __init__(self, file: _File, tab: Node, path: str) -> None:
        self._file, self._tab, self._path = file, tab, path
        self._ends = Ends(file.systems)
        nodes = file.steps_on(_id(tab))[:MAX_NODES]
        self._wires = {_id(node): [str(end) for end in _flat(node.get("wires"))] for node in nodes}
        self._before = reverse(self._wires)
        self._notes = [part for node in nodes if node["type"] == "comment" for part in (node.get("name"), node.get("info")) if part]
        self._steps: dict[str, Step] = {}
        for index, node in enumerate(nodes):
            key = _id(node) or f"#{index}"
            flows_in, flows_out = bool(self._before.get(key)), bool(self._wires.get(key))
            self._steps[key] = node_red_nodes.step(node, file.by_id, flows_in=flows_in, flows_out=flows_out)

    def draft(self) -> IntegrationDraft | None:
        """The integration; None when nothing on the tab does anything or the tab is switched off."""
        if self._tab.get("disabled"):
            self._file.remarks.append(f"The tab {line(self._tab.get('label'), 80)!r} is switched off and was left out.")
            return None
        cadence = next((step.cadence for step in self._steps.values() if step.cadence), "")
        for key, step in self._steps.items():
            self._add(key, step, cadence)
        if not self._ends.steps:
            return None
        triggers = dict.fromkeys(step.trigger for step in self._steps.values() if step.trigger)
        draft = self._ends.draft(
            part=_id(self._tab),
            title=title_of(self._tab.get("label"), self._path),
            type="flow",
            purpose=self._tab.get("info"),
            trigger="; ".join(triggers),
            notes=prose("\n\n".join(str(note) for note in self._notes), MAX_NOTES),
        )
        self._file.remarks.extend(self._ends.remarks)
        return draft

    def _add(self, key: str, step: Step, cadence: str) -> None:
        self._ends.steps += step.does_something
        if step.remark:
            self._ends.remark(step.remark)
        if step.system is None:
            return
        role = "enrichment" if step.provider else step.role
        self._ends.add(
            step.system,
            role,
            step.operation,
            data_object=step.data_object,
            address=step.address,
            cadence=cadence if role == "source" else "",
        )
        if step.provider and self._ends.has_room_for_ai:
            feeding = [self._steps[name] for name in reached([key], self._before) if name in self._steps]
            carried = sorted({each.carries for each in feeding if each.carries and not each.provider})
            data = [*kinds_of(field for each in feeding for field in each.fields), *carried]
            self._ends.add_ai(step.system, step.model, step.name, data)


def _id(node: Node) -> str:
    return line(node.get("id"), 100)


def _flat(wires: Any) -> Iterable[Any]:
    for output in wires if isinstance(wires, list) else ():
        yield from output if isinstance(output, list) else ()
