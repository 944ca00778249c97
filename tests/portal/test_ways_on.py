"""What a newcomer needs besides the facts: the next step, whom to name, where to mend, and the way back."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.services import users
from audit.services.sequence import sequence_once
from catalog.domain.lifecycle import StageKind
from catalog.models import Integration
from catalog.services import integrations
from foundation.clock import db_now
from governance.domain.stage_facts import Finding
from governance.domain.stages import ADMINISTRATORS, GUARDS
from governance.selectors.stages import PossibleMove
from portal.views.catalog.remedies import next_of, remedy_of
from tests.given import Given

Browser = Callable[[str | None], Client]
Queries = Callable[[Client, str], int]
REGISTERED = {"type": "flow", "team": "payments", "tier": "3", "visibility": "organisation"}
NO_ENDPOINTS = {"endpoints-TOTAL_FORMS": "0", "endpoints-INITIAL_FORMS": "0"}
WAITED_FOR = {"owning-team", "consumers-acknowledged", "no-traffic-for-days"}  # nobody puts these right on a page of the integration


def failed(guard: str, who: str = "the owning team") -> Finding:
    return Finding(guard, passed=False, detail="", remedy="", who=who)


def test_every_condition_that_somebody_can_mend_leads_to_a_page_that_is_there(given: Given, browser: Browser) -> None:
    given.team("payments", members=["olga"])
    given.integration("orders-to-erp", by="olga")
    links = {guard: remedy_of(failed(guard), "orders-to-erp")[0] for guard in GUARDS}
    assert {guard for guard, url in links.items() if not url} == WAITED_FOR
    links["classified"] = remedy_of(failed("contract-or-classification-set", ADMINISTRATORS), "orders-to-erp")[0]
    for guard, url in links.items():
        assert not url or browser("olga").get(url).status_code == 200, guard


def test_the_next_step_is_the_first_move_that_leads_on() -> None:
    def move(stage: str, kind: StageKind) -> PossibleMove:
        return PossibleMove(stage, stage.title(), kind, [])

    ends = [move("rejected", StageKind.FINAL), move("suspended", StageKind.HALTED)]
    assert next_of([*ends, move("built", StageKind.BUILDING), move("live", StageKind.LIVE)]) == move("built", StageKind.BUILDING)
    assert next_of(ends) is None


def test_the_overview_tells_its_editors_what_is_missing_and_where_to_mend_it(given: Given, browser: Browser) -> None:
    given.team("payments", members=["olga"])
    given.integration("orders-to-erp", by="olga")
    mine = browser("olga").get("/integrations/orders-to-erp")
    assert mine.context["next_step"]["title"] == "Designed"
    wants = {guard["title"]: guard["url"] for guard in mine.context["next_step"]["missing"]}
    assert wants["Reuse check answered"] == reverse("portal:integration_section", args=["orders-to-erp", "value"])
    assert "Request a change" not in mine.content.decode()  # there is no release to ask for
    assert browser("eve").get("/integrations/orders-to-erp").context["next_step"] is None
    given.releasable()
    assert "Request a change" in browser("olga").get("/integrations/orders-to-erp").content.decode()


def test_a_name_comes_from_the_title_and_a_taken_one_is_told_at_its_field(given: Given, browser: Browser) -> None:
    given.team("payments", members=["olga"])
    olga = browser("olga")
    form = {**REGISTERED, **NO_ENDPOINTS, "title": "Refunds → ERP"}
    assert olga.post("/integrations/new", form)["Location"] == "/integrations/refunds-erp"
    again = olga.post("/integrations/new", form)
    assert again.status_code == 409
    assert again.context["form"].errors == {"slug": ["“refunds-erp” is taken, in this or another spelling. Write another one."]}
    nothing_left = olga.post("/integrations/new", {**form, "title": "返金"})
    assert (nothing_left.status_code, list(nothing_left.context["form"].errors)) == (422, ["slug"])
    assert Integration.objects.count() == 1


@pytest.mark.parametrize("section", ["/edit", "/edit/owners", "/access"])
def test_people_are_offered_where_one_is_to_be_named(given: Given, browser: Browser, section: str) -> None:
    given.team("payments", members=["olga", "zoe"])
    given.person("adam")
    users.deactivate_user(username=given.person("gone").username, actor=given.actor("gone"), now=given.now)
    given.integration("orders-to-erp", by="olga")
    page = browser("olga").get(f"/integrations/orders-to-erp{section}").content.decode()
    assert 'list="people"' in page
    offered = [page.find(f'<option value="{name}">') for name in ("olga", "zoe", "adam")]
    assert min(offered) > 0
    assert offered == sorted(offered)  # those of one's own teams first
    assert '<option value="gone">' not in page


def test_home_shows_what_one_answers_for_and_what_waits_for_ones_word(given: Given, browser: Browser, queries: Queries) -> None:
    given.team("payments", members=["olga"])
    given.integration("orders-to-erp", by="olga")
    assert browser("eve").get("/").context["yours"] is None
    team = browser("olga").get("/").context["yours"]
    assert (str(team["title"]), len(team["rows"])) == ("What your teams answer for", 1)
    given.integration("prices-to-shop", by="olga", technical_owner="olga")
    named = browser("olga").get("/").context["yours"]
    assert [row["url"] for row in named["rows"]] == ["/integrations/prices-to-shop"]
    assert [row["url"] for row in browser("olga").get(named["url"]).context["rows"]] == ["/integrations/prices-to-shop"]
    before = queries(browser("olga"), "/")
    for n in range(4):
        given.integration(f"more-{n}", by="olga", technical_owner="olga")
    assert queries(browser("olga"), "/") == before


def test_home_never_names_what_its_reader_may_not_see(given: Given, browser: Browser) -> None:
    given.team("payments", members=["olga"])
    given.person("sam")
    given.integration("secret-salaries", by="olga", visibility="restricted", technical_owner="sam")
    assert "secret-salaries" in browser("olga").get("/").content.decode()
    shown = browser("sam").get("/integrations/secret-salaries").status_code
    assert ("secret-salaries" in browser("sam").get("/").content.decode()) == (shown == 200)


def test_the_log_calls_things_by_their_names(given: Given, browser: Browser, landscape: Any) -> None:
    sequence_once(now=db_now())
    rows = browser("ada").get("/log?verb=catalog").context["rows"]
    told = {(row["verb"], row["subject"], row["subject_url"]) for row in rows}
    assert ("catalog.release.published", "release, Orders to erp", "/integrations/orders-to-erp") in told
    assert ("catalog.system.registered", "ERP", "/landscape/systems/erp") in told


def test_a_refusal_and_a_dead_end_offer_a_way_on(given: Given, browser: Browser, landscape: Any) -> None:
    refused = browser("eve").get("/stewardship/leaving").content.decode()
    assert "You may not do this" in refused
    assert "An administrator can grant the right" in refused
    nowhere = browser("eve").get("/nowhere").content.decode()
    assert 'role="search"' in nowhere


def test_every_tab_says_where_it_is(given: Given, browser: Browser) -> None:
    given.team("payments", members=["olga"])
    given.integration("orders-to-erp", by="olga")
    for tab in ("endpoints", "releases", "changes", "roadmap", "relations", "history", "was", "access"):
        page = browser("olga").get(f"/integrations/orders-to-erp/{tab}")
        (current,) = [one["label"] for one in page.context["tabs"] if one["is_current"]]
        assert f'<li aria-current="page">{current}</li>' in page.content.decode(), tab


def test_what_an_import_found_of_a_model_is_told_in_words(given: Given, browser: Browser) -> None:
    given.team("payments", members=["olga"])
    given.integration("orders-to-erp", by="olga")
    use = {"provider": "openai", "model": "gpt-4o-mini", "node": "Extract", "data": ["message", "web request"]}
    Integration.objects.update(ai_use=[use])
    (told,) = browser("olga").get("/integrations/orders-to-erp").context["ai_use"]
    assert told == {"model": "gpt-4o-mini · openai", "step": "Extract", "data": "message, web request"}


def test_who_has_left_keeps_the_name_on_the_record(given: Given, browser: Browser, landscape: Any) -> None:
    given.person("zoe", display_name="Zoë Moreau")
    given.team("payments", members=["zoe"])
    integrations.update_integration(slug="orders-to-erp", changes={"purpose": "To pick."}, expected_version=None, **given.by("zoe"))
    users.deactivate_user(username="zoe", actor=given.actor("root"), now=given.now)
    sequence_once(now=db_now())
    told = browser("olga").get("/integrations/orders-to-erp/history").context["entries"]
    assert "Zoë Moreau" in [entry["by"] for entry in told]
    found = browser("ada").get("/log?actor=zoe&verb=catalog.integration.updated").context["rows"]
    assert [str(row["actor"]) for row in found] == ["Zoë Moreau"]


def test_who_cannot_take_over_is_told_at_the_field_that_names_them(given: Given, browser: Browser) -> None:
    given.administrator("root")
    given.team("payments", members=["olga", "zoe"])
    given.integration("orders-to-erp", by="olga", technical_owner="olga")
    given.integration("prices-to-shop", by="olga", technical_owner="olga")
    root = browser("root")
    token = root.get("/stewardship/leaving?username=olga").context["form"].initial["token"]
    form = {"username": "olga", "token": token, "default": "", "to:integration:orders-to-erp": "nobody-here"}
    left = root.post("/stewardship/leaving", form).context["form"].errors
    assert "Name somebody here, or for everything above." in left["to:integration:prices-to-shop"]
    assert "to:integration:orders-to-erp" not in left
    unknown = root.post("/stewardship/leaving", {**form, "default": "zoe"}).context["form"].errors
    assert unknown == {"to:integration:orders-to-erp": ["Name an active person other than the one who leaves."]}


def test_a_filter_that_is_set_is_called_by_its_title(given: Given, browser: Browser) -> None:
    given.person("zoe", display_name="Zoë Moreau")
    given.team("payments", members=["olga"])
    given.integration("orders-to-erp", by="olga")
    page = browser("olga").get("/integrations?system=Shop,no-such&data_object=orders&owner=zoe")
    chips = [(str(chip["label"]), chip["value"]) for chip in page.context["chips"]]
    assert ("System", "SHOP") in chips
    assert ("Data object", "Orders") in chips
    assert ("Owner", "Zoë Moreau") in chips
    assert ("System", "no-such") in chips  # what nothing is called stays as it was asked for
