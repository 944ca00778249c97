"""Rules without a database."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.domain.errors import Invalid, ScopeBeyondOwner
from accounts.domain.inputs import Reading
from accounts.domain.rights import require_grantable
from accounts.domain.secrets import new_secret, well_formed
from accounts.domain.viewers import Viewer
from foundation.ids import uuid7


@settings(max_examples=50)
@given(st.integers(0, 48), st.characters(categories=["L", "N", "P"]))
def test_one_wrong_letter_in_a_token_is_told_by_its_check_digits(place, letter):
    _, secret = new_secret()
    typed = secret[:place] + letter + secret[place + 1 :]
    assert well_formed(secret)
    assert well_formed(typed) == (typed == secret)


def test_a_refusal_names_every_fault():
    reading = Reading()
    reading.slug("slug", "-a")
    reading.line(("endpoints", 0, "a/b"), "x\x00", most=10)
    reading.between("tier", True, 1, 3)
    with pytest.raises(Invalid) as refused:
        reading.close()
    assert [fault.pointer for fault in refused.value.errors] == ["/slug", "/endpoints/0/a~1b", "/tier"]


def viewer(roles=(), scopes=None):
    return Viewer(uuid7(), uuid7(), "Ann", "human", frozenset(roles), frozenset(), frozenset(), scopes)


@pytest.mark.parametrize(
    ("who", "scope", "granted"),
    [
        (viewer(), "catalog:write", True),
        (viewer(), "admin", False),
        (viewer(["administrator"]), "admin", True),
        (viewer(["auditor"]), "audit:read", True),
        (viewer(["administrator"]), "runtime:pull", False),
        (viewer(scopes=frozenset({"catalog:read"})), "catalog:write", False),
        (viewer(["administrator"], frozenset({"admin"})), "changes:vote", False),
    ],
)
def test_a_token_is_given_no_more_than_its_owner_and_his_credential_hold(who, scope, granted):
    if granted:
        require_grantable(who, [scope])
        return
    with pytest.raises(ScopeBeyondOwner):
        require_grantable(who, [scope])
