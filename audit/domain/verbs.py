"""The closed registry of verbs: what may be recorded, and which facts each event carries.

One dict per package, sorted; add a row to record something new. Types are explained in `facts.py`; `!` means required.
Never put a slug, a name or any other word of a person in a fact: pass those as `texts` of `record()`, which commits to them.
Any change changes the registry's digest; it is then published as a leaf of its own, so raise REGISTRY_VERSION with a release.
"""

from collections.abc import Mapping

from audit.domain.errors import UnknownVerb
from foundation.canonical import digest_of

REGISTRY_VERSION = 2
REGISTRY_VERB = "audit.registry.published"

Schema = Mapping[str, str]

_STATE = "enum:draft|open|approved|rejected|scheduled|dispatched|completed|partial|failed|withdrawn|expired|superseded"
_HEALTH = "enum:healthy|degraded|failing|late|silent|paused|maintenance|unknown"
_CHANGE: Schema = {
    "number": "int",
    "revision": "int",
    "action": "enum:deploy|rollback|retire",
    "subject_digest": "digest",
    "release_digest": "digest",
    "release_digests": "list:digest",
    "previous_state": _STATE,
    "state": _STATE,
    "reason_code": "token",
    "deployments": "list:uuid",
    "environment": "uuid",
    "integration": "uuid",
    "at": "time",
}
_DEPLOYMENT: Schema = {
    "change": "uuid",
    "slot": "uuid",
    "runtime": "uuid",
    "integration": "uuid",
    "environment": "uuid",
    "release": "uuid",
    "release_digest": "digest",
    "payload_digest": "digest",
    "observed_digest": "digest",
    "generation": "int",
    "epoch": "int",
    "attempt": "int",
    "attempts": "int",
    "state": "token",
    "previous_state": "token",
    "step": "token",
    "result": "token",
    "error_code": "token",
    "reason_code": "token",
    "due_at": "time",
    "duration_ms": "int",
    "replaced_by": "uuid",
}
_REFUSAL: Schema = {"code": "token!", "status": "int!", "method": "token", "route": "token", "kind": "token"}

ACCOUNTS: dict[str, Schema] = {
    "accounts.membership.added": {"team": "uuid", "person": "uuid", "user": "uuid", "is_lead": "bool"},
    "accounts.membership.removed": {"team": "uuid", "person": "uuid", "user": "uuid", "is_lead": "bool"},
    "accounts.membership.updated": {"team": "uuid", "person": "uuid", "user": "uuid", "is_lead": "bool"},
    "accounts.mfa.disabled": {"method": "token"},
    "accounts.mfa.enabled": {"method": "token"},
    "accounts.password.changed": {"way": "token"},
    "accounts.role.granted": {"role": "enum:administrator|auditor|operator", "user": "uuid", "person": "uuid"},
    "accounts.role.revoked": {"role": "enum:administrator|auditor|operator", "user": "uuid", "person": "uuid"},
    "accounts.sign_in.failed": {"method": "token", "reason_code": "token"},
    "accounts.sign_in.succeeded": {"method": "token", "amr": "token", "mfa": "bool"},
    "accounts.sign_out": {"method": "token", "reason_code": "token"},
    "accounts.team.created": {"parent": "uuid", "changed": "list:token"},
    "accounts.team.updated": {"parent": "uuid", "changed": "list:token"},
    "accounts.token.issued": {"user": "uuid", "token": "uuid", "scopes": "list:token", "expires_at": "time"},
    "accounts.token.revoked": {"user": "uuid", "token": "uuid", "reason_code": "token"},
    "accounts.user.created": {"kind": "enum:human|service", "person": "uuid", "is_staff": "bool", "is_superuser": "bool"},
    "accounts.user.deactivated": {"person": "uuid", "reason_code": "token", "revoked_tokens": "int", "ended_sessions": "int"},
    "accounts.user.updated": {
        "changed": "list:token",
        "person": "uuid",
        "is_active": "bool",
        "is_staff": "bool",
        "is_superuser": "bool",
    },
}

