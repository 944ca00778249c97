"""How a change ended, from how its deployments ended."""

from collections.abc import Iterable
from enum import StrEnum

from runtime_adapters.domain.states import DeploymentState


class Outcome(StrEnum):
    COMPLETED = "completed"
    PARTIAL = "partial"
    FAILED = "failed"
    SUPERSEDED = "superseded"


OVERTAKEN = frozenset({DeploymentState.SUPERSEDED})


def outcome_of(states: Iterable[DeploymentState]) -> Outcome:
    """All succeeded: completed. None did: superseded if only overtaken, else failed (also when the approval ran out). Some did: partial."""
    ended = list(states)
    succeeded = sum(state is DeploymentState.SUCCEEDED for state in ended)
    if succeeded == len(ended):
        return Outcome.COMPLETED
    if succeeded:
        return Outcome.PARTIAL
    return Outcome.SUPERSEDED if all(state in OVERTAKEN for state in ended) else Outcome.FAILED
