"""What an adapter's author supplies: the adapter, releases, and a look at what is not ours."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

from runtime_adapters.conformance.wire import FaultyHttp, PlainHttp
from runtime_adapters.contract import (
    Adapter,
    ApplyRequest,
    ApplyResult,
    Context,
    Generation,
    ManagedObject,
    Marks,
    Observation,
    RemoveRequest,
    SlotRef,
)

NAMESPACE = UUID("6f2a4f0e-0000-4000-8000-706f72746f6c")
SECRET = "conformance-secret-4f1c"  # noqa: S105 - a marker to look for where it must not be


def slot(name: str = "orders") -> SlotRef:
    return SlotRef(uuid5(NAMESPACE, name), name, "production")


class PushSubject:
    """An adapter with a runtime behind it. Override what your runtime does otherwise.

    `manifests`: two releases of different content. `bad_manifest`: one that must be refused. `config`: for `validate`.
    """

    manifests: tuple[Mapping[str, Any], Mapping[str, Any]]
    bad_manifest: Mapping[str, Any]

    def __init__(self, adapter: Adapter, config: Mapping[str, Any], *, secret: str = SECRET) -> None:
        self.adapter, self.config, self.secret = adapter, config, secret
        self.http = FaultyHttp(PlainHttp())

    def context(self, seconds: float = 20.0) -> Context:
        return Context(http=self.http, secret=lambda _ref: self.secret, deadline=time.monotonic() + seconds)

    def apply(self, request: ApplyRequest) -> ApplyResult:
        return self.adapter.apply(request, self.context())

    def remove(self, request: RemoveRequest) -> ApplyResult:
        return self.adapter.remove(request, self.context())

    def observe(self, slot: SlotRef) -> Observation:
        (seen,) = self.adapter.observe([slot], self.context())
        return seen

    def held(self) -> Sequence[ManagedObject]:
        return self.adapter.list_managed(self.context())

    def effects(self) -> int:
        """How many times the runtime's content really changed so far."""
        return len(self.http.writes)

    def foreign(self) -> object:
        """A comparable snapshot of everything in the runtime that is not ours; something must be there."""
        raise NotImplementedError

    def request(self, slot: SlotRef, release: int = 0, n: int = 1, **changes: Any) -> ApplyRequest:
        digest = f"sha256:{release:064x}"
        marks = Marks(slot, digest, Generation(1, n), f"1.{release}.0")
        payload = self.adapter.render(self.manifests[release], marks)
        key = str(uuid5(slot.id, f"{n}/{digest}/0"))
        return replace(ApplyRequest(slot, digest, Generation(1, n), payload, key, f"1.{release}.0"), **changes)
