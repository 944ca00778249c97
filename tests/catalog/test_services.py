"""Commands of the catalog: what they refuse, what they keep, what they record."""

import pytest


def test_smoke(given):
    bob = given.person("bob")
    team = given.team("payments", members=[bob])
    i = given.integration("orders-to-erp", team=team, by=bob)
    r = given.release(i, by="bob")
    assert r.digest.startswith("sha256:")
    assert given.events(i) == ["catalog.integration.registered"]
    given.environment("production")