AUDIT: dict[str, Schema] = {
    "audit.disclosures.erased": {"count": "int!", "legal_basis": "token!", "key": "uuid!"},
    "audit.evidence.downloaded": {
        "checkpoint_size": "int",
        "events": "int",
        "files": "int",
        "pack_digest": "digest",
        "change": "uuid",
        "number": "int",
    },
    "audit.log.key_published": {"key_id": "token!", "public_key": "token!", "algorithm": "token!", "origin": "token"},
    "audit.log.viewed": {"what": "token", "rows": "int", "since_index": "int", "verb": "token", "subject": "uuid", "actor": "uuid"},
    REGISTRY_VERB: {"version": "int!", "digest": "digest!", "rows": "list:row!"},
    "audit.restored": {"checkpoint_size": "int", "root": "digest", "events_after": "int", "backup_at": "time"},
    "demo.loaded": {"version": "token", "people": "int", "integrations": "int", "releases": "int"},
    "edge.failed": _REFUSAL,
    "edge.refused": _REFUSAL,
}

# What can be renamed, retired, deleted and restored: one verb each for every kind of named thing.
_NAMED = ("component", "connection", "connection_template", "data_object", "domain", "environment", "integration", "system")
_IDENTITY: dict[str, Schema] = {
    **{f"catalog.{kind}.renamed": {"team": "uuid"} for kind in _NAMED},
    **{f"catalog.{kind}.retired": {"team": "uuid", "plan": "digest"} for kind in _NAMED},
    **{f"catalog.{kind}.tombstoned": {"team": "uuid", "plan": "digest", "dependants": "int"} for kind in _NAMED},
    **{f"catalog.{kind}.restored": {"team": "uuid", "renamed": "bool"} for kind in _NAMED},
}
_CHANGED = {"changed": "list:token"}

