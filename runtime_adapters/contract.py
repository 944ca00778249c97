"""The adapter contract: what a runtime adapter receives, returns and raises.

This one file is what an adapter author depends on. It needs the standard library only and changes by
semantic versioning: a new optional field or method raises the minor number, anything else the major one.
Core decides, adapters act: an adapter never sleeps for a retry, never stores state, never sees the database.
"""

import hashlib
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeAlias, runtime_checkable
from uuid import UUID

CONTRACT_VERSION = "1.0"
MARKS_KEY = "portolan"
"""Where marks go in a payload that is plain JSON; adapters whose runtime has a better place use that."""

Payload: TypeAlias = Mapping[str, Any]
"""A JSON object. Adapters treat it as read-only."""


def json_hash(value: Any) -> str:
    """Return "sha256:<hex>" of JSON text with sorted keys, compact, UTF-8: for content hashes, not for release digests."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Mode(StrEnum):
    """Who starts the exchange."""

    PUSH = "push"  # we call the runtime
    PULL = "pull"  # an agent beside the runtime asks us; `apply` answers ACCEPTED and its reports are the observation


class Granularity(StrEnum):
    """What one `apply` replaces."""

    SLOT = "slot"
    RUNTIME = "runtime"  # whole configuration: core must serialise per runtime


class Concurrency(StrEnum):
    """What the runtime itself refuses. An empty set means last writer wins."""

    CAS_REVISION = "cas_revision"  # a stale `expected_revision` raises Conflict
    FENCING = "fencing"  # a generation lower than the one in place raises FencedOut
    IDEMPOTENCY_KEY = "idempotency_key"  # the same key twice has one effect


class Observe(StrEnum):
    """How much of the truth can be read back."""

    NONE = "none"
    DIGEST = "digest"  # our mark only
    CONTENT = "content"  # the mark and what is really stored


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an adapter promises; the conformance kit proves each claim, or the absence of one is shown to people."""

    mode: Mode
    granularity: Granularity = Granularity.SLOT
    concurrency: frozenset[Concurrency] = frozenset()
    observe: Observe = Observe.NONE
    async_apply: bool = False  # `apply` may answer ACCEPTED and finish later
    dry_run: bool = False  # `plan` tells field by field what would change
    remove: bool = False
    marker: bool = False  # digest and generation are stored in the runtime beside the content
    started: bool = False  # `Observation.started` is the runtime's own word
    health_push: bool = False
    atomic: bool = False  # an apply is wholly done or not at all
    secrets_by_reference: bool = False
    max_payload_bytes: int | None = None
    min_runtime: str | None = None  # inclusive, semantic version
    max_runtime: str | None = None  # exclusive


@dataclass(frozen=True, slots=True)
class AdapterSpec:
    """An adapter's identity. `config_schema` is JSON Schema 2020-12; secret fields carry `"x-secret-ref": true`."""

    kind: str
    title: str
    version: str
    contract_version: str
    config_schema: Mapping[str, Any]
    capabilities: Capabilities

    @property
    def secret_fields(self) -> tuple[str, ...]:
        """Top-level configuration keys that hold a *reference* to a secret, never the secret."""
        properties = self.config_schema.get("properties", {})
        return tuple(sorted(name for name, schema in properties.items() if schema.get("x-secret-ref")))


@dataclass(frozen=True, slots=True, order=True)
class Generation:
    """A slot's desired-state counter. Ordered: the timeline first (raised after a restore), then n."""

    timeline: int
    n: int

    def __str__(self) -> str:
        return f"{self.timeline}.{self.n}"

    @classmethod
    def parse(cls, text: str) -> "Generation":
        """Read "timeline.n"; raise ValueError for anything else."""
        timeline, dot, n = text.partition(".")
        if not (dot and timeline.isascii() and timeline.isdigit() and n.isascii() and n.isdigit()):
            raise ValueError(f"not a generation: {text[:40]!r}")
        return cls(int(timeline), int(n))


@dataclass(frozen=True, slots=True)
class SlotRef:
    """The place one integration occupies in one runtime for one environment. Native ids derive from `id`."""

    id: UUID
    integration: str  # slug
    environment: str  # slug


@dataclass(frozen=True, slots=True)
class Marks:
    """What an adapter writes beside the content so that it can be recognised later. Never part of the content hash."""

    slot: SlotRef
    digest: str  # "sha256:<hex>" of the release
    generation: Generation
    release_label: str = ""  # "1.4.2", for people


