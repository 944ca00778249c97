"""Who gets where: every route with every method, asked by nobody, a stranger, somebody let in to look, an owner, an administrator
and a token without the scope. Routes are read from the URL configuration; one that no rule names fails here.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.hostile import areas
from tests.hostile.estate import SECRET
from tests.hostile.operations import Operation, example, filled, operations, put

pytestmark = pytest.mark.django_db
OK = "gets through"
#         nobody, eve (other team), vera (let in to look), olga (owner), root (administrator)
RULES: dict[str, tuple[Any, ...]] = {
    "everybody": (401, OK, OK, OK, OK),
    "readers of the log": (401, 403, 403, 403, OK),
    "administrators": (401, 403, 403, 403, OK),
    "runtimes": (401, 403, 403, 403, 403),
    "who sees it": (401, 404, OK, OK, OK),
    "who owns it": (401, 404, 403, OK, OK),
    "administrators who see it": (401, 404, 403, 403, OK),
    "the holder": (401, 404, 404, OK, 404),
    "members of the team": (401, 404, 403, OK, 403),
    "the owning team": (401, 403, 403, OK, OK),
    "judges": (401, 404, 403, 403, 403),
    "its team": (401, 404, 404, OK, OK),
    "who made it": (401, 404, 404, OK, OK),
}
ASKING = (None, "eve", "vera", "olga", "root")
WHO: dict[str, str] = {
    **dict.fromkeys(
        [
            "me_retrieve",
            "users_list",
            "users_retrieve",
            "users_roles_list",
            "teams_list",
            "teams_retrieve",
            "tokens_list",
            "tokens_create",
            "environments_list",
            "environments_retrieve",
            "systems_list",
            "systems_retrieve",
            "data_objects_list",
            "data_objects_retrieve",
            "integrations_list",
            "boards_list",
            "boards_read",
            "policies_list",
            "policies_read",
            "change_requests_list",
            "deployments_list",
            "runtimes_list",
            "runtimes_retrieve",
            "runtime_key",
        ],
        "everybody",
    ),
    **dict.fromkeys(["audit_events_list", "audit_events_retrieve", "audit_events_proof", "audit_log_retrieve"], "readers of the log"),
    **dict.fromkeys(
        [
            "users_create",
            "users_partial_update",
            "users_roles_create",
            "users_roles_destroy",
            "teams_create",
            "teams_partial_update",
            "teams_members_update",
            "teams_members_destroy",
            "environments_create",
            "environments_partial_update",
            "systems_create",
            "systems_partial_update",
            "data_objects_create",
            "data_objects_partial_update",
            "boards_register",
            "boards_member_add",
            "boards_member_remove",
            "policies_register",
            "policies_update",
            "runtimes_register",
            "runtimes_update",
            "runtimes_probe",
            "runtimes_issue_token",
        ],
        "administrators",
    ),
    **dict.fromkeys(["runtime_desired", "runtime_observations", "runtime_health_reports"], "runtimes"),
    **dict.fromkeys(
        [
            "integrations_retrieve",
            "integrations_history_list",
            "integrations_health",
            "integrations_documents_list",
            "integrations_documents_retrieve",
            "integrations_releases_list",
            "integrations_releases_retrieve",
            "change_requests_read",
            "change_requests_diff",
            "change_requests_timeline",
            "deployments_retrieve",
            "slots_retrieve",
        ],
        "who sees it",
    ),
    **dict.fromkeys(
        [
            "integrations_partial_update",
            "integrations_grants_list",
            "integrations_grants_update",
            "integrations_grants_destroy",
            "integrations_documents_create",
            "integrations_documents_update",
            "integrations_releases_create",
            "change_requests_submit",
            "change_requests_edit",
            "change_requests_withdraw",
            "evaluate",
            "slots_rollback",
        ],
        "who owns it",
    ),
    "change_requests_dispatch": "who owns it",
    "integrations_create": "the owning team",
    "change_requests_evidence": "administrators who see it",
    "slots_check": "administrators who see it",
    "tokens_destroy": "the holder",
    "change_requests_vote": "judges",
    **areas.merged("WHO"),
}
# What a command needs besides what its description demands, to get as far as the question of rights.
BODIES: dict[str, dict[str, Any]] = {
    "integrations_create": {"slug": "another", "team": "payments"},
    "change_requests_submit": {"integration": SECRET, "release": "1.1.0", "targets": [{"environment": "production", "runtime": "agent"}]},
    "evaluate": {"integration": SECRET, "manifest": {}, "targets": [{"environment": "production", "runtime": "agent"}]},
    "integrations_releases_create": {"version": "3.0.0", "manifest": {"runtime_kind": "reference-agent", "payload": {}}},
    "policies_register": {"requirements": [{"kind": "quorum", "name": "board", "needs": 1, "boards": ["change-board"]}]},
    **areas.merged("BODIES"),
}
MISSING = {
    "integration": "no-such-one",
    "number": "9",
    "slot": "01890a5d-ac96-774b-bcce-b302099a8057",
    "deployment_id": "01890a5d-ac96-774b-bcce-b302099a8057",
    **areas.merged("MISSING"),
}
SCOPELESS = {"me_retrieve", "tokens_list", "runtime_key", "audit_events_proof", *areas.joined("SCOPELESS")}
HIDDEN = [each for each in operations() if RULES[WHO.get(each.id, "everybody")][1] == 404 and each.id != "tokens_destroy"]


def body_of(operation: Operation, estate: Any, **more: Any) -> bytes:
    if operation.body is None:
        return b""
    value = {**example(operation.body), **BODIES.get(operation.id, {}), **more}
    if operation.id == "change_requests_vote":
        value = put(value, ("subject_digest",), estate.places["digest"], operation.body)
    return json.dumps(value).encode()


def routes(patterns: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """(route, view) of everything that is mounted."""
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, before + str(each.pattern))
        elif isinstance(each, URLPattern):
            yield before + str(each.pattern), each.callback


def test_every_route_of_the_api_has_a_rule():
    """A new operation is in the table above, and nothing is mounted under /api/v1 that the description does not tell of."""
    assert {each.id for each in operations()} == set(WHO)
    mounted = [(route, view) for route, view in routes(get_resolver().url_patterns) if route.startswith("api/v1/")]
    described = {each.path.lstrip("/") for each in operations()}
    for route, _view in mounted:
        plain = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)
        assert plain in described or route in {"api/v1/schema", "api/v1/docs"}, route


@pytest.mark.parametrize("operation", operations(), ids=lambda each: each.id)
def test_everybody_gets_exactly_as_far_as_the_rule_says(attempt: Any, estate: Any, operation: Operation):
    """401 for nobody, 404 for what must not be known, 403 for what may be known and not done."""
    path, data = filled(operation.path, estate.places), body_of(operation, estate)
    for who, expected in zip(ASKING, RULES[WHO[operation.id]], strict=True):
        response = attempt(who, operation.method, path, data, headers={"If-Match": '"1"'})
        got = OK if response.status_code not in {401, 403, 404} else response.status_code
        assert got == expected, (who, response.status_code, response.content[:300])
        assert response.status_code < 500, (who, response.content[:300])


@pytest.mark.parametrize("operation", operations(), ids=lambda each: each.id)
def test_a_token_without_the_scope_is_refused(attempt: Any, estate: Any, operation: Operation):
    """Even an administrator's: what the token was not given for is 403, before anything is read."""
    who = "reads only" if operation.id == "change_requests_vote" else "votes only"
    response = attempt(
        who, operation.method, filled(operation.path, estate.places), body_of(operation, estate), headers={"If-Match": '"1"'}
    )
    if operation.id in SCOPELESS:
        assert response.status_code not in {401, 403}, response.content[:300]
        return
    assert response.status_code == 403, response.content[:300]
    assert response.json()["code"] == "scope-missing"


