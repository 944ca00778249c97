"""One running service for all journeys: starting it is part of what is tested."""

import shutil

import pytest

from tests.journeys.service import RunningService


@pytest.fixture(scope="session")
def service():
    """The demo estate, running, with an agent that really works."""
    running = RunningService(environment={"PORTOLAN_EGRESS_ALLOW": "127.0.0.1:*", "NODE_RED_TOKEN": "static-deploy-token"})
    with running:
        yield running
    shutil.rmtree(running.folder, ignore_errors=True)
