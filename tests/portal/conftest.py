"""Browsers that are signed in, and how many queries a page takes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.given import Given


@pytest.fixture
def browser(given: Given) -> Callable[[str | None], Client]:
    """A client signed in as the person of this name; nobody for None."""

    def opened(name: str | None) -> Client:
        client = Client()
        if name is not None:
            client.force_login(given.person(name), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return opened


@pytest.fixture
def queries() -> Callable[[Client, str], int]:
    """How many statements a page takes; it must answer 200. Looked at once before, so that nothing is counted that is done once."""

    def counted(client: Client, url: str) -> int:
        client.get(url)
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert client.get(url).status_code == 200
        return len(found)

    return counted


@pytest.fixture
def landscape(given: Given) -> Any:
    """The estate most tests start from: a request in review, everything around it, and somebody who sees nothing inside."""
    change = given.change_in_review(needs=2)
    given.administrator("root")
    given.person("ada", roles_held=["auditor"])
    given.person("ops", roles_held=["operator"])
    given.person("eve")
    return change
