"""Connecting runtimes: what they are, how we reach them, and the account they report with."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.domain.inputs import Reading
from accounts.domain.roles import Scope
from accounts.domain.viewers import Viewer
from accounts.services import tokens, users
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.secrets import secrets_in
from catalog.models import Environment
from catalog.selectors import landscape
from foundation.canonical import digest_of
from foundation.conditional import VersionMoved
from foundation.errors import FieldError, pointer_of
from foundation.text import slug_key
from runtime_adapters import registry
from runtime_adapters.contract import AdapterError, Probe, Severity, Unavailable
from runtime_adapters.domain.errors import BadRuntime, NoSuchRuntime, NotPermitted, RuntimeSlugTaken
from runtime_adapters.models import Runtime, Slot
from runtime_adapters.selectors.runtimes import runtime_by_slug
from runtime_adapters.services import events
from runtime_adapters.services.adapters import adapter_of, call_context, tamed
from runtime_adapters.services.secrets import is_reference

_RUNTIME_SCOPES = (Scope.RUNTIME_PULL.value, Scope.RUNTIME_REPORT.value)
EDITABLE = frozenset({"title", "environments", "config", "is_enabled"})


@transaction.atomic
def register_runtime(
    *,
    slug: str,
    title: str,
    kind: str,
    environments: Iterable[str],
    config: Mapping[str, Any],
    actor: Actor,
    viewer: Viewer,
    now: datetime,
) -> Runtime:
    """Connect a runtime; it gets a service account of its own. Secrets in `config` are references (env://, file://).

    Raises NotPermitted, BadRuntime (422 with pointers), RuntimeSlugTaken, AdapterUnknown.
    """
    _require_operator(viewer)
    reading = Reading()
    slug, title = reading.slug("slug", slug), reading.line("title", title, most=120)
    faults = reading.faults
    places = _environments(environments, faults)
    faults += _config_faults(kind, config)
    if faults:
        raise BadRuntime(errors=faults)
    if Runtime.objects.filter(slug_key=slug_key(slug)).exists():
        raise RuntimeSlugTaken
    account = users.create_user(username=f"runtime-{slug}"[:63].rstrip("-_"), display_name=title, kind="service", actor=actor, now=now)
    try:
        with transaction.atomic():
            runtime = Runtime.objects.create(
                slug=slug, slug_key=slug_key(slug), title=title, kind=kind, config=dict(config), service_user=account
            )
    except IntegrityError:
        raise RuntimeSlugTaken from None
    runtime.environments.set(places)
    facts = {"kind": kind, "mode": registry.spec_of(kind).capabilities.mode.value, "service_user": account.id}
    texts = {"slug": slug, "title": title, "environments": [place.slug for place in places], "config": dict(config)}
    record(
        "runtime_adapters.runtime.registered",
        subject=(events.RUNTIME, runtime.id),
        actor=actor,
        at=now,
        facts=facts,
        texts=texts,
        version=1,
    )
    return runtime


@transaction.atomic
def update_runtime(*, slug: str, changes: Mapping[str, Any], expected_version: int, actor: Actor, viewer: Viewer, now: datetime) -> Runtime:
    """Change title, environments, config or is_enabled. Raises NotPermitted, NoSuchRuntime, VersionMoved, BadRuntime."""
    _require_operator(viewer)
    list(Slot.objects.select_for_update(no_key=True, of=("self",)).filter(runtime__slug_key=slug_key(slug)).order_by("id").values("id"))
    runtime = Runtime.objects.select_for_update(no_key=True).filter(slug_key=slug_key(slug)).first()  # slots first: as the worker does
    if runtime is None:
        raise NoSuchRuntime
    if runtime.version != expected_version:
        raise VersionMoved(runtime.version)
    reading = Reading()
    for name in changes.keys() - EDITABLE:
        reading.fault(pointer_of(name), "unknown-field", "This cannot be changed.")
    if "title" in changes:
        runtime.title = reading.line("title", changes["title"], most=120)
    faults = reading.faults
    places = _environments(changes["environments"], faults) if "environments" in changes else None
    if "config" in changes:
        faults += _config_faults(runtime.kind, changes["config"])
        runtime.config = dict(changes["config"])
    if faults:
        raise BadRuntime(errors=faults)
    runtime.is_enabled = changes.get("is_enabled", runtime.is_enabled)
    runtime.version += 1
    runtime.save()
    if places is not None:
        runtime.environments.set(places)
    facts = {"kind": runtime.kind, "changed": sorted(changes)}
    record(
        "runtime_adapters.runtime.updated",
        subject=(events.RUNTIME, runtime.id),
        actor=actor,
        at=now,
        facts=facts,
        texts={"changes": {name: changes[name] for name in sorted(changes)}},
        version=runtime.version,
    )
    runtime.slots.filter(desired__isnull=False).update(next_check_at=now)
    return runtime


@transaction.atomic
def issue_runtime_token(*, runtime: str, label: str, actor: Actor, viewer: Viewer, now: datetime) -> str:
    """A token for the runtime's agent: it may pull desired state and report. The secret is shown this once."""
    _require_operator(viewer)
    found = runtime_by_slug(runtime)
    _, secret = tokens.issue_token(user=found.service_user, label=label, scopes=_RUNTIME_SCOPES, actor=actor, now=now)
    return secret


def probe_runtime(*, slug: str, actor: Actor, viewer: Viewer, now: datetime) -> dict[str, Any]:
    """Ask the runtime who it is. Nothing is changed there; no transaction is open while it answers."""
    _require_operator(viewer)
    runtime = runtime_by_slug(slug)
    try:
        with adapter_of(runtime) as adapter, tamed(Unavailable):
            found = adapter.probe(call_context())
    except AdapterError as error:
        answer = {"reachable": False, "code": error.code, "detail": error.detail, "version": "", "findings": []}
        _note_probe(runtime, None, error.code, actor=actor, now=now)
        return answer
    _note_probe(runtime, found, "ok", actor=actor, now=now)
    findings = [{"pointer": one.pointer, "code": one.code, "detail": one.detail, "severity": one.severity.value} for one in found.findings]
    return {"reachable": True, "code": "ok", "detail": "", "version": found.version, "findings": findings}


@transaction.atomic
def _note_probe(runtime: Runtime, found: Probe | None, result: str, *, actor: Actor, now: datetime) -> None:
    version = "".join(char for char in found.version.lower() if char.isascii() and (char.isalnum() or char in "._:-"))[:63] if found else ""
    effective = (found.capabilities if found else None) or registry.spec_of(runtime.kind).capabilities
    facts = {
        "kind": runtime.kind,
        "result": result,
        "version": version or None,
        "capabilities_digest": digest_of({"mode": effective.mode.value, "observe": effective.observe.value, "remove": effective.remove}),
    }
    record("runtime_adapters.runtime.probed", subject=(events.RUNTIME, runtime.id), actor=actor, at=now, facts=facts)
    if found is not None:
        offset = None if found.clock_offset_s is None else round(found.clock_offset_s * 1000)
        Runtime.objects.filter(pk=runtime.pk).update(last_seen_at=now, clock_offset_ms=offset, failures_in_row=0, paused_until=None)


def _require_operator(viewer: Viewer) -> None:
    if not viewer.is_operator:
        raise NotPermitted


def _environments(slugs: Iterable[str], faults: list[FieldError]) -> list[Environment]:
    keys = [slug_key(slug) for slug in slugs]
    found = landscape.environments_by_slugs(keys)
    for index, key in enumerate(keys):
        if key not in found:
            faults.append(FieldError(f"/environments/{index}", "missing", "There is no such environment."))
    return list(dict.fromkeys(found[key] for key in keys if key in found))


def _config_faults(kind: str, config: Mapping[str, Any]) -> list[FieldError]:
    """What the adapter finds wrong, and any secret that is a value instead of a reference."""
    if kind not in registry.kinds():
        return [FieldError("/kind", "adapter-unknown", f"Choose one of: {', '.join(registry.kinds())}.")]
    adapter = registry.adapter_class(kind)
    secrets = [name for name in adapter.spec.secret_fields if name in config and not is_reference(config[name])]
    faults = [
        FieldError(pointer_of("config", name), "secret-value", "Give a reference (env://NAME or file:///path), not the secret.")
        for name in secrets
    ]
    findings = adapter.validate(config, None, None)
    faults += [fault for fault in secrets_in(config, "/config") if fault.pointer not in {told.pointer for told in faults}]
    told = {fault.pointer for fault in faults}
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    for finding in errors:
        pointer = finding.pointer if finding.pointer.startswith("/config") else f"/config{finding.pointer}"
        if pointer not in told:
            faults.append(FieldError(pointer, finding.code, finding.detail))
    return faults