@pytest.mark.parametrize("operation", HIDDEN, ids=lambda each: each.id)
def test_what_may_not_be_known_answers_like_what_does_not_exist(attempt: Any, estate: Any, operation: Operation):
    """To somebody of another team a restricted integration and all that hangs on it is byte for byte a missing one."""
    told = []
    hidden = str(estate.places["number"])
    missing = {**MISSING, "number": ("8" if set(hidden) == {"9"} else "9") * len(hidden)}  # as long, so that lengths can be compared too
    for places, integration in (({}, SECRET), (missing, MISSING["integration"])):
        more = {"integration": integration} if operation.id in {"change_requests_submit", "evaluate"} else {}
        headers = {"If-Match": '"1"', "X-Request-ID": "the-same-for-both"}
        path = filled(operation.path, {**estate.places, **places})
        response = attempt("eve", operation.method, path, body_of(operation, estate, **more), headers=headers)
        assert response.status_code == 404
        kept = {name: value for name, value in response.items() if name not in {"Audit-Event", "Date"}}
        named = f"There is no change request {places.get('number', estate.places['number'])}."  # what was asked for may be repeated
        told.append((response.content.replace(named.encode(), b""), kept))
    assert told[0] == told[1]


@pytest.mark.parametrize("operation", [each for each in operations() if each.is_list], ids=lambda each: each.id)
def test_lists_searches_and_counts_tell_nothing_of_it(attempt: Any, estate: Any, operation: Operation):
    """No list, filter or count of a stranger's shows the restricted integration's name."""
    if SECRET in (path := filled(operation.path, estate.places)):
        return
    queries = ["", "?count=true", f"?q={SECRET}", f"?integration={SECRET}", "?system=erp&count=true", "?environment=production&count=true"]
    for query in queries:
        response = attempt("eve", "GET", path + query)
        if response.status_code == 200:
            assert SECRET.encode() not in response.content, query
            assert query != "?system=erp&count=true" or response.json().get("count", 0) <= 1, response.content[:300]


@pytest.mark.parametrize("path", ["checkpoint", "key", "tile/0/000", "tile/0/000.p/5", "tile/entries/000.p/5"])
def test_the_tiles_are_for_readers_of_the_log(attempt: Any, estate: Any, path: str):
    """Nobody 401, others 403, administrators and auditors read."""
    for who, status in ((None, 401), ("eve", 403), ("olga", 403), ("votes only", 403)):
        assert attempt(who, "GET", f"/audit/log/{path}").status_code == status, who
    assert attempt("root", "GET", f"/audit/log/{path}").status_code in {200, 404}
