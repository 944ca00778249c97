"""Lists cost the same however many rows they have."""

from collections.abc import Callable

from django.test import Client

from tests.given import Given

Browser = Callable[[str | None], Client]
Queries = Callable[[Client, str], int]


def many(given: Given, *names: str) -> None:
    """An open request for each integration."""
    for name in names:
        given.releasable(name)
        given.asked(integration=name)


def test_inbox_home_and_the_list_of_integrations_cost_the_same_with_many_rows(given: Given, browser: Browser, queries: Queries) -> None:
    given.agent()
    given.policy("default", given.quorum(), given.check("documented"))
    many(given, "one", "two")
    pages = ["/", "/reviews", "/reviews?tab=all", "/integrations", "/deployments", "/runtimes", "/runtimes/agent"]
    client = browser("ann")
    before = {url: queries(client, url) for url in pages}
    many(given, "three", "four", "five", "six", "seven", "eight")
    assert {url: queries(client, url) for url in pages} == before


def test_deployments_cost_the_same_with_many_rows(given: Given, browser: Browser, queries: Queries) -> None:
    given.live_change("1.0.0")
    client = browser("olga")
    before = {url: queries(client, url) for url in ("/deployments", "/runtimes/agent", "/")}
    for number in range(1, 5):
        given.live_change(f"1.{number}.0")
    after = {url: queries(client, url) for url in before}
    assert after == before
