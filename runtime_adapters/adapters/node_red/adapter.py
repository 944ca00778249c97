"""The Node-RED adapter: read, replace our tab at its place, store guarded by the revision, read back."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from time import time
from typing import Any, ClassVar

from runtime_adapters.adapters.node_red import checks, flows, js_json
from runtime_adapters.adapters.node_red.api import AdminApi, Stored
from runtime_adapters.contract import (
    CONTRACT_VERSION,
    AdapterError,
    AdapterSpec,
    ApplyRequest,
    ApplyResult,
    AuthFailed,
    Capabilities,
    Change,
    Concurrency,
    Conflict,
    Context,
    FencedOut,
    Finding,
    InvalidInput,
    ManagedObject,
    Marks,
    Mode,
    NotFound,
    Observation,
    Observe,
    Outcome,
    OutcomeUnknown,
    Payload,
    Probe,
    QuotaExceeded,
    RemoveRequest,
    Severity,
    SlotRef,
    Unsupported,
)

CONFLICT_TRIES = 5
WRITE_SHARE = 0.7  # of the time left; the rest settles a timeout by reading back
PAYLOAD_LIMIT = 5_000_000  # bytes; Node-RED's default `apiMaxLength`

CONFIG_SCHEMA: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "required": ["base_url"],
    "properties": {
        "base_url": {
            "type": "string",
            "format": "uri",
            "title": "Admin address",
            "description": "Where the admin API answers, with httpAdminRoot.",
        },
        "token_ref": {
            "type": "string",
            "x-secret-ref": True,
            "title": "Token reference",
            "description": "A static token with flows.read, flows.write, nodes.read, settings.read and diagnostics.read.",
        },
    },
}


class NodeRedAdapter:
    """One slot is one tab with a deterministic id. Other tabs keep their bytes, their context and their timers."""

    spec: ClassVar[AdapterSpec] = AdapterSpec(
        kind="node-red",
        title="Node-RED",
        version="1.0.0",
        contract_version=CONTRACT_VERSION,
        config_schema=CONFIG_SCHEMA,
        capabilities=Capabilities(
            mode=Mode.PUSH,
            concurrency=frozenset({Concurrency.CAS_REVISION, Concurrency.FENCING, Concurrency.IDEMPOTENCY_KEY}),
            observe=Observe.CONTENT,
            dry_run=True,
            remove=True,
            marker=True,
            started=True,
            atomic=True,
            secrets_by_reference=True,
            max_payload_bytes=PAYLOAD_LIMIT,
            min_runtime="4.0.0",
            max_runtime="6.0.0",
        ),
    )

    def __init__(self, config: Mapping[str, Any]) -> None:
        findings = tuple(checks.of_config(config))
        if findings:
            raise InvalidInput("the runtime's configuration is not usable", findings=findings)
        self._base_url: str = config["base_url"]
        self._token_ref: str | None = config.get("token_ref")

    @classmethod
    def validate(cls, config: Mapping[str, Any], payload: Payload | None, ctx: Context | None) -> tuple[Finding, ...]:
        """Check the configuration, then the flow by itself, then (with a Context) its node types against the runtime."""
        found = list(checks.of_config(config))
        if found or payload is None:
            return tuple(found)
        found = checks.offline(payload)
        if ctx is not None and not any(finding.severity is Severity.ERROR for finding in found):
            api = AdminApi(config["base_url"], config.get("token_ref"), ctx)
            found += checks.of_types(payload["flows"], api.node_types())
        return tuple(found)

    def probe(self, ctx: Context) -> Probe:
        """Ask for version, clock and permissions. Raises Unsupported for a version outside the declared range."""
        api = self._api(ctx)
        version = _version(api)
        if not _in_range(version):
            raise Unsupported(f"Node-RED {version[:20] or 'of unknown version'} is outside 4.0 to 5.x")
        findings = []
        api.flows()
        if not api.login_scheme():
            findings.append(Finding("/base_url", "admin-open", "anybody who reaches the admin API may deploy", Severity.WARNING))
        for name, read in (("nodes.read", api.node_types), ("flows.read", api.state), ("diagnostics.read", api.diagnostics)):
            try:
                read()
            except AdapterError as error:
                severity = Severity.ERROR if name == "nodes.read" else Severity.WARNING
                findings.append(Finding("/token_ref", "cannot-read", f"{error.detail} ({name})", severity))
        return Probe(version=version, clock_offset_s=self._clock_offset_s(api), findings=tuple(findings))

    def render(self, manifest: Mapping[str, Any], marks: Marks) -> Payload:
        payload = manifest.get("payload")
        if not isinstance(payload, Mapping):
            raise InvalidInput("the manifest has no payload object", findings=[Finding("/payload", "missing", "an object is needed")])
        errors = [finding for finding in checks.offline(payload) if finding.severity is Severity.ERROR]
        if errors:
            raise InvalidInput("the flow cannot be deployed: " + "; ".join(f.detail for f in errors[:3]), findings=errors)
        return {"flows": flows.rendered(payload["flows"], marks)}

    def normalize(self, payload: Payload) -> Payload:
        return {"flows": flows.normalised(payload["flows"])}

    def content_hash(self, payload: Payload) -> str:
        return flows.content_hash(payload["flows"])

    def plan(self, desired: Payload, observed: Payload | None) -> tuple[Change, ...]:
        """Tell field by field, in the pointers /flows/<node id>/<field>."""
        want = {node["id"]: node for node in flows.normalised(desired["flows"])}
        have = {node.get("id", ""): node for node in flows.normalised(observed["flows"])} if observed else {}
        changes: list[Change] = []
        for node in sorted(want.keys() | have.keys()):
            changes.extend(_node_changes(node, want.get(node), have.get(node)))
        return tuple(changes)

    def apply(self, request: ApplyRequest, ctx: Context) -> ApplyResult:
        """Store our tab. Raises InvalidInput before anything is sent when the runtime could not start the flow."""
        api, ours = self._api(ctx), request.payload["flows"]
        tab = flows.tab_id(request.slot.id)
        if not all(flows.is_owned(node, tab) for node in ours):
            raise InvalidInput("the payload was rendered for another slot")
        _raise_for(checks.of_types(ours, api.node_types()))
        return self._replace(api, request, ours)

    def remove(self, request: RemoveRequest, ctx: Context) -> ApplyResult:
        return self._replace(self._api(ctx), request, [])

    def observe(self, slots: Sequence[SlotRef], ctx: Context) -> tuple[Observation, ...]:
        """Read marks, content and the runtime's own word on running, in one pass for all slots."""
        api = self._api(ctx)
        stored = api.flows()
        running, evidence = _running(api, stored)
        return tuple(self._seen(slot, stored, running, evidence) for slot in slots)

    def list_managed(self, ctx: Context) -> tuple[ManagedObject, ...]:
        stored = self._api(ctx).flows().flows
        return tuple(_managed(node, stored) for node in stored if node.get("type") == "tab")

    def close(self) -> None:
        """Nothing is held between calls."""

    def _api(self, ctx: Context) -> AdminApi:
        return AdminApi(self._base_url, self._token_ref, ctx)

    def _replace(self, api: AdminApi, request: ApplyRequest | RemoveRequest, ours: flows.Flows) -> ApplyResult:
        """Compare-and-set on the runtime's revision. A busy editor is met again a bounded number of times."""
        tab, wanted = flows.tab_id(request.slot.id), flows.revision(ours)
        for attempt in range(1, CONFLICT_TRIES + 1):
            stored = api.flows()
            current = flows.owned(stored.flows, tab)
            evidence: dict[str, Any] = {"tab": tab, "attempt": attempt, "rev_before": stored.rev}
            if flows.revision(current) == wanted:
                return ApplyResult(Outcome.ALREADY_APPLIED, wanted, {**evidence, "rev": stored.rev})
            _guard(request, current, tab)
            _raise_for(list(checks.against(ours, stored.flows, tab)))
            try:
                return self._store(api, stored, ours, tab, evidence)
            except Conflict:
                continue
        raise Conflict(f"somebody else kept changing the runtime: {CONFLICT_TRIES} tries", current_revision=flows.revision(current))

    def _store(self, api: AdminApi, stored: Stored, ours: flows.Flows, tab: str, evidence: dict[str, Any]) -> ApplyResult:
        """Send once; a timeout is settled by the revision computed beforehand, or by our own tab being there."""
        new = flows.spliced(stored.flows, tab, ours)
        body = js_json.dumps({"flows": new, "rev": stored.rev}).encode()
        if len(body) > PAYLOAD_LIMIT:
            raise QuotaExceeded(f"the runtime's whole configuration would be {len(body)} bytes, more than {PAYLOAD_LIMIT}")
        expected, wanted = js_json.rev_of(new), flows.revision(ours)
        try:
            rev = api.store(body, share=WRITE_SHARE)
        except OutcomeUnknown as unclear:
            try:
                after = api.flows()
            except AdapterError:
                raise unclear from None
            if after.rev != expected and flows.revision(flows.owned(after.flows, tab)) != wanted:
                raise
            return ApplyResult(Outcome.APPLIED, wanted, {**evidence, "rev": after.rev, "settled_by": "read-back"})
        return ApplyResult(Outcome.APPLIED, wanted, {**evidence, "rev": rev, "rev_expected": expected, "rev_matches": rev == expected})

    @staticmethod
    def _seen(slot: SlotRef, stored: Stored, running: bool | None, evidence: Mapping[str, Any]) -> Observation:
        tab = flows.tab_id(slot.id)
        current = flows.owned(stored.flows, tab)
        marks = flows.marks_of(stored.flows, tab)
        tab_node = next((node for node in current if node.get("id") == tab), None)
        started = False if tab_node is None or tab_node.get("disabled") else running
        return Observation(
            slot=slot.id,
            present=bool(current),
            digest=marks.get(flows.MARK_RELEASE),
            generation=flows.generation_of(marks),
            native_revision=flows.revision(current),
            content_hash=flows.content_hash(current) if current else None,
            started=started if current else None,
            content={"flows": flows.normalised(current)} if current else None,
            evidence={**evidence, "tab": tab, "rev": stored.rev},
        )

    @staticmethod
    def _clock_offset_s(api: AdminApi) -> float | None:
        try:
            told = api.diagnostics()["time"]["utc"]
            return round(parsedate_to_datetime(told).replace(tzinfo=UTC).timestamp() - time(), 0)
        except (AdapterError, KeyError, TypeError, ValueError):
            return None