@dataclass(frozen=True, slots=True)
class HttpReply:
    """A whole answer. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class ConnectFailed(Exception):
    """The HTTP client sent nothing: name resolution, connection or TLS failed, or egress rules refused the address."""


class TransportFailed(Exception):
    """The connection broke or timed out after bytes may have left, or the answer was larger than allowed."""


class HttpClient(Protocol):
    """The only way out. It follows no redirects, keeps egress rules, and reads at most `max_bytes` of an answer."""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes | None,
        timeout_s: float,
        max_bytes: int,
    ) -> HttpReply:
        """Return the whole answer within `timeout_s`; raise ConnectFailed or TransportFailed."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """What an adapter may use during one call. `deadline` is on the `monotonic` clock, in seconds."""

    http: HttpClient
    secret: Callable[[str], str]  # reference → secret; raises AuthFailed when it does not resolve
    deadline: float
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("portolan.adapter"))
    trace_id: str = ""
    monotonic: Callable[[], float] = time.monotonic

    def remaining_s(self) -> float:
        """Return the seconds left; raise DeadlineExceeded when there are none."""
        left = self.deadline - self.monotonic()
        if left <= 0:
            raise DeadlineExceeded("the deadline passed before the next step; nothing of that step was sent")
        return left


class Severity(StrEnum):
    ERROR = "error"  # an apply would be refused
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a configuration or payload. `pointer` is a JSON pointer into what was given."""

    pointer: str
    code: str
    detail: str
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between desired and observed content, for people. `before` and `after` are short texts or None."""

    pointer: str
    kind: str  # "add" | "change" | "remove"
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """Whether and what the runtime is. `clock_offset_s` is runtime minus ours, None when it does not tell its time."""

    version: str
    clock_offset_s: float | None = None
    capabilities: Capabilities | None = None  # what this very runtime allows, when less than the spec promises
    findings: Sequence[Finding] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApplyRequest:
    """Make this payload the content of the slot.

    `payload` is what `render` gave. `idempotency_key` is the same over all attempts for one (slot, generation,
    digest, apply epoch). `fence` is the lease epoch. `expected_revision` None means: whatever is there.
    """

    slot: SlotRef
    digest: str
    generation: Generation
    payload: Payload
    idempotency_key: str
    release_label: str = ""
    fence: int = 0
    expected_revision: str | None = None

    @property
    def integration(self) -> str:
        return self.slot.integration


@dataclass(frozen=True, slots=True)
class RemoveRequest:
    """Take the slot's content out of the runtime; nothing there is success."""

    slot: SlotRef
    generation: Generation
    idempotency_key: str
    fence: int = 0
    expected_revision: str | None = None


class Outcome(StrEnum):
    APPLIED = "applied"  # the runtime took it now
    ALREADY_APPLIED = "already_applied"  # the same content was there
    ACCEPTED = "accepted"  # will happen later; only an observation tells


@dataclass(frozen=True, slots=True)
class ApplyResult:
    """The runtime's word. Core still reads back before it believes APPLIED. Evidence holds no secrets."""

    outcome: Outcome
    native_revision: str | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Observation:
    """What is in a slot now. `digest` and `generation` are our marks (what was meant), `content_hash` is what is there.

    `started` is the runtime's own word, never proof of health. `complete` False means that part of the truth
    could not be read: absence must not be concluded from it. `content` is the normalised content, for drift.
    """

    slot: UUID
    present: bool
    digest: str | None = None
    generation: Generation | None = None
    native_revision: str | None = None
    content_hash: str | None = None
    started: bool | None = None
    complete: bool = True
    content: Payload | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ManagedObject:
    """Something the runtime holds. `managed` False: it does not carry our marks."""

    native_id: str
    label: str
    managed: bool
    integration: str | None = None
    digest: str | None = None
    generation: Generation | None = None
    content_hash: str | None = None


