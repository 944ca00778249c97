"""The pull side of the reference agent: nothing is sent, the agent's signed desired state carries the payload.

`apply` and `remove` answer ACCEPTED. What the agent reports (recorded, started, failed) is the observation; from
here nothing can be seen, and the capability says so.
"""

# ruff: noqa: ARG002, ARG003 - the contract's signatures, of which a pull adapter needs little

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from runtime_adapters.contract import (
    CONTRACT_VERSION,
    MARKS_KEY,
    AdapterSpec,
    ApplyRequest,
    ApplyResult,
    Capabilities,
    Change,
    Concurrency,
    Context,
    Finding,
    InvalidInput,
    ManagedObject,
    Marks,
    Mode,
    Observation,
    Observe,
    Outcome,
    Payload,
    Probe,
    RemoveRequest,
    Severity,
    SlotRef,
    Unsupported,
    json_hash,
)

PAYLOAD_LIMIT = 1024 * 1024
FLOW_KEYS = frozenset({"kind", "every_s", "source", "target", "transform"})
TRANSFORM_KEYS = frozenset({"rename", "uppercase", "require", "fail_when"})
SECRET_WORDS = ("password", "secret", "private_key", "api_key", "access_token")


class ReferenceAgentAdapter:
    """Renders what the agent writes as `release.json`, and checks it before anybody votes on it."""

    spec: ClassVar[AdapterSpec] = AdapterSpec(
        kind="reference-agent",
        title="Reference agent",
        version="1.0.0",
        contract_version=CONTRACT_VERSION,
        config_schema={
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "additionalProperties": False,
            "properties": {},
        },
        capabilities=Capabilities(
            mode=Mode.PULL,
            concurrency=frozenset({Concurrency.FENCING, Concurrency.IDEMPOTENCY_KEY}),
            observe=Observe.NONE,
            async_apply=True,
            dry_run=True,
            remove=True,
            marker=True,
            started=True,
            health_push=True,
            atomic=True,
            max_payload_bytes=PAYLOAD_LIMIT,
        ),
    )

    def __init__(self, config: Mapping[str, Any]) -> None:
        findings = _of_config(config)
        if findings:
            raise InvalidInput("the runtime's configuration is not usable", findings=findings)

    @classmethod
    def validate(cls, config: Mapping[str, Any], payload: Payload | None, ctx: Context | None) -> tuple[Finding, ...]:
        """Everything can be told offline: there is no address to ask."""
        found = _of_config(config)
        return tuple(found if found or payload is None else _of_payload(payload))

    def probe(self, ctx: Context) -> Probe:
        raise Unsupported("the agent calls us; its last report tells its version and clock")

    def render(self, manifest: Mapping[str, Any], marks: Marks) -> Payload:
        """Return the release's payload with a `portolan` member that names integration, environment, digest and generation."""
        payload = manifest.get("payload")
        if not isinstance(payload, Mapping):
            raise InvalidInput("the manifest has no payload object", findings=[Finding("/payload", "missing", "an object is needed")])
        errors = [finding for finding in _of_payload(payload) if finding.severity is Severity.ERROR]
        if errors:
            raise InvalidInput("; ".join(finding.detail for finding in errors[:3]), findings=errors)
        told = {
            "integration": marks.slot.integration,
            "environment": marks.slot.environment,
            "release": marks.digest,
            "generation": str(marks.generation),
        }
        return {**payload, MARKS_KEY: told}

    def normalize(self, payload: Payload) -> Payload:
        return {key: payload[key] for key in sorted(payload) if key != MARKS_KEY}

    def content_hash(self, payload: Payload) -> str:
        return json_hash(self.normalize(payload))

    def plan(self, desired: Payload, observed: Payload | None) -> tuple[Change, ...]:
        want, have = self.normalize(desired), self.normalize(observed) if observed is not None else None
        if have is None:
            return (Change("", "add", None, _short(want)),)
        return tuple(
            Change(f"/{key}", _kind(key, want, have), _short(have.get(key)), _short(want.get(key)))
            for key in sorted(want.keys() | have.keys())
            if want.get(key) != have.get(key)
        )

    def apply(self, request: ApplyRequest, ctx: Context) -> ApplyResult:
        ctx.remaining_s()
        size = len(json.dumps(request.payload).encode())
        if size > PAYLOAD_LIMIT:
            raise InvalidInput(f"the payload is {size} bytes, more than {PAYLOAD_LIMIT}")
        return ApplyResult(Outcome.ACCEPTED, None, {"waits_for": "the agent's next pull", "bytes": size})

    def remove(self, request: RemoveRequest, ctx: Context) -> ApplyResult:
        ctx.remaining_s()
        return ApplyResult(Outcome.ACCEPTED, None, {"waits_for": "the agent's next pull"})

    def observe(self, slots: Sequence[SlotRef], ctx: Context) -> tuple[Observation, ...]:
        """Nothing can be seen from here: one incomplete observation per slot, from which absence must not be concluded."""
        return tuple(Observation(slot=slot.id, present=False, complete=False) for slot in slots)

    def list_managed(self, ctx: Context) -> tuple[ManagedObject, ...]:
        raise Unsupported("the agent's reports tell what it holds")

    def close(self) -> None:
        """Nothing is held between calls."""