CATALOG: dict[str, Schema] = {
    **_IDENTITY,
    "catalog.bulk.applied": {"rows": "int", "changed": "int", "refused": "int", "origin": "token"},
    "catalog.bulk.cancelled": {"rows": "int", "changed": "int", "refused": "int", "origin": "token"},
    "catalog.bulk.queued": {"rows": "int", "origin": "token", "is_dry_run": "bool", "undoes": "uuid"},
    "catalog.bulk.tried": {"rows": "int", "changed": "int", "refused": "int", "origin": "token"},
    "catalog.bulk.undone": {"rows": "int", "restored": "int", "refused": "int"},
    "catalog.component.registered": {"team": "uuid", "kind": "token", **_CHANGED},
    "catalog.component.updated": {"team": "uuid", "kind": "token", **_CHANGED},
    "catalog.component.version_published": {"component": "uuid", "component_version": "uuid", "digest": "digest", "semver": "semver"},
    "catalog.connection.registered": {"team": "uuid", "template": "uuid", "system": "uuid", "environment": "uuid", **_CHANGED},
    "catalog.connection.updated": {"team": "uuid", "template": "uuid", "system": "uuid", "environment": "uuid", **_CHANGED},
    "catalog.connection_template.registered": {"auth_type": "token", "protocol": "token", **_CHANGED},
    "catalog.connection_template.updated": {"auth_type": "token", "protocol": "token", **_CHANGED},
    "catalog.divergence.accepted": {"integration": "uuid", "field": "token"},
    "catalog.divergence.raised": {"integration": "uuid", "field": "token"},
    "catalog.divergence.rejected": {"integration": "uuid", "field": "token"},
    "catalog.divergence.settled": {"integration": "uuid", "field": "token"},
    "catalog.document.verified": {"integration": "uuid", "document": "uuid", "kind": "token", "release": "uuid"},
    "catalog.domain.registered": {"team": "uuid", "parent": "uuid", **_CHANGED},
    "catalog.domain.updated": {"team": "uuid", "parent": "uuid", **_CHANGED},
    "catalog.export.downloaded": {"format": "token", "rows": "int", "query_digest": "digest"},
    "catalog.import.cancelled": {"team": "uuid", "files": "int"},
    "catalog.import.finished": {
        "team": "uuid",
        "files": "int",
        "created": "int",
        "updated": "int",
        "unchanged": "int",
        "attention": "int",
        "is_dry_run": "bool",
    },
    "catalog.import.started": {"team": "uuid", "files": "int", "is_dry_run": "bool"},
    "catalog.integration.attested": {"team": "uuid", "campaign": "uuid", "answer": "token"},
    "catalog.integration.lifecycle_migrated": {
        "team": "uuid",
        "lifecycle": "int",
        "previous_lifecycle": "int",
        "stage": "token",
        "previous_stage": "token",
    },
    "catalog.integration.stage_moved": {
        "team": "uuid",
        "stage": "token",
        "previous_stage": "token",
        "lifecycle": "int",
        "guards": "list:token",
        "move": "uuid",
    },
    "catalog.lifecycle.migrated": {
        "number": "int",
        "previous_number": "int",
        "stages": "list:token",
        "targets": "list:token",
        "moved": "int",
    },
    "catalog.lifecycle.published": {"number": "int", "definition_digest": "digest"},
    "catalog.live_release.changed": {"environment": "uuid", "release": "uuid", "runtime": "token"},
    "catalog.relation.added": {"type": "token", "source_kind": "token", "source": "uuid", "target_kind": "token", "target": "uuid"},
    "catalog.relation.removed": {"type": "token", "source_kind": "token", "source": "uuid", "target_kind": "token", "target": "uuid"},
    "catalog.roadmap_item.added": {"integration": "uuid", "quarter": "token", "state": "token", **_CHANGED},
    "catalog.roadmap_item.removed": {"integration": "uuid", "quarter": "token", "state": "token"},
    "catalog.roadmap_item.updated": {"integration": "uuid", "quarter": "token", "state": "token", **_CHANGED},
    "catalog.tier_policy.updated": {"tier": "int", **_CHANGED},
    "catalog.view.removed": {"is_shared": "bool"},
    "catalog.view.saved": {"is_shared": "bool", **_CHANGED},
    "catalog.data_object.registered": {"team": "uuid", "classification": "token", "is_discovered": "bool", "changed": "list:token"},
    "catalog.data_object.updated": {"team": "uuid", "classification": "token", "is_discovered": "bool", "changed": "list:token"},
    "catalog.document.written": {
        "integration": "uuid",
        "document": "uuid",
        "kind": "token",
        "content_digest": "digest",
        "size": "int",
        "revision": "int",
        "bytes": "int",
    },
    "catalog.endpoint.added": {"integration": "uuid", "system": "uuid", "endpoint": "uuid", "role": "token", "protocol": "token"},
    "catalog.endpoint.removed": {"integration": "uuid", "system": "uuid", "endpoint": "uuid", "role": "token", "protocol": "token"},
    "catalog.environment.registered": {"stage": "token", "is_production": "bool", "rank": "int", "changed": "list:token"},
    "catalog.environment.updated": {"stage": "token", "is_production": "bool", "rank": "int", "changed": "list:token"},
    "catalog.grant.added": {"integration": "uuid", "person": "uuid", "team": "uuid", "user": "uuid", "until": "time", "right": "token"},
    "catalog.grant.removed": {"integration": "uuid", "person": "uuid", "team": "uuid", "user": "uuid", "right": "token"},
    "catalog.integration.registered": {"team": "uuid", "visibility": "token", "stage": "token", "tier": "token", "pattern": "token"},
    "catalog.integration.updated": {
        "team": "uuid",
        "visibility": "token",
        "stage": "token",
        "tier": "token",
        "pattern": "token",
        "changed": "list:token",
    },
    "catalog.integration.visibility_changed": {"team": "uuid", "visibility": "token", "previous_visibility": "token"},
    "catalog.release.published": {
        "integration": "uuid",
        "release": "uuid",
        "release_digest": "digest",
        "digest": "digest",
        "semver": "semver",
        "bytes": "int",
        "authors": "list:uuid",
        "identical_to": "uuid",
    },
    "catalog.system.registered": {
        "team": "uuid",
        "kind": "token",
        "criticality": "token",
        "is_discovered": "bool",
        "changed": "list:token",
    },
    "catalog.system.updated": {
        "team": "uuid",
        "kind": "token",
        "criticality": "token",
        "is_discovered": "bool",
        "changed": "list:token",
    },
}