def _guard(request: ApplyRequest | RemoveRequest, current: flows.Flows, tab: str) -> None:
    """Refuse a writer that is behind: a newer generation is marked, or the slot moved since it was looked at."""
    highest = flows.generation_of(flows.marks_of(current, tab))
    if highest is not None and highest > request.generation:
        raise FencedOut(f"generation {highest} is already in place, {request.generation} is older", highest=highest)
    revision = flows.revision(current)
    if request.expected_revision is not None and request.expected_revision != revision:
        raise Conflict("the slot changed since it was last observed", current_revision=revision)


def _raise_for(findings: Sequence[Finding]) -> None:
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        raise InvalidInput("; ".join(dict.fromkeys(finding.detail for finding in errors[:5])), findings=errors)


def _running(api: AdminApi, stored: Stored) -> tuple[bool | None, dict[str, Any]]:
    """Return the runtime's word on running. An unknown node type anywhere means that it will not start anything new."""
    evidence: dict[str, Any] = {}
    words: list[bool] = []
    try:
        state = api.state()
        evidence["state"] = state if state in {"start", "stop", "safe"} else None
        words.append(state == "start")
    except NotFound:
        evidence["state"] = "not enabled"
    except AdapterError as error:
        evidence["state"] = error.code
    try:
        report = api.diagnostics()
        started = report.get("runtime", {}).get("flows", {}).get("started")
        words += [started] if isinstance(started, bool) else []
    except (AdapterError, AttributeError):
        evidence["diagnostics"] = "unreadable"
    try:
        missing = checks.unknown_types(stored.flows, api.node_types())
        if missing:
            evidence["missing_types"] = [name[:80] for name in missing[:10]]
            words.append(False)
    except AdapterError as error:
        evidence["types"] = error.code
    return (all(words) if words else None), evidence


