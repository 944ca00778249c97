"""A runtime in memory that counts its effects, and an adapter for it. Faults are queued per call.

The adapter is honest: it knows only what the contract lets it know. `WORLDS` holds what the runtimes hold.
"""

import threading
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from runtime_adapters import contract
from runtime_adapters.contract import (
    CONTRACT_VERSION,
    AdapterSpec,
    ApplyRequest,
    ApplyResult,
    Capabilities,
    Concurrency,
    Context,
    Finding,
    Generation,
    Marks,
    Mode,
    Observation,
    Observe,
    Outcome,
    Probe,
    RemoveRequest,
    SlotRef,
    json_hash,
)


@dataclass
class World:
    """What one runtime holds, and what it did."""

    held: dict[Any, dict[str, Any]] = field(default_factory=dict)
    effects: Counter = field(default_factory=Counter)  # (slot, generation, key) → how often the content was really stored
    calls: list[str] = field(default_factory=list)
    faults: deque = field(default_factory=deque)  # one per apply: "timeout-after", "timeout-before", "ignore", an exception, a callable
    look_faults: deque = field(default_factory=deque)
    keys: set[str] = field(default_factory=set)
    keeps_keys: bool = False  # answers ALREADY_APPLIED for a known key, whatever it holds
    is_started: bool = True
    lock: threading.Lock = field(default_factory=threading.Lock)
    during_apply: Any = None

    def store(self, request: ApplyRequest) -> None:
        with self.lock:
            self.held[request.slot.id] = {
                "digest": request.digest,
                "generation": request.generation,
                "payload": dict(request.payload),
                "key": request.idempotency_key,
            }
            self.effects[(request.slot.id, str(request.generation), request.idempotency_key)] += 1
            self.keys.add(request.idempotency_key)


WORLDS: dict[str, World] = {}


def world(name: str = "one") -> World:
    return WORLDS.setdefault(name, World())


def _marked(manifest: Mapping[str, Any], marks: Marks) -> dict[str, Any]:
    payload = manifest.get("payload")
    if not isinstance(payload, Mapping):
        raise contract.InvalidInput("no payload")
    return {**payload, "marks": {"digest": marks.digest, "generation": str(marks.generation)}}


class FakeAdapter:
    spec: ClassVar[AdapterSpec] = AdapterSpec(
        kind="fake",
        title="Fake",
        version="1.0.0",
        contract_version=CONTRACT_VERSION,
        config_schema={"type": "object", "properties": {"token": {"type": "string", "x-secret-ref": True}}},
        capabilities=Capabilities(
            mode=Mode.PUSH,
            observe=Observe.CONTENT,
            remove=True,
            marker=True,
            started=True,
            concurrency=frozenset({Concurrency.IDEMPOTENCY_KEY}),
        ),
    )

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.world = world(config.get("world", "one"))

    @classmethod
    def validate(cls, config: Mapping[str, Any], payload: Any, ctx: Context | None) -> tuple[Finding, ...]:
        unknown = sorted(set(config) - {"world", "token"})
        return tuple(Finding(f"/{name}", "unknown-key", "no such setting") for name in unknown)

    def probe(self, ctx: Context) -> Probe:
        return Probe("1.2.3", clock_offset_s=0.25)

    def render(self, manifest: Mapping[str, Any], marks: Marks) -> dict[str, Any]:
        return _marked(manifest, marks)

    def normalize(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        return {key: payload[key] for key in sorted(payload) if key != "marks"}

    def content_hash(self, payload: Mapping[str, Any]) -> str:
        return json_hash(self.normalize(payload))

    def plan(self, desired: Any, observed: Any) -> tuple[()]:
        return ()

    def apply(self, request: ApplyRequest, ctx: Context) -> ApplyResult:
        ctx.remaining_s()
        self.world.calls.append("apply")
        if self.world.during_apply:
            self.world.during_apply()
        fault = self.world.faults.popleft() if self.world.faults else None
        if self.world.keeps_keys and request.idempotency_key in self.world.keys:
            return ApplyResult(Outcome.ALREADY_APPLIED)
        if isinstance(fault, BaseException):
            raise fault
        if fault == "timeout-before":
            raise contract.OutcomeUnknown("the connection was reset")
        if fault == "ignore":
            self.world.keys.add(request.idempotency_key)
            return ApplyResult(Outcome.APPLIED)
        held = self.world.held.get(request.slot.id)
        if held and held["key"] == request.idempotency_key and fault is None:
            return ApplyResult(Outcome.ALREADY_APPLIED)
        self.world.store(request)
        if fault == "timeout-after":
            raise contract.OutcomeUnknown("no answer in time")
        if fault == "garbage-after":
            raise ValueError("an answer that nobody can read, with a password: hunter2")
        return ApplyResult(Outcome.APPLIED, "r1", {"status": 200})

    def observe(self, slots: Sequence[SlotRef], ctx: Context) -> tuple[Observation, ...]:
        ctx.remaining_s()
        self.world.calls.append("observe")
        if self.world.look_faults:
            raise self.world.look_faults.popleft()
        return tuple(self._seen(slot) for slot in slots)

    def _seen(self, slot: SlotRef) -> Observation:
        held = self.world.held.get(slot.id)
        if held is None:
            return Observation(slot=slot.id, present=False)
        return Observation(
            slot=slot.id,
            present=True,
            digest=held["digest"],
            generation=held["generation"],
            native_revision="r1",
            content_hash=self.content_hash(held["payload"]),
            started=self.world.is_started,
        )

    def remove(self, request: RemoveRequest, ctx: Context) -> ApplyResult:
        self.world.calls.append("remove")
        gone = self.world.held.pop(request.slot.id, None)
        return ApplyResult(Outcome.APPLIED if gone else Outcome.ALREADY_APPLIED)

    def list_managed(self, ctx: Context) -> tuple[()]:
        return ()

    def close(self) -> None:
        pass


class BlindAdapter(FakeAdapter):
    """The same runtime through an adapter that cannot read back."""

    spec: ClassVar[AdapterSpec] = AdapterSpec(
        kind="blind",
        title="Blind",
        version="1.0.0",
        contract_version=CONTRACT_VERSION,
        config_schema={},
        capabilities=Capabilities(mode=Mode.PUSH, observe=Observe.NONE, remove=True),
    )


class PullAdapter(FakeAdapter):
    """An agent fetches; from here nothing can be seen."""

    spec: ClassVar[AdapterSpec] = AdapterSpec(
        kind="pull",
        title="Pull",
        version="1.0.0",
        contract_version=CONTRACT_VERSION,
        config_schema={},
        capabilities=Capabilities(mode=Mode.PULL, observe=Observe.NONE, remove=True, marker=True, started=True, health_push=True),
    )


KINDS = {
    "fake": "tests.runtime_adapters.fake:FakeAdapter",
    "blind": "tests.runtime_adapters.fake:BlindAdapter",
    "pull": "tests.runtime_adapters.fake:PullAdapter",
}
GENERATION = Generation