# What `verify.py` recomputes: every governance.change.dispatched must follow a governance.change.submitted with the same
# subject_digest, and for each of its `quorums` ("board-key:2") at least that many distinct persons must have a latest
# governance.vote.cast with value approve, that subject_digest and the quorum's name among `seats`, none of them the
# requester or a contributor.
GOVERNANCE: dict[str, Schema] = {
    "governance.attestation.answered": {"campaign": "uuid", "integration": "uuid", "answer": "enum:confirm|correct|disown"},
    "governance.campaign.closed": {"asked": "int", "answered": "int"},
    "governance.campaign.opened": {"asked": "int", "due_at": "time"},
    "governance.deprecation.acknowledged": {"integration": "uuid", "team": "uuid"},
    "governance.escalation.advanced": {"integration": "uuid", "kind": "token", "step": "int", "told": "int"},
    "governance.escalation.closed": {"integration": "uuid", "kind": "token", "step": "int"},
    "governance.escalation.opened": {"integration": "uuid", "kind": "token"},
    "governance.expiry.told": {"team": "uuid", "need": "enum:expires-soon|expired", "expires_at": "time", "told": "int"},
    "governance.reassignment.applied": {"person": "uuid", "user": "uuid", "plan": "digest", "integrations": "int", "memberships": "int"},
    "governance.notifications.read": {"count": "int"},
    "governance.subscription.added": {"integration": "uuid", "sections": "list:token"},
    "governance.subscription.removed": {"integration": "uuid"},
    "governance.board.member_added": {"board": "uuid", "person": "uuid", "user": "uuid", "until": "time"},
    "governance.board.member_removed": {"board": "uuid", "person": "uuid", "user": "uuid"},
    "governance.board.registered": {"quorum": "int", "changed": "list:token"},
    "governance.board.updated": {"quorum": "int", "changed": "list:token"},
    "governance.change.approved": _CHANGE,
    "governance.change.completed": _CHANGE,
    "governance.change.dispatched": {**_CHANGE, "subject_digest": "digest!", "approvers": "list:uuid"},
    "governance.change.drafted": {**_CHANGE, "requester": "uuid", "targets": "int", "origin": "token"},
    "governance.change.expired": _CHANGE,
    "governance.change.failed": _CHANGE,
    "governance.change.partial": _CHANGE,
    "governance.change.rejected": _CHANGE,
    "governance.change.reopened": _CHANGE,
    "governance.change.returned": _CHANGE,
    "governance.change.scheduled": {**_CHANGE, "scheduled_for": "time"},
    "governance.change.submitted": {
        **_CHANGE,
        "subject_digest": "digest!",
        "requester": "uuid!",
        "contributors": "list:uuid!",
        "quorums": "list:token!",
        "requirements_digest": "digest",
        "policies": "list:uuid",
        "expires_at": "time",
        "origin": "token",
    },
    "governance.change.superseded": {**_CHANGE, "superseded_by": "uuid"},
    "governance.change.updated": {**_CHANGE, "changed": "list:token"},
    "governance.change.withdrawn": _CHANGE,
    "governance.check.recorded": {
        "change": "uuid!",
        "number": "int",
        "revision": "int",
        "check": "token",
        "result": "token",
        "subject_digest": "digest",
        "findings": "int",
        "findings_digest": "digest",
        "duration_ms": "int",
    },
    "governance.policy.registered": {"policy_digest": "digest", "requirements": "int", "changed": "list:token"},
    "governance.policy.updated": {"policy_digest": "digest", "requirements": "int", "changed": "list:token"},
    "governance.rollback.triggered": {**_CHANGE, "change": "uuid", "restores": "uuid", "replaces": "uuid", "slot": "uuid"},
    "governance.vote.cast": {
        "change": "uuid!",
        "number": "int",
        "revision": "int",
        "subject_digest": "digest!",
        "rendered_diff_digest": "digest",
        "value": "enum:approve|reject|request_changes|abstain!",
        "person": "uuid!",
        "seats": "list:token!",
        "delegated_from": "uuid",
    },
    "governance.vote.retracted": {
        "change": "uuid!",
        "number": "int",
        "revision": "int",
        "subject_digest": "digest",
        "person": "uuid!",
        "seats": "list:token",
    },
}

