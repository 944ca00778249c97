"""The lifecycle that an installation starts with (number 1). An organisation publishes its own beside it."""

from typing import Any, Final

TITLE: Final = "The default lifecycle"

_OWNED = ["owning-team", "owner-roles", "systems-and-data-named", "reuse-check-answered"]
_RUNNING = ["production-change-completed", "observed-in-production", "health-expectation-set", "support-model-set"]
_ANNOUNCED = ["deprecation-dates", "alternative-named", "consumers-notified"]
_KINDS = {
    "proposed": "building",
    "designed": "building",
    "built": "building",
    "tested": "building",
    "live": "live",
    "optimizing": "live",
    "deprecated": "leaving",
    "retired": "final",
    "rejected": "final",
    "suspended": "halted",
}
_MOVES: list[tuple[str, str, list[str]]] = [
    ("proposed", "designed", _OWNED),
    ("proposed", "rejected", ["nothing-live"]),
    ("designed", "built", ["contract-or-classification-set", "connection-templates-chosen"]),
    ("designed", "rejected", ["nothing-live"]),
    ("designed", "suspended", []),
    ("built", "tested", ["release-exists", "checks-pass", "documents-complete"]),
    ("built", "designed", []),
    ("built", "rejected", ["nothing-live"]),
    ("built", "suspended", []),
    ("tested", "live", _RUNNING),
    ("tested", "built", []),
    ("tested", "rejected", ["nothing-live"]),
    ("tested", "suspended", []),
    ("live", "optimizing", ["roadmap-or-breach"]),
    ("live", "deprecated", _ANNOUNCED),
    ("live", "suspended", []),
    ("optimizing", "live", ["roadmap-done"]),
    ("optimizing", "deprecated", _ANNOUNCED),
    ("optimizing", "suspended", []),
    ("deprecated", "retired", ["removal-date-passed", "nothing-live", "consumers-acknowledged", "no-traffic-for-days"]),
    ("deprecated", "live", _RUNNING),
    ("rejected", "proposed", []),
    ("suspended", "designed", _OWNED),
    ("suspended", "live", _RUNNING),
    ("suspended", "deprecated", _ANNOUNCED),
    ("suspended", "rejected", ["nothing-live"]),
]
_PARAMS = {"no-traffic-for-days": {"days": 30}}

DEFINITION: Final[dict[str, Any]] = {
    "initial": "proposed",
    "stages": [{"key": key, "title": key.capitalize(), "kind": kind} for key, kind in _KINDS.items()],
    "moves": [
        {"from": source, "to": target, "guards": [{"name": name, **_PARAMS.get(name, {})} for name in guards]}
        for source, target, guards in _MOVES
    ],
    "on_live": {"from": ["proposed", "designed", "built", "tested"], "to": "live"},
}
