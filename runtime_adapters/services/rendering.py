"""From a release's manifest to what is sent, the same before the vote and at the send."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from catalog.models import Release
from foundation.canonical import digest_of
from runtime_adapters.contract import Adapter, Finding, Generation, InvalidInput, Marks, Payload, Severity, SlotRef
from runtime_adapters.domain.words import sentence
from runtime_adapters.models import DesiredState, Slot
from runtime_adapters.services.adapters import adapter_of

_KEYS = UUID("5f0a5bd2-3f1e-5c0a-9a43-0d1c8b7e6a10")
UNSENT = Generation(0, 0)


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a release becomes in a slot. `payload_digest` and `content_hash` do not depend on our marks."""

    payload: Mapping[str, Any]
    payload_digest: str
    content_hash: str
    findings: tuple[Finding, ...]

    @property
    def is_usable(self) -> bool:
        return not any(finding.severity is Severity.ERROR for finding in self.findings)


def render(*, slot: Slot, release: Release) -> Rendered:
    """Render and validate offline; nothing is asked of the runtime. Faults come as findings, never as exceptions."""
    ref = SlotRef(slot.id, slot.integration.slug, slot.environment.slug)
    try:
        with adapter_of(slot.runtime) as adapter:
            payload = adapter.render(release.manifest, Marks(ref, release.digest, UNSENT, release.version))
            findings = tuple(type(adapter).validate(slot.runtime.config, release.manifest.get("payload"), None))
            unmarked = adapter.normalize(payload)
            return Rendered(_plain(unmarked), digest_of(_plain(unmarked)), adapter.content_hash(payload), findings)
    except InvalidInput as error:
        return Rendered({}, "", "", error.findings or (Finding("", error.code, error.detail),))


def rendered_as_approved(adapter: Adapter, desired: DesiredState, marks: Marks) -> Payload:
    """Render again with the true marks. Raises InvalidInput when the content is no longer what was approved."""
    manifest = desired.release.manifest if desired.release else {}
    payload = adapter.render(manifest, marks)
    if digest_of(_plain(adapter.normalize(payload))) != desired.payload_digest:
        raise InvalidInput(sentence("render-moved"))
    return payload


def idempotency_key(desired: DesiredState) -> str:
    """The same over all attempts, workers and restarts for one (slot, generation, digest, apply epoch)."""
    name = f"{desired.slot_id}:{desired.timeline}.{desired.generation}:{desired.digest}:{desired.apply_epoch}"
    return str(uuid5(_KEYS, name))


def _plain(value: Any) -> Any:
    """Mappings and sequences of an adapter as dict and list: what canonical JSON and the database take."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