RUNTIME: dict[str, Schema] = {
    "health.state.changed": {
        "integration": "uuid",
        "environment": "uuid",
        "release": "uuid",
        "state": _HEALTH,
        "previous_state": _HEALTH,
        "reason_code": "token",
        "since": "time",
    },
    "runtime_adapters.authorisation.changed": {
        "slot": "uuid",
        "change": "uuid",
        "payload_digest": "digest",
        "generation": "int",
        "not_after": "time",
        "revoked": "bool",
        "closed_intervals": "int",
    },
    "runtime_adapters.deployment.accepted": _DEPLOYMENT,
    "runtime_adapters.deployment.attempted": _DEPLOYMENT,
    "runtime_adapters.deployment.cancelled": _DEPLOYMENT,
    "runtime_adapters.deployment.failed": _DEPLOYMENT,
    "runtime_adapters.deployment.halted": _DEPLOYMENT,
    "runtime_adapters.deployment.proven": _DEPLOYMENT,
    "runtime_adapters.deployment.recorded": _DEPLOYMENT,
    "runtime_adapters.deployment.requested": _DEPLOYMENT,
    "runtime_adapters.deployment.resumed": _DEPLOYMENT,
    "runtime_adapters.deployment.rolled_back": _DEPLOYMENT,
    "runtime_adapters.deployment.started": _DEPLOYMENT,
    "runtime_adapters.deployment.succeeded": _DEPLOYMENT,
    "runtime_adapters.deployment.superseded": _DEPLOYMENT,
    "runtime_adapters.deployment.unhealthy": _DEPLOYMENT,
    "runtime_adapters.desired.cleared": _DEPLOYMENT,
    "runtime_adapters.desired.set": _DEPLOYMENT,
    "runtime_adapters.drift.detected": _DEPLOYMENT,
    "runtime_adapters.drift.resolved": _DEPLOYMENT,
    "runtime_adapters.expectation.set": {"integration": "uuid", "environment": "uuid", "period_s": "int", "changed": "list:token"},
    "runtime_adapters.observation.received": _DEPLOYMENT,
    "runtime_adapters.runtime.probed": {"kind": "token", "version": "token", "result": "token", "capabilities_digest": "digest"},
    "runtime_adapters.runtime.registered": {"kind": "token", "environment": "uuid", "service_user": "uuid", "mode": "token"},
    "runtime_adapters.runtime.updated": {"kind": "token", "environment": "uuid", "mode": "token", "changed": "list:token"},
    "runtime_adapters.slot.checked": _DEPLOYMENT,
    "runtime_adapters.slot.opened": {"integration": "uuid", "environment": "uuid", "runtime": "uuid"},
    "runtime_adapters.slot.quarantined": _DEPLOYMENT,
    "runtime_adapters.timeline.raised": {"generation": "int"},
}

REGISTRY: dict[str, Schema] = {**ACCOUNTS, **AUDIT, **CATALOG, **GOVERNANCE, **RUNTIME}


def schema_of(verb: str) -> Schema:
    """The facts of a verb with their types; raise UnknownVerb outside the registry."""
    try:
        return REGISTRY[verb]
    except KeyError:
        raise UnknownVerb(f"{verb[:80]!r} is not in the registry of verbs.") from None


def compact_rows(registry: Mapping[str, Schema] | None = None) -> list[str]:
    """The registry as the log publishes it: one sorted line per verb, `verb fact=type,fact=type`."""
    source = REGISTRY if registry is None else registry
    return [f"{verb} {','.join(f'{name}={source[verb][name]}' for name in sorted(source[verb]))}" for verb in sorted(source)]


def registry_digest(rows: list[str] | None = None) -> str:
    """The digest that names exactly this registry."""
    return digest_of(compact_rows() if rows is None else rows)
