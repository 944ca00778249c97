"""The reference agent passes the kit: adapter, signed desired state, agent and files together."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from runtime_adapters.adapters.reference_agent.adapter import ReferenceAgentAdapter
from runtime_adapters.agent.flow import FlowEngine
from runtime_adapters.agent.link import Link
from runtime_adapters.agent.loop import Agent
from runtime_adapters.agent.releases import Releases
from runtime_adapters.agent.state import State
from runtime_adapters.conformance import AdapterConformance, PushSubject
from runtime_adapters.contract import ApplyRequest, ApplyResult, Generation, ManagedObject, Observation, RemoveRequest, SlotRef
from tests.fakes.control_plane import TOKEN, FakeControlPlane


def manifest(field: str) -> dict[str, Any]:
    flow = {"kind": "file-to-file", "every_s": 3, "transform": {"rename": {"customer": field}}}
    return {"runtime_kind": "reference-agent", "payload": {"flow": flow, "note": "conformance"}}


class AgentSubject(PushSubject):
    manifests = (manifest("buyer"), manifest("client"))
    bad_manifest = {"runtime_kind": "reference-agent", "payload": {"flow": {"kind": "file-to-file", "every_s": -1}}}

    def __init__(self, plane: FakeControlPlane, folder: Path) -> None:
        super().__init__(ReferenceAgentAdapter({}), {})
        self.plane, self.files = plane, folder / "releases"
        (folder / "token").write_text(TOKEN)
        state = State(folder / "state")
        releases = Releases(self.files, state, None)
        self.agent = Agent(Link(plane.url, folder / "token"), state, releases, flows=FlowEngine(folder / "work"))
        (self.files / "somebody-else").mkdir()
        (self.files / "somebody-else" / "notes.txt").write_text("by hand")
        self.versions: set[tuple[str, int, int]] = set()

    def apply(self, request: ApplyRequest) -> ApplyResult:
        result = super().apply(request)
        self._desire(request.slot, request.generation, "present", request.digest, dict(request.payload))
        return result

    def remove(self, request: RemoveRequest) -> ApplyResult:
        result = super().remove(request)
        self._desire(request.slot, request.generation, "absent", "", {})
        return result

    def observe(self, slot: SlotRef) -> Observation:
        """What the agent told last is the observation."""
        told = self.plane.last(str(slot.id))
        if told is None or not told["digest"]:
            return Observation(slot=slot.id, present=False)
        return Observation(
            slot=slot.id,
            present=True,
            digest=told["digest"],
            generation=Generation(**told["generation"]),
            native_revision=told["native_revision"],
            content_hash=told["content_hash"],
            started=told["result"] == "started",
        )

    def held(self) -> Sequence[ManagedObject]:
        documents = [json.loads(path.read_bytes()) for path in self.files.glob("*/release.json")]
        return [ManagedObject(one["slot"], one["integration"], True, one["integration"], one["release"]) for one in documents]

    def effects(self) -> int:
        return len(self.versions)

    def foreign(self) -> object:
        return {path.name: path.read_text() for path in (self.files / "somebody-else").iterdir()}

    def _desire(self, slot: SlotRef, generation: Generation, state: str, digest: str, payload: dict[str, Any]) -> None:
        names = {"integration": slot.integration, "environment": slot.environment}
        counters = {"n": generation.n, "timeline": generation.timeline}
        self.plane.put(str(slot.id), digest=digest, state=state, payload=payload, **names, **counters)
        self.agent.cycle()
        for path in self.files.glob("*/release.json"):
            self.versions.add((str(path), path.stat().st_ino, path.stat().st_mtime_ns))


class TestReferenceAgent(AdapterConformance):
    @pytest.fixture
    def subject(self, tmp_path: Path) -> Iterator[PushSubject]:
        with FakeControlPlane() as plane:
            yield AgentSubject(plane, tmp_path)

    def test_it_never_calls_out(self, subject: PushSubject) -> None:
        subject.apply(subject.request(SlotRef(uuid4(), "orders", "production")))
        assert subject.http.calls == []
