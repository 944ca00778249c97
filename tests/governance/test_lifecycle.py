"""Every state, every event: what moves, and that nothing else does."""

import itertools

import pytest

from governance.domain.lifecycle import TERMINAL, TRANSITIONS, UNDISPATCHED, VOTABLE, Event, IllegalTransition, State, advance

# The table of docs/architecture.md, written out once more by hand.
TABLE = {
    State.DRAFT: {Event.SUBMIT: State.OPEN, Event.WITHDRAW: State.WITHDRAWN},
    State.OPEN: {
        Event.READY: State.APPROVED,
        Event.VETOED: State.REJECTED,
        Event.RETURNED: State.DRAFT,
        Event.CONTENT_MOVED: State.OPEN,
        Event.WITHDRAW: State.WITHDRAWN,
        Event.EXPIRE: State.EXPIRED,
        Event.SUPERSEDE: State.SUPERSEDED,
    },
    State.APPROVED: {
        Event.VETOED: State.REJECTED,
        Event.RETURNED: State.DRAFT,
        Event.VERDICT_FELL: State.OPEN,
        Event.CONTENT_MOVED: State.OPEN,
        Event.SCHEDULE: State.SCHEDULED,
        Event.DISPATCH: State.DISPATCHED,
        Event.WITHDRAW: State.WITHDRAWN,
        Event.EXPIRE: State.EXPIRED,
        Event.SUPERSEDE: State.SUPERSEDED,
    },
    State.SCHEDULED: {
        Event.VETOED: State.REJECTED,
        Event.RETURNED: State.DRAFT,
        Event.VERDICT_FELL: State.OPEN,
        Event.CONTENT_MOVED: State.OPEN,
        Event.DISPATCH: State.DISPATCHED,
        Event.WITHDRAW: State.WITHDRAWN,
        Event.EXPIRE: State.EXPIRED,
        Event.SUPERSEDE: State.SUPERSEDED,
    },
    State.DISPATCHED: {
        Event.ALL_SUCCEEDED: State.COMPLETED,
        Event.SOME_FAILED: State.PARTIAL,
        Event.ALL_FAILED: State.FAILED,
        Event.SUPERSEDE: State.SUPERSEDED,
    },
    State.PARTIAL: {Event.RESUME: State.DISPATCHED, Event.SUPERSEDE: State.SUPERSEDED},
}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(State, Event)), ids=lambda value: value.value)
def test_every_pair(state, event):
    expected = TABLE.get(state, {}).get(event)
    if expected is None:
        with pytest.raises(IllegalTransition):
            advance(state, event)
    else:
        assert advance(state, event) is expected


def test_terminal_states_absorb():
    assert not [pair for pair in TRANSITIONS if pair[0] in TERMINAL]
    assert {state for state in State if state not in TABLE} == TERMINAL


def test_only_approved_content_is_dispatched_and_nothing_returns_from_there():
    assert {state for (state, event) in TRANSITIONS if event is Event.DISPATCH} == {State.APPROVED, State.SCHEDULED}
    after = {State.DISPATCHED, State.PARTIAL}
    assert not [pair for pair, to in TRANSITIONS.items() if pair[0] in after and to in UNDISPATCHED]


def test_votes_are_possible_exactly_where_a_veto_can_end_it():
    assert {state for (state, event) in TRANSITIONS if event is Event.VETOED} == VOTABLE
