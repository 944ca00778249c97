"""One visibility rule: list, detail, search, count, history and releases agree in every world of permissions."""

import random

import pytest

from catalog.selectors import integrations
from catalog.services.grants import add_grant
from catalog.services.judges import close_view, open_view

pytestmark = pytest.mark.django_db
PEOPLE = ("ann", "bob", "cem", "dia", "eve", "root", "aud")


def build(given, seed):
    """A random tree of teams with members, restricted and open integrations, grants; {slug: who may see it} by hand."""
    rng = random.Random(seed)
    given.administrator("root")
    given.person("aud", roles_held=["auditor"])
    parents, members, teams = {}, {}, {}
    for number in range(5):
        slug = f"t{number}"
        parents[slug] = rng.choice([None, *teams])
        members[slug] = set(rng.sample(PEOPLE[:5], rng.randint(0, 2)))
        teams[slug] = given.team(slug, members=sorted(members[slug]), parent=teams.get(parents[slug]))
    expected = {}
    for number in range(7):
        slug, team = f"i-{number}", rng.choice(list(teams))
        restricted = rng.random() < 0.7
        given.integration(slug, team=teams[team], visibility="restricted" if restricted else "organisation", title=f"Needle {number}")
        seers = {"root", "aud"} | grants(given, rng, slug, members)
        above = team
        while above is not None:
            seers |= members[above]
            above = parents[above]
        expected[slug] = seers if restricted else set(PEOPLE)
    return expected


def grants(given, rng, slug, members):
    seers = set()
    by = given.by("root")
    if rng.random() < 0.3:
        person = rng.choice(PEOPLE[:5])
        add_grant(integration=slug, right="view", user=person, **by)
        seers.add(person)
    if rng.random() < 0.3:
        team = rng.choice(list(members))
        add_grant(integration=slug, right="propose", team=team, **by)
        seers |= members[team]
    return seers


@pytest.mark.parametrize("seed", range(3))
def test_every_way_of_looking_agrees(given, seed):
    expected = build(given, seed)
    for name in PEOPLE:
        api = given.api(name)
        visible = sorted(slug for slug, seers in expected.items() if name in seers)
        listed = api.get("/integrations", count="true", limit=200).json()
        assert sorted(row["slug"] for row in listed["results"]) == visible
        assert listed["count"] == len(visible)
        assert sorted(row["slug"] for row in api.get("/integrations", q="needle", limit=200).json()["results"]) == visible
        for slug in expected:
            statuses = {api.get(f"/integrations/{slug}{tail}").status_code for tail in ("", "/history", "/releases", "/documents")}
            assert statuses == ({200} if slug in visible else {404}), (name, slug)


def test_what_cannot_be_seen_cannot_be_told_from_what_is_not_there(given):
    given.integration("hidden", visibility="restricted")
    ann = given.api("ann")
    for send in (
        lambda slug: ann.get(f"/integrations/{slug}"),
        lambda slug: ann.patch(f"/integrations/{slug}", {"title": "x"}, if_match=1),
    ):
        there, not_there = (send(slug) for slug in ("hidden", "nowhere"))
        assert there.status_code == not_there.status_code == 404
        assert {**there.json(), "request_id": ""} == {**not_there.json(), "request_id": ""}
    given.team("mine", members=["ann"])
    body = {"title": "x", "type": "flow", "team": "mine", "tier": 3, "endpoints": []}
    taken = ann.post("/integrations", {**body, "slug": "HIDDEN"})
    assert (taken.status_code, taken.json()["code"], taken.json()["errors"]) == (409, "slug-taken", [])


def test_a_page_never_stops_early_for_what_is_hidden(given):
    for number in range(30):
        given.integration(f"i-{number:02}", visibility="restricted" if number % 3 else "organisation")
    ann, seen, cursor = given.api("ann"), [], {}
    while True:
        page = ann.get("/integrations", limit=4, **cursor).json()
        seen += [row["slug"] for row in page["results"]]
        if page["next"] is None:
            break
        assert len(page["results"]) == 4
        cursor = {"cursor": page["next"]}
    assert seen == [f"i-{number:02}" for number in range(0, 30, 3)]


def test_judges_see_inside_for_as_long_as_they_judge(given):
    integration = given.integration("hidden", visibility="restricted")
    board, cem = given.team("board", members=["ann"]), given.person("cem")
    opened = {"integration_id": integration.id, "group_ids": [board.group_id], "user_ids": [cem.pk]}
    open_view(**opened)
    open_view(**opened)
    for name in ("ann", "cem"):
        assert integrations.sees_inside(integration.id, given.viewer(name))
        assert given.api(name).get("/integrations/hidden").json()["endpoints"][0]["redacted"] is False
    add_grant(integration="hidden", right="view", user="cem", **given.by("root"))
    close_view(**opened)
    assert given.api("ann").get("/integrations/hidden").status_code == 404
    assert given.api("cem").get("/integrations/hidden").status_code == 200


def test_who_leaves_the_team_no_longer_sees(given):
    team = given.team("payments", members=["ann"])
    given.integration("hidden", team=team, visibility="restricted")
    ann = given.api("ann")
    assert ann.get("/integrations/hidden").status_code == 200
    assert given.api("root").delete("/teams/payments/members/ann").status_code == 204
    assert ann.get("/integrations/hidden").status_code == 404
