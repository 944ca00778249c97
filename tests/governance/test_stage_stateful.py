"""Any sequence of moves, edits, publications, migrations and news from runtimes against a small model of its own.

The model keeps its own truth about each fact. The promise: no sequence of API calls reaches a stage whose conditions did not hold at
that moment (what goes live by itself and what is migrated excepted, and both are told apart in the record).
"""

from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from catalog.domain.default_lifecycle import DEFINITION
from catalog.models import Integration
from catalog.services import integrations, lifecycles
from catalog.services.live import record_live
from config.integrity import findings
from governance.selectors.stages import moves_of
from tests.given import Given

# Guards whose truth the model knows, each from its own flags.
KNOWN = {
    "reuse-check-answered": lambda facts: facts["reuse"],
    "support-model-set": lambda facts: facts["support"],
    "alternative-named": lambda facts: facts["alternative"],
    "deprecation-dates": lambda facts: facts["alternative"],
    "release-exists": lambda facts: facts["released"],
    "nothing-live": lambda facts: not facts["live"],
    "observed-in-production": lambda facts: facts["live"],
    "consumers-acknowledged": lambda facts: facts["acknowledged"],
    "consumers-notified": lambda _facts: True,
    "owning-team": lambda _facts: True,
    "roadmap-or-breach": lambda _facts: False,
}
EDITS = {
    "reuse": lambda on: {"reuse_check": "Nothing like it." if on else ""},
    "support": lambda on: {"support": {"channel": "#us", "hours": "always"} if on else {}},
    "alternative": lambda on: {
        "deprecation": {"alternative": "another-one", "effective_on": "2026-01-01", "removal_on": "2026-02-01"} if on else {}
    },
}


@st.composite
def definitions(draw: Any) -> dict[str, Any]:
    """Sound lifecycles: a chain to the end with more moves beside it."""
    keys = [f"s{n}" for n in range(draw(st.integers(3, 5)))]
    kinds = [draw(st.sampled_from(["building", "live", "leaving", "halted"])) for _ in keys[:-1]] + ["final"]
    chain = list(pairwise(keys))
    more = draw(st.lists(st.tuples(st.sampled_from(keys), st.sampled_from(keys)).filter(lambda p: p[0] != p[1]), unique=True, max_size=5))
    guards = st.lists(st.sampled_from(sorted(KNOWN)), unique=True, max_size=3)
    targets = [key for key, kind in zip(keys, kinds, strict=True) if kind == "live"]
    on_live = {"from": [key for key in keys[:-1] if key != targets[0]], "to": targets[0]} if targets and draw(st.booleans()) else None
    return {
        "initial": keys[0],
        "stages": [{"key": key, "title": key.upper(), "kind": kind} for key, kind in zip(keys, kinds, strict=True)],
        "moves": [{"from": a, "to": b, "guards": [{"name": name} for name in draw(guards)]} for a, b in dict.fromkeys([*chain, *more])],
        "on_live": on_live,
    }


