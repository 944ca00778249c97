"""One running service for all journeys: starting it is part of what is tested."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.journeys.person import Person
from tests.journeys.service import RunningService


@pytest.fixture(scope="session")
def service():
    """The demo estate, running, with an agent that really works."""
    running = RunningService(environment={"PORTOLAN_EGRESS_ALLOW": "127.0.0.1:*", "NODE_RED_TOKEN": "static-deploy-token"})
    with running:
        yield running
    shutil.rmtree(running.folder, ignore_errors=True)


@pytest.fixture
def person(browser: Any, service: RunningService) -> Iterator[Any]:
    made: list[Person] = []

    def sign_in(part: str, **options: Any) -> Person:
        made.append(Person(browser, service, part, **options))
        return made[-1]

    yield sign_in
    for one in made:
        one.context.close()
