"""Lists are filtered by an allow-list, paged by keys, and survive what happens meanwhile."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation import filters
from foundation.cursors import paginate
from foundation.filters import BadQuery, compile_filters
from foundation.models import IdempotencyKey
from foundation.scopes import Scope
from tests.foundation import world

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SPEC = world.Rows.filters


def row(key, status=200, owner=world.ANN):
    return IdempotencyKey(owner=owner, key=key, fingerprint="x", status=status, body=b"", expires_at=NOON)


def pages(sort, limit, between=lambda: None):
    """All pages by their cursors; `between` runs after each."""
    found, cursor = [], ""
    while True:
        text = f"sort={sort}&limit={limit}" + (f"&cursor={cursor}" if cursor else "")
        page = paginate(SPEC.parse(QueryDict(text)), IdempotencyKey.objects.all())
        found.extend(page.rows)
        between()
        if page.next is None:
            return found
        cursor = page.next


MODEL = {
    "key": lambda r: (r.key.encode(), r.pk),
    "status": lambda r: (r.status, r.key.encode(), r.pk),
    "mixed": lambda r: (-r.status, r.key.encode(), r.pk),
}


@pytest.mark.django_db
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    keys=st.sets(st.text("aZé_-ß", min_size=1, max_size=3), max_size=12),
    sort=st.sampled_from(["key", "-key", "status", "-status", "mixed", "-mixed"]),
    limit=st.integers(1, 5),
)
def test_pages_join_to_the_sorted_list(keys, sort, limit):
    IdempotencyKey.objects.all().delete()
    IdempotencyKey.objects.bulk_create(row(key, status=200 + len(key)) for key in sorted(keys))
    expected = sorted(IdempotencyKey.objects.all(), key=MODEL[sort.removeprefix("-")], reverse=sort.startswith("-"))
    assert [each.pk for each in pages(sort, limit)] == [each.pk for each in expected]


@pytest.mark.django_db
def test_rows_inserted_meanwhile_neither_repeat_nor_hide_others():
    IdempotencyKey.objects.bulk_create(row(f"k{n:02}") for n in range(10))
    before = set(IdempotencyKey.objects.values_list("pk", flat=True))
    extra = iter(range(100))

    def meanwhile():
        IdempotencyKey.objects.create(
            **{f: getattr(row(f"a{next(extra):02}"), f) for f in ("owner", "key", "fingerprint", "status", "body", "expires_at")}
        )

    seen = [each.pk for each in pages("key", 3, meanwhile)]
    assert before <= set(seen)
    assert len(seen) == len(set(seen))


@pytest.mark.django_db
def test_disjoint_branches_merge_in_order():
    owners = [uuid.UUID(int=n) for n in (2, 3, 4)]
    IdempotencyKey.objects.bulk_create(row(f"k{n}", owner=[world.ANN, *owners][n % 4]) for n in range(8))
    plan, listed = IdempotencyKey.objects.all(), ("pk", "key", "status")
    mine, theirs = "foundation_idempotencykey.owner = %s", "foundation_idempotencykey.owner = scope.value"
    scopes = [Scope(mine, (world.ANN,)), Scope(theirs, each=("uuid[]", owners[:2]))]
    seen = IdempotencyKey.objects.exclude(owner=owners[2])
    first = paginate(SPEC.parse({"limit": "4", "count": "true", "status": "200"}), plan, scopes=scopes, listed=listed, counted=seen)
    second = paginate(SPEC.parse({"limit": "4", "cursor": first.next, "status": "200"}), plan, scopes=scopes, listed=listed)
    assert [each.key for each in (*first.rows, *second.rows)] == ["k0", "k1", "k2", "k4", "k5", "k6"]
    assert [(each.pk, each.status) for each in first.rows] == [(IdempotencyKey.objects.get(key=each.key).pk, 200) for each in first.rows]
    assert (first.count, second.count, second.next) == (6, None, None)


@pytest.mark.django_db
def test_a_page_costs_one_statement_and_a_count_one_more(django_assert_num_queries):
    IdempotencyKey.objects.bulk_create(row(f"k{n}") for n in range(5))
    with django_assert_num_queries(1):
        paginate(SPEC.parse({"limit": "2"}), IdempotencyKey.objects.all())
    with django_assert_num_queries(2):
        paginate(SPEC.parse({"limit": "2", "count": "true"}), IdempotencyKey.objects.all())


@pytest.mark.django_db
def test_filters_narrow_the_list(api):
    IdempotencyKey.objects.bulk_create([row("a", 200), row("b", 201), row("c", 202, uuid.UUID(int=2))])

    def keys(query):
        return [each["key"] for each in api().get("/api/rows" + query).json()["results"]]

    assert keys("?status=200,202") == ["a", "c"]
    assert keys("?status__gte=201&status__lte=201") == ["b"]
    assert keys(f"?owner={world.ANN}&sort=-key") == ["b", "a"]
    assert keys("?created__gte=2999-01-01T00:00:00Z") == []
    assert api().get("/api/rows?fields=key&limit=1").json()["results"] == [{"key": "a"}]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    [
        "nonsense=1", "status=abc", "status=", "status__in=1", "owner__username=x", "owner=1", "limit=0", "limit=201", "limit=x",
        "sort=secret", "sort=", "cursor=abc", "cursor=%00", "cursor=" + "A" * 4000, "count=1", "fields=body", "fields=",
        "expand=x", "as_of=1", "q=x", "q__x=1", "created__gte=yesterday", "created__gte=2026-01-01T00:00:00",
        "created__gte=9999-12-31T23:59:59-14:00", "status=%00", "status=1%E2%80%AE", "status=" + ",".join("1" * 60),
        "created=2026-01-01T00:00:00Z", "cursor=WzEsImEiXQ", "cursor=W1tbW10", "cursor=e30", "%00=1",
    ],
)  # fmt: skip
def test_unknown_and_bad_parameters_are_refused_by_name(api, query):
    response = api().get("/api/rows?" + query)
    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"].startswith("?")


@pytest.mark.django_db
def test_a_cursor_belongs_to_its_filters_and_sort():
    IdempotencyKey.objects.bulk_create(row(f"k{n}") for n in range(3))
    cursor = paginate(SPEC.parse({"limit": "1"}), IdempotencyKey.objects.all()).next
    for other in ({"sort": "-key"}, {"status": "200"}):
        with pytest.raises(BadQuery) as caught:
            paginate(SPEC.parse({"cursor": cursor, **other}), IdempotencyKey.objects.all())
        assert caught.value.errors[0].code == "cursor-of-other-query"


def test_specifications_are_checked_when_compiled():
    with pytest.raises(ImproperlyConfigured):
        compile_filters({"limit": filters.text("x")}, sorts={"a": ("a",)}, default_sort="a")
    with pytest.raises(ImproperlyConfigured):
        compile_filters({}, sorts={"a": ("a",)}, default_sort="b")


def test_a_time_with_offset_is_read_as_utc():
    parsed = SPEC.parse({"created__gte": "2026-01-01T13:00:00.5+01:00"})
    assert parsed.where == {"created_at__gte": NOON + timedelta(seconds=0.5)}


@pytest.mark.django_db
def test_search_asks_the_stored_vector_with_folded_words():
    spec = compile_filters({}, sorts={"key": ("key",)}, default_sort="key", search="key")
    sql = str(spec.parse({"q": "Łódź order"}).apply(IdempotencyKey.objects.all()).query)
    assert "@@" in sql
    assert "'lodz' & 'order':*" in sql


FOUND = compile_filters(
    {"status": filters.integer("status"), "kind": filters.text("key"), "odd": filters.flag(lambda odd: Q(status=1 if odd else 0))},
    sorts={"key": ("key",), "relevance": ("-status", "key")},
    default_sort="key",
    search="key",
    in_search=("status",),
)


@pytest.mark.parametrize(
    ("given", "sort", "search", "filters_given"),
    [
        ({}, "key", None, {}),
        ({"q": "a b"}, "relevance", "'a' & 'b'", {"q": "a b"}),
        ({"q": "status:3 word"}, "relevance", "'word':*", {"q": "word", "status": "3"}),
        ({"q": "Status:3"}, "key", None, {"status": "3"}),
        ({"q": "kind:3"}, "relevance", "('kind' <-> '3')", {"q": "kind:3"}),
        ({"q": "word", "sort": "-key"}, "-key", "'word':*", {"q": "word"}),
    ],
    ids=["nothing", "words", "a filter among words", "only a filter", "not a filter in the search", "another sort"],
)
def test_what_is_typed_becomes_search_filters_and_sort(given, sort, search, filters_given):
    parsed = FOUND.parse(given)
    turned = tuple(
        column.removeprefix("-") if column.startswith("-") else "-" + column for column in (*FOUND.sorts[sort.lstrip("-")], "pk")
    )
    assert parsed.order == (turned if sort.startswith("-") else (*FOUND.sorts[sort], "pk"))
    assert (parsed.search.query() if parsed.search else None) == search
    assert parsed.given == filters_given


@pytest.mark.parametrize("given", [{"sort": "relevance"}, {"q": "-only -not"}, {"q": "!?"}, {"q": "status:x"}, {"odd": "maybe"}])
def test_a_search_that_seeks_nothing_is_refused(given):
    with pytest.raises(BadQuery):
        FOUND.parse(given)


def test_a_condition_of_ones_own_is_applied():
    assert "status" in str(FOUND.parse({"odd": "true"}).apply(IdempotencyKey.objects.all()).query.where)


def test_openapi_names_every_parameter():
    assert {each["name"] for each in SPEC.openapi()} >= {
        "owner",
        "status",
        "status__gte",
        "created__lt",
        "sort",
        "limit",
        "cursor",
        "fields",
    }
