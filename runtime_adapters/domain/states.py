"""The states of a deployment, of a slot's agreement with its runtime, and of health. Kept apart, never mixed."""

from enum import StrEnum


class DeploymentState(StrEnum):
    """Where one generation stands. APPLIED = read back from the runtime; SUCCEEDED = the health gate passed too."""

    QUEUED = "queued"
    LEASED = "leased"
    APPLYING = "applying"
    APPLIED = "applied"
    UNKNOWN = "unknown"
    RETRY_WAIT = "retry_wait"
    FAILED = "failed"
    VERIFYING = "verifying"
    SUCCEEDED = "succeeded"
    UNHEALTHY = "unhealthy"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    ROLLED_BACK = "rolled_back"
    HALTED = "halted"


SETTLED = frozenset(
    {
        DeploymentState.SUCCEEDED,
        DeploymentState.UNHEALTHY,
        DeploymentState.FAILED,
        DeploymentState.HALTED,
        DeploymentState.SUPERSEDED,
        DeploymentState.CANCELLED,
        DeploymentState.ROLLED_BACK,
    }
)


class Sync(StrEnum):
    """How the runtime agrees with what it should hold."""

    IN_SYNC = "in_sync"
    DRIFTED = "drifted"
    MISSING = "missing"
    EXTRA = "extra"
    UNKNOWN = "unknown"


class Health(StrEnum):
    """What the evidence says. Silence is never health; no evidence is unknown."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    FAILING = "failing"
    LATE = "late"
    SILENT = "silent"
    PAUSED = "paused"
    MAINTENANCE = "maintenance"
    UNKNOWN = "unknown"
