"""What an integration was, on a page: by index and by a person's own time."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.test import Client

from audit.models import Leaf
from audit.selectors.log import log_size
from audit.services.sequence import sequence_all
from catalog.services.integrations import update_integration
from tests.given import Given

Browser = Callable[[str | None], Client]


def test_the_page_shows_then_and_marks_what_is_other_today(given: Given, browser: Browser) -> None:
    given.integration("one")
    sequence_all(given.now)
    index = log_size() - 1
    update_integration(slug="one", changes={"title": "Renewed", "endpoints": []}, expected_version=1, **given.by("root"))
    sequence_all(given.now)
    ann = browser("ann")
    then, now = (ann.get("/integrations/one/was", {"at": at}).content.decode() for at in (str(index), ""))
    assert f"At index {index} of the log" in then
    assert "other today" in then
    assert "ERP" in then
    assert "other today" not in now
    assert "No systems were named." in now
    assert "It was not registered then" in ann.get("/integrations/one/was?at=0").content.decode()


def test_a_time_is_the_persons_own_and_a_wrong_one_is_told(given: Given, browser: Browser) -> None:
    given.person("ann", time_zone="Europe/Berlin")
    given.integration("one")
    sequence_all(given.now)
    last = Leaf.objects.latest("index")
    local = last.sequenced_at.astimezone(ZoneInfo("Europe/Berlin"))
    ann = browser("ann")
    assert f"At index {last.index} of the log" in ann.get("/integrations/one/was", {"at": f"{local:%Y-%m-%d %H:%M:%S.%f}"}).content.decode()
    wrong = ann.get("/integrations/one/was", {"at": "last Friday"})
    assert (wrong.status_code, "as_of" in wrong.content.decode()) == (400, True)
    given.integration("secret-flow", visibility="restricted")
    assert ann.get("/integrations/secret-flow/was?at=0").status_code == 404