class Walk(RuleBasedStateMachine):
    """One integration that the team `sales` relies on."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.given = Given()
        self.given.administrator()
        self.given.team("payments", members=["olga"])
        self.given.team("sales", members=["sid"])
        self.row = self.given.integration("orders", by="olga")
        self.given.integration("another-one")
        self.given.relies(self.given.integration("reports", team="sales"), self.row)
        self.production = self.given.environment("production")
        self.olga, self.sid = self.given.api("olga"), self.given.api("sid")
        self.definitions: dict[int, dict[str, Any]] = {1: DEFINITION}
        self.lifecycle, self.stage, self.changes = 1, "proposed", []
        self.facts = dict.fromkeys(("reuse", "support", "alternative", "released", "live", "acknowledged"), False)

    def teardown(self) -> None:
        try:
            assert findings() == []
            told = [(move.origin, move.from_stage, move.to_stage) for move in reversed(moves_of(self.row))]
            assert told == self.changes
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    @property
    def definition(self) -> dict[str, Any]:
        return self.definitions[self.lifecycle]

    def kind(self, key: str) -> str:
        return next(stage["kind"] for stage in self.definition["stages"] if stage["key"] == key)

    def went(self, origin: str, to: str) -> None:
        self.changes.append((origin, self.stage, to))
        self.stage = to
        self.given.later(seconds=1)

    @rule(data=st.data())
    def move(self, data: Any) -> None:
        """Ask for any stage, also one that no move leads to."""
        ways = [move["to"] for move in self.definition["moves"] if move["from"] == self.stage]
        to = data.draw(
            st.sampled_from(ways)
            if ways and data.draw(st.integers(0, 4))
            else st.sampled_from([s["key"] for s in self.definition["stages"]])
        )
        version = Integration.objects.get(pk=self.row.pk).version
        answer = self.olga.post("/integrations/orders/stage", {"to": to}, if_match=version)
        found = next((move for move in self.definition["moves"] if (move["from"], move["to"]) == (self.stage, to)), None)
        if found is None:
            assert (answer.status_code, answer.json()["code"], answer.json()["moves"]) == (409, "no-such-move", ways)
            return
        names = [guard["name"] for guard in found["guards"]]
        if any(name not in KNOWN for name in names):  # of the default: the model only knows that what it knows to be missing is named
            wanting = {name for name in names if name in KNOWN and not KNOWN[name](self.facts)}
            refused = {error["code"] for error in answer.json().get("errors", ())}
            assert wanting <= refused
            if answer.status_code != 200:
                return
        else:
            wanting = [name for name in names if not KNOWN[name](self.facts)]
            assert (answer.status_code == 200) == (not wanting), answer.content
            if wanting:
                assert [error["code"] for error in answer.json()["errors"]] == wanting
                return
        self.went("person", to)
        if self.kind(to) == "leaving":
            self.facts["acknowledged"] = False

    @rule(data=st.data())
    def stale(self, data: Any) -> None:
        """Whoever read an older version moves nothing."""
        to = data.draw(st.sampled_from([stage["key"] for stage in self.definition["stages"]]))
        assert self.olga.post("/integrations/orders/stage", {"to": to}, if_match=999).status_code == 412

    @rule(name=st.sampled_from(sorted(EDITS)), on=st.booleans())
    def edit(self, name: str, on: bool) -> None:
        changes = EDITS[name](on)
        integrations.update_integration(slug="orders", changes=changes, expected_version=None, **self.given.by("olga"))
        self.facts[name] = on
        self.given.later(seconds=1)

    @rule(on=st.booleans())
    def run(self, on: bool) -> None:
        """A release of it runs in production from now on, or no longer does."""
        release = self.given.release(self.row)
        self.facts["released"] = True
        place = {"integration_id": self.row.id, "environment_id": self.production.id, "runtime_key": "r"}
        news = record_live(**place, release_id=release.id if on else None, at=self.given.now)
        assert news == (self.facts["live"] != on)
        self.facts["live"] = on
        on_live = self.definition["on_live"]
        if news and on and on_live and self.stage in on_live["from"]:
            self.went("went-live", on_live["to"])
        self.given.later(seconds=1)

    @rule()
    def acknowledge(self) -> None:
        answer = self.sid.post("/integrations/orders/acknowledge", {"team": "sales"})
        if self.kind(self.stage) == "leaving":
            assert answer.status_code == 201
            self.facts["acknowledged"] = True
        else:
            assert (answer.status_code, answer.json()["code"]) == (409, "not-leaving")

    @rule(definition=definitions())
    def publish(self, definition: dict[str, Any]) -> None:
        """A new version changes nothing for what is there."""
        model = self.given.lifecycle(definition)
        self.definitions[model.number] = definition

    @rule(data=st.data(), is_dry_run=st.booleans())
    def migrate(self, data: Any, is_dry_run: bool) -> None:
        number = data.draw(st.sampled_from(sorted(self.definitions)))
        if number == self.lifecycle:
            return
        target = st.sampled_from([stage["key"] for stage in self.definitions[number]["stages"]])
        mapping = {stage["key"]: data.draw(target) for stage in self.definition["stages"]}
        command = {"number": number, "source": self.lifecycle, "mapping": mapping, "is_dry_run": is_dry_run}
        done = lifecycles.migrate_integrations(**command, **self.given.by("root"))
        assert done.total >= 1
        if not is_dry_run:
            self.went("migration", mapping[self.stage])
            self.lifecycle = number

    @invariant()
    def it_stands_where_the_model_says(self) -> None:
        row = Integration.objects.get(pk=self.row.pk)
        assert (row.stage, row.lifecycle) == (self.stage, self.lifecycle)

    @invariant()
    def looking_agrees_with_the_model(self) -> None:
        told = self.olga.get("/integrations/orders/stage").json()
        found = {guard["guard"]: guard["passed"] for move in told["moves"] for guard in move["guards"]}
        assert {name: passed for name, passed in found.items() if name in KNOWN} == {
            name: bool(KNOWN[name](self.facts)) for name in found if name in KNOWN
        }


@pytest.mark.django_db
def test_no_sequence_of_calls_reaches_a_stage_past_its_conditions():
    tuned = settings(
        max_examples=6,
        stateful_step_count=18,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    run_state_machine_as_test(Walk, settings=tuned)
