"""Any walk of deployments and retirements on one slot against a model: what may be asked, what should run, and what is told as live."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import LiveRelease
from governance.domain.errors import InvalidChange
from runtime_adapters.domain.states import DeploymentState as Ended
from runtime_adapters.models import DesiredState, Slot

pytestmark = pytest.mark.django_db
# What is asked for, and how its delivery ends; None: the next request comes while it is on its way.
ENDS = st.sampled_from([Ended.SUCCEEDED, Ended.FAILED, None])
STEPS = st.lists(st.tuples(st.sampled_from(["1.0.0", "2.0.0", "retire"]), ENDS), min_size=1, max_size=6)


class Model:
    """`desired` and `live`: a version or nothing. `left`: whether a removal ended without success and nothing came since."""

    def __init__(self) -> None:
        self.desired = self.live = None
        self.generation, self.left = 0, False

    def may(self, action):
        return action != "retire" or self.desired is not None or self.left

    def takes(self, action, end):
        self.desired = None if action == "retire" else action
        self.generation += 1
        self.left = action == "retire" and end is Ended.FAILED
        if end is Ended.SUCCEEDED:
            self.live = self.desired


def asked(world, action):
    return world.retirement() if action == "retire" else world.asked(action)


def standing():
    """(desired version, generation, live version) as the tables say."""
    desired = DesiredState.objects.select_related("release").first()
    live = LiveRelease.objects.select_related("release").first()
    version = desired.release.version if desired and desired.release else None
    return version, desired.generation if desired else 0, live.release.version if live else None


def walked(world, steps):
    model = Model()
    for action, end in steps:
        if not model.may(action):
            with pytest.raises(InvalidChange, match="hold nothing"):
                asked(world, action)
            continue
        change = world.vote(asked(world, action), "ann")
        assert change.state == "dispatched"
        if end is not None:
            change = world.ended(change, end)
            assert change.state == ("completed" if end is Ended.SUCCEEDED else "failed")
        model.takes(action, end)
        world.later(minutes=1)
        assert standing() == (model.desired, model.generation, model.live)
    assert Slot.objects.count() == (1 if model.generation else 0)


@pytest.fixture
def world(given):
    given.agent()
    given.policy("default", given.quorum(needs=1))
    given.releasable()
    given.releasable(version="2.0.0", every_s=5)
    return given


@settings(max_examples=8, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=STEPS)
def test_walks(world, steps):
    before = world.now
    with transaction.atomic():
        walked(world, steps)
        transaction.set_rollback(True)
    world.now = before
