"""Queries kept under a name: whose they are, who sees them, and that they show everybody only what they may see."""

import pytest

pytestmark = pytest.mark.django_db
QUERY = {"title": "Live orders", "query": "?stage=live&q=orders&cursor=abc&limit=5"}


def saved(given, who="ann", **more):
    answer = given.api(who).post("/saved-views", {**QUERY, **more})
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_view_is_saved_without_what_belongs_to_one_page_and_is_on_the_record(given):
    view = saved(given)
    assert (view["query"], view["owner"], view["is_shared"], view["version"]) == ("q=orders&stage=live", "ann", False, 1)
    assert given.api("ann").get("/saved-views").json()["results"] == [view]
    from catalog.models import SavedView

    assert given.events(SavedView.objects.get()) == ["catalog.view.saved"]


@pytest.mark.parametrize("query", ["nonsense=1", "tier=x", "q=%00", "sort=secret", "x" * 3000])
def test_a_query_that_the_list_would_refuse_is_refused(given, query):
    answer = given.api("ann").post("/saved-views", {"title": "x", "query": query})
    assert answer.status_code in {400, 422}


def test_what_is_private_is_not_there_for_others_and_what_is_shared_is_not_theirs_to_change(given):
    private, shared = saved(given), saved(given, title="Shared", is_shared=True)
    bob = given.api("bob")
    assert [row["id"] for row in bob.get("/saved-views").json()["results"]] == [shared["id"]]
    for send, status in ((bob.get, 404), (bob.delete, 404)):
        assert send(f"/saved-views/{private['id']}").status_code == status
    assert bob.get(f"/saved-views/{shared['id']}").status_code == 200
    assert bob.patch(f"/saved-views/{shared['id']}", {"title": "Mine"}, if_match=1).status_code == 403
    assert bob.delete(f"/saved-views/{shared['id']}").status_code == 403
    given.administrator()
    assert given.api("root").delete(f"/saved-views/{shared['id']}").status_code == 204
    assert given.api("root").delete(f"/saved-views/{private['id']}").status_code == 404


def test_changing_needs_the_version_and_a_title_of_ones_own(given):
    view, _other = saved(given), saved(given, title="Other")
    ann, path = given.api("ann"), f"/saved-views/{view['id']}"
    assert ann.patch(path, {"title": "New"}).status_code == 428
    assert ann.patch(path, {"title": "New", "is_shared": True}, if_match=1).json()["version"] == 2
    assert ann.patch(path, {"title": "Newer"}, if_match=1).status_code == 412
    assert ann.patch(path, {"title": "OTHER"}, if_match=2).json()["code"] == "view-title-taken"
    assert ann.patch(path, {"title": "new"}, if_match=2).json()["title"] == "new"
    saved(given, "bob", title="Other")
    assert ann.delete(path).status_code == 204
    assert ann.get(path).status_code == 404


def test_a_shared_view_shows_each_what_they_may_see(given):
    given.integration("hidden-orders", visibility="restricted")
    given.integration("open-orders")
    view = saved(given, query="q=orders", is_shared=True)
    given.administrator()
    seen = {
        name: [row["slug"] for row in given.api(name).get(f"/integrations?{view['query']}").json()["results"]] for name in ("bob", "root")
    }
    assert seen == {"bob": ["open-orders"], "root": ["hidden-orders", "open-orders"]}
