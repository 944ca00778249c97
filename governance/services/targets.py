"""The slots a change is for: opened, rendered, and summed up in the digests that votes bind to."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from audit.domain.actors import Actor
from audit.selectors import events
from catalog.models import Environment, Integration, Release
from catalog.selectors import landscape
from foundation.canonical import digest_of
from foundation.errors import FieldError
from foundation.text import slug_key
from governance.domain.errors import InvalidChange
from governance.domain.lifecycle import Action, ChangeClass
from governance.domain.requirements import Requirement, as_spec
from governance.domain.subject import Target, subject_digest
from governance.domain.subject import subject_of as describe
from governance.models import ChangeRequest, ChangeTarget
from governance.selectors.contents import statements_of
from runtime_adapters.models import Runtime, Slot
from runtime_adapters.selectors import deployments as deployment_selectors
from runtime_adapters.services import deployments


def open_slots(integration: Integration, targets: Sequence[Mapping[str, str]], *, actor: Actor, now: datetime) -> list[Slot]:
    """Find or open the slot of each target. Raises InvalidChange with a pointer per unknown, doubled or impossible target."""
    return [
        deployments.open_slot(integration_id=integration.id, environment_id=e.id, runtime_id=r.id, actor=actor, now=now)
        for e, r in _places_of(targets, to_run=True)
    ]


def slots_to_empty(integration: Integration, targets: Sequence[Mapping[str, str]]) -> list[Slot]:
    """The slot of each target, which must hold something; none is opened. Raises InvalidChange with a pointer per target."""
    places = [(e.id, r.id) for e, r in _places_of(targets, to_run=False)]
    rows = Slot.objects.filter(integration=integration).select_related("environment", "runtime")
    slots = {(slot.environment_id, slot.runtime_id): slot for slot in rows}
    held = deployment_selectors.holding(slot.id for slot in slots.values())
    faults = [
        FieldError(f"/targets/{index}", "nothing-there", "Nothing of it should run there, so there is nothing to take out.")
        for index, place in enumerate(places)
        if place not in slots or slots[place].id not in held
    ]
    if faults:
        raise InvalidChange("Some targets hold nothing of it.", errors=faults)
    return [slots[place] for place in places]


def _places_of(targets: Sequence[Mapping[str, str]], *, to_run: bool) -> list[tuple[Environment, Runtime]]:
    """Environment and runtime of each target. What runs where its runtime serves no longer can still be taken out of there."""
    if not targets:
        raise InvalidChange("Name at least one target.", errors=[FieldError("/targets", "empty", "Name at least one.")])
    faults: list[FieldError] = []
    pairs: list[tuple[Environment, Runtime]] = []
    named = landscape.environments_by_slugs(target["environment"] for target in targets)
    for index, target in enumerate(targets):
        environment = named.get(slug_key(target["environment"]))
        runtime = Runtime.objects.filter(slug_key=slug_key(target["runtime"])).first()
        if environment is None:
            faults.append(FieldError(f"/targets/{index}/environment", "unknown", "There is no such environment."))
        elif runtime is None or not runtime.is_enabled:
            faults.append(FieldError(f"/targets/{index}/runtime", "unknown", "There is no such runtime in use."))
        elif to_run and not runtime.environments.filter(pk=environment.pk).exists():
            faults.append(FieldError(f"/targets/{index}/runtime", "elsewhere", f"{runtime.slug} does not serve {environment.slug}."))
        elif (environment, runtime) in pairs:
            faults.append(FieldError(f"/targets/{index}", "duplicate", "The target is named twice."))
        else:
            pairs.append((environment, runtime))
    if faults:
        raise InvalidChange("Some targets cannot be changed.", errors=faults)
    return pairs


def write_targets(change: ChangeRequest, slots: Sequence[Slot]) -> None:
    """One row per slot: what would be sent (by a retirement, nothing), and what it replaces."""
    if change.release is not None:
        _require_kind(change.release, slots)
    desired = deployment_selectors.desired_of([slot.id for slot in slots])
    for slot in slots:
        current = desired.get(slot.id)
        ChangeTarget.objects.create(
            change=change,
            slot=slot,
            **(_rendered(slot, change.release) if change.release is not None else {}),
            base_generation=current.generation if current else 0,
            base_release_id=current.release_id if current else None,
            base_digest=current.digest if current else "",
        )


def _rendered(slot: Slot, release: Release) -> dict[str, Any]:
    rendered = deployments.render(slot=slot, release=release)
    if not rendered.payload_digest:
        faults = [FieldError(f.pointer, f.code, f.detail) for f in rendered.findings]
        raise InvalidChange(f"{slot.runtime.slug} cannot run this release.", errors=faults)
    return {"payload": rendered.payload, "payload_digest": rendered.payload_digest, "content_hash": rendered.content_hash}


def _require_kind(release: Release, slots: Sequence[Slot]) -> None:
    kind = release.runtime_kind
    faults = [
        FieldError(f"/targets/{index}/runtime", "other-kind", f"{slot.runtime.slug} is {slot.runtime.kind}; the release is for {kind}.")
        for index, slot in enumerate(slots)
        if slot.runtime.kind != kind
    ]
    if faults:
        raise InvalidChange("The release cannot run there.", errors=faults)


def require_proven(change: ChangeRequest) -> None:
    """The reduced gate of a rollback is only for content that succeeded on the very slot before, in place of what stands there now.

    What was taken out of a slot comes back through the whole gate. Raises InvalidChange.
    """
    if change.change_class != ChangeClass.ROLLBACK:
        return
    faults: list[FieldError] = []
    for index, target in enumerate(change.targets.all()):
        if not deployment_selectors.succeeded_before(target.slot_id, change.release_digest):
            told = "This release never succeeded there: ask for it as an ordinary change."
            faults.append(FieldError(f"/targets/{index}", "never-proven", told))
        elif not target.base_digest:
            told = "Nothing runs there any more, so nothing can go back: ask for it as an ordinary change."
            faults.append(FieldError(f"/targets/{index}", "nothing-there", told))
    if faults:
        raise InvalidChange("Only what ran there successfully before can be rolled back to.", errors=faults)


def rewrite_payloads(change: ChangeRequest) -> None:
    """Render again after the release or the base may have moved."""
    slots = [target.slot for target in change.targets.select_related("slot__runtime", "slot__environment")]
    change.targets.all().delete()
    write_targets(change, slots)


def _moved(targets: Sequence[ChangeTarget]) -> list[ChangeTarget]:
    desired = deployment_selectors.desired_of([target.slot_id for target in targets])
    return [t for t in targets if (desired[t.slot_id].digest if t.slot_id in desired else "") != t.base_digest]


def emptied_by(change: ChangeRequest) -> UUID | None:
    """The retirement that left nothing of what the request is about: nothing to take out, or nothing to go back from."""
    if change.requester_id is None or (change.action != Action.RETIRE and change.change_class != ChangeClass.ROLLBACK):
        return None
    desired = deployment_selectors.desired_of(change.targets.values_list("slot_id", flat=True))
    gone = [row for row in desired.values() if row.release_id is None]
    if change.action == Action.RETIRE and deployment_selectors.holding(desired):
        return None
    return gone[0].change_id if gone else None


def closed_targets(change: ChangeRequest) -> list[str]:
    """Targets whose runtime was switched off, or taken out of the environment, since they were asked for.

    A retirement is sent to a runtime that does not serve the environment any more: it takes out what is left there.
    """
    in_use = change.targets.filter(slot__runtime__is_enabled=True)
    if change.action != Action.RETIRE:
        in_use = in_use.filter(slot__runtime__environments=F("slot__environment"))
    gone = change.targets.exclude(pk__in=in_use.values("pk")).select_related("slot__runtime", "slot__environment").order_by("slot_id")
    return [f"{target.slot.runtime.slug} in {target.slot.environment.slug}" for target in gone]


def has_moved(change: ChangeRequest, targets: Sequence[ChangeTarget] | None = None) -> bool:
    """Whether anything that votes bind to is no longer what it was: what a slot holds, or how its runtime is set up.

    `targets`: all of the request's, with their runtimes, where they have been read already.
    """
    targets = list(change.targets.select_related("slot__runtime").defer("payload")) if targets is None else targets
    return bool(_moved(targets)) or subject_digest(_subject(change, targets)) != change.subject_digest


def digest_of_change(change: ChangeRequest) -> str:
    """The digest that votes bind to (governance.domain.subject)."""
    return subject_digest(subject_of(change))


def subject_of(change: ChangeRequest) -> dict[str, Any]:
    """Exactly what voters decide on, as it stands now."""
    return _subject(change, list(change.targets.select_related("slot__runtime")))


def _subject(change: ChangeRequest, rows: Sequence[ChangeTarget]) -> dict[str, Any]:
    targets = [Target(t.slot_id, t.payload_digest, runtime_digest(t.slot.runtime), t.base_digest) for t in rows]
    return describe(
        action=change.action,
        change_class=change.change_class,
        release_digest=change.release_digest,
        targets=targets,
        not_before=change.not_before,
        not_after=change.not_after,
    )


def runtime_digest(runtime: Runtime) -> str:
    """How the runtime is set up: moving it to another address is another change. Secrets are references here."""
    return digest_of({"runtime": str(runtime.id), "kind": runtime.kind, "config": runtime.config})


def diff_digest(change: ChangeRequest) -> str:
    """The digest of the difference that is shown."""
    targets = change.targets.select_related("base_release")
    return digest_of([[s.kind, s.place, s.text] for target in targets for s in statements_of(target, change)])


def policy_digest(requirements: Sequence[Requirement]) -> str:
    """The digest of everything that must be satisfied."""
    return digest_of([as_spec(requirement) for requirement in requirements])


def publishing_events(change: ChangeRequest) -> list[UUID]:
    """The events that published the releases the change is about: they state the digests of their manifests."""
    releases = [change.release, *(target.base_release for target in change.targets.select_related("base_release"))]
    subjects = [("catalog.release", release.id) for release in releases if release is not None]
    return [event.id for event in events.history_of(subjects) if event.verb == "catalog.release.published"]
