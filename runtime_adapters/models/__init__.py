from runtime_adapters.models.deployment import Attempt, Deployment
from runtime_adapters.models.desired import Authorisation, DesiredState, Timeline
from runtime_adapters.models.health import Expectation, HealthReading, HealthState
from runtime_adapters.models.observation import Observation
from runtime_adapters.models.runtime import Runtime, Slot

__all__ = [
    "Attempt",
    "Authorisation",
    "Deployment",
    "DesiredState",
    "Expectation",
    "HealthReading",
    "HealthState",
    "Observation",
    "Runtime",
    "Slot",
    "Timeline",
]