def _managed(tab: Mapping[str, Any], stored: flows.Flows) -> ManagedObject:
    marks = flows.marks_of(stored, str(tab.get("id")))
    inside = [node for node in stored if node is tab or node.get("z") == tab.get("id") or _is_our_part(node, tab, marks)]
    return ManagedObject(
        native_id=str(tab.get("id")),
        label=str(tab.get("label", "")),
        managed=flows.MARK_RELEASE in marks and flows.MARK_INTEGRATION in marks,
        integration=marks.get(flows.MARK_INTEGRATION),
        digest=marks.get(flows.MARK_RELEASE),
        generation=flows.generation_of(marks),
        content_hash=flows.content_hash(inside),
    )


def _is_our_part(node: Mapping[str, Any], tab: Mapping[str, Any], marks: Mapping[str, str]) -> bool:
    """A foreign tab's id may be any text, so only for marked tabs does a common beginning mean belonging."""
    return bool(marks) and flows.is_owned(node, str(tab.get("id")))


def _node_changes(node: str, want: Mapping[str, Any] | None, have: Mapping[str, Any] | None) -> list[Change]:
    at = f"/flows/{node}"
    if want is None or have is None:
        there = want or have or {}
        name = f"{there.get('type', '')} {there.get('name') or there.get('label') or ''}".strip()[:80]
        return [Change(at, "add", None, name) if have is None else Change(at, "remove", name, None)]
    return [
        Change(f"{at}/{key}", "change", _short(have.get(key)), _short(want.get(key)))
        for key in sorted(want.keys() | have.keys())
        if want.get(key) != have.get(key)
    ]


def _short(value: Any) -> str | None:
    if value is None:
        return None
    text = js_json.dumps(value)
    return text if len(text) <= 200 else text[:199] + "…"


def _version(api: AdminApi) -> str:
    """Read the version where the token may: /settings needs settings.read, /diagnostics needs diagnostics.read."""
    try:
        return str(api.settings().get("version", ""))
    except AuthFailed as refused:
        try:
            return str(api.diagnostics()["runtime"]["version"])
        except (AdapterError, KeyError, TypeError):
            raise refused from None


def _in_range(version: str) -> bool:
    major = version.partition(".")[0]
    return major.isascii() and major.isdigit() and 4 <= int(major) < 6