class AdapterError(Exception):
    """Base of every error an adapter raises. The text is shown to people: it never holds a secret or an answer's body.

    `retryable`: trying the same again may succeed. `after_s`: not before that many seconds.
    `sent`: bytes that may change the runtime may have left, so only `observe` can tell what is true.
    """

    code: ClassVar[str] = "adapter-error"
    retryable: ClassVar[bool] = False
    sent: ClassVar[bool] = False

    def __init__(self, detail: str = "", *, after_s: float | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.after_s = after_s


class InvalidInput(AdapterError):
    """The payload or configuration is wrong; trying again cannot help."""

    code = "invalid-input"

    def __init__(self, detail: str = "", *, findings: Sequence[Finding] = ()) -> None:
        super().__init__(detail)
        self.findings = tuple(findings)


class Unsupported(AdapterError):
    """The adapter or this runtime's version cannot do that."""

    code = "unsupported"


class AuthFailed(AdapterError):
    """The runtime refused our credentials, or the secret's reference does not resolve. Never retried by itself."""

    code = "auth-failed"


class PermissionDenied(AdapterError):
    """The credentials are good, the right is missing."""

    code = "permission-denied"


class NotFound(AdapterError):
    """The runtime answers, but not at this address."""

    code = "not-found"


class Conflict(AdapterError):
    """Somebody else changed it first; nothing of ours was stored."""

    code = "conflict"
    retryable = True

    def __init__(self, detail: str = "", *, current_revision: str | None = None) -> None:
        super().__init__(detail)
        self.current_revision = current_revision


class FencedOut(AdapterError):
    """A newer generation is already in place."""

    code = "fenced-out"

    def __init__(self, detail: str = "", *, highest: Generation | None = None) -> None:
        super().__init__(detail)
        self.highest = highest


class RateLimited(AdapterError):
    """Too many calls; `after_s` is the runtime's wish when it gave one."""

    code = "rate-limited"
    retryable = True


class Unavailable(AdapterError):
    """The runtime could not be reached or said it cannot serve; nothing was changed."""

    code = "unavailable"
    retryable = True


class DeadlineExceeded(Unavailable):
    """No time was left to send the next step."""

    code = "deadline-exceeded"


class QuotaExceeded(AdapterError):
    """The runtime refuses the size or the number."""

    code = "quota-exceeded"


class NotApplied(AdapterError):
    """Proof that nothing changed: safe to try again."""

    code = "not-applied"
    retryable = True


class OutcomeUnknown(AdapterError):
    """Anything unclear after bytes left: a timeout, a reset, an unreadable answer. Only `observe` may settle it."""

    code = "outcome-unknown"
    retryable = True
    sent = True


@runtime_checkable
class Adapter(Protocol):
    """One adapter for one configured runtime, used by one thread at a time. Build it with `Class(config)`.

    The constructor does no I/O and raises InvalidInput for a configuration that `validate` refuses.
    Methods without a Context are pure and deterministic. Methods with one raise only AdapterError.
    """

    spec: ClassVar[AdapterSpec]

    def __init__(self, config: Mapping[str, Any]) -> None: ...

    @classmethod
    def validate(cls, config: Mapping[str, Any], payload: Payload | None, ctx: Context | None) -> tuple[Finding, ...]:
        """Return what is wrong. Without a Context only what can be told offline; without a payload only the configuration."""
        ...

    def probe(self, ctx: Context) -> Probe:
        """Ask the runtime who it is. Changes nothing."""
        ...

    def render(self, manifest: Mapping[str, Any], marks: Marks) -> Payload:
        """Return what will be sent for a release manifest (its `payload` member), with our marks. Raises InvalidInput."""
        ...

    def normalize(self, payload: Payload) -> Payload:
        """Return the content without marks, layout and defaults: equal meaning gives equal bytes. Idempotent."""
        ...

    def content_hash(self, payload: Payload) -> str:
        """Return "sha256:<hex>" of the normalised content. A rendered payload and its observation agree."""
        ...

    def plan(self, desired: Payload, observed: Payload | None) -> tuple[Change, ...]:
        """Return what applying `desired` would change in `observed` (None: nothing there)."""
        ...

    def apply(self, request: ApplyRequest, ctx: Context) -> ApplyResult:
        """Bring the payload into the slot; the same request again has one effect."""
        ...

    def observe(self, slots: Sequence[SlotRef], ctx: Context) -> tuple[Observation, ...]:
        """Return one observation per slot, in the order asked for."""
        ...

    def remove(self, request: RemoveRequest, ctx: Context) -> ApplyResult:
        """Take the slot's content out; ALREADY_APPLIED when there was none."""
        ...

    def list_managed(self, ctx: Context) -> tuple[ManagedObject, ...]:
        """Return what the runtime holds, ours and foreign, in its own order."""
        ...

    def close(self) -> None:
        """Let go of everything held. May be called twice."""
        ...