def _of_config(config: Mapping[str, Any]) -> list[Finding]:
    return [Finding(f"/{key}", "unknown-key", "the agent is configured where it runs") for key in sorted(config)]


def _of_payload(payload: Payload) -> list[Finding]:
    found = []
    if not payload:
        found.append(Finding("", "empty", "the payload is empty"))
    if MARKS_KEY in payload:
        found.append(Finding(f"/{MARKS_KEY}", "reserved-name", f"`{MARKS_KEY}` is written at deployment"))
    found += [
        Finding(f"/{key}", "credentials-refused", "secrets never travel in a release")
        for key in payload
        if any(word in key.lower() for word in SECRET_WORDS)
    ]
    if "flow" in payload:
        found += _of_flow(payload["flow"])
    return found


def _of_flow(flow: Any) -> list[Finding]:
    """Check a flow of the agent's own small engine (`file-to-file`); other engines have their own payloads."""
    if not isinstance(flow, Mapping):
        return [Finding("/flow", "not-an-object", "a flow is an object")]
    if flow.get("kind") != "file-to-file":
        return [Finding("/flow/kind", "unknown-flow-kind", "the agent itself runs only `file-to-file`", Severity.WARNING)]
    found = [Finding(f"/flow/{key}", "unknown-key", "a flow has no such member") for key in sorted(flow.keys() - FLOW_KEYS)]
    every = flow.get("every_s", 3)
    if isinstance(every, bool) or not isinstance(every, int | float) or not 0.1 <= every <= 86400:
        found.append(Finding("/flow/every_s", "out-of-range", "seconds between two runs, 0.1 to 86400"))
    for key in ("source", "target"):
        name = flow.get(key, key)
        if not (isinstance(name, str) and name.replace("-", "").replace("_", "").isalnum() and name.isascii()):
            found.append(Finding(f"/flow/{key}", "not-a-folder-name", "letters, digits, - and _"))
    if flow.get("source", "inbox") == flow.get("target", "outbox"):
        found.append(Finding("/flow/target", "same-folder", "source and target are one folder"))
    return found + _of_transform(flow.get("transform", {}))


def _of_transform(transform: Any) -> list[Finding]:
    at = "/flow/transform"
    if not isinstance(transform, Mapping):
        return [Finding(at, "not-an-object", "a transform is an object")]
    found = [Finding(f"{at}/{key}", "unknown-key", "a transform has no such member") for key in sorted(transform.keys() - TRANSFORM_KEYS)]
    rename = transform.get("rename", {})
    if not (isinstance(rename, Mapping) and all(isinstance(value, str) for value in rename.values())):
        found.append(Finding(f"{at}/rename", "not-a-map", "old name → new name, both text"))
    for key in ("uppercase", "require"):
        names = transform.get(key, [])
        if not (isinstance(names, Sequence) and not isinstance(names, str) and all(isinstance(name, str) for name in names)):
            found.append(Finding(f"{at}/{key}", "not-a-list", "a list of field names"))
    condition = transform.get("fail_when")
    if condition is not None and not (isinstance(condition, Mapping) and isinstance(condition.get("field"), str) and "equals" in condition):
        found.append(Finding(f"{at}/fail_when", "not-a-condition", "{field, equals}"))
    return found


def _kind(key: str, want: Payload, have: Payload) -> str:
    return "change" if key in want and key in have else "add" if key in want else "remove"


def _short(value: Any) -> str | None:
    if value is None:
        return None
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return text if len(text) <= 200 else text[:199] + "…"
