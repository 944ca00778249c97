import json

import pytest
from django.test import Client

from runtime_adapters import registry
from tests.runtime_adapters import fake


@pytest.fixture(autouse=True)
def _fake_adapters(settings):
    """The test's own adapter kinds, and empty runtimes behind them."""
    settings.PORTOLAN_BUILTIN_ADAPTERS = {**settings.PORTOLAN_BUILTIN_ADAPTERS, **fake.KINDS}
    registry.reset()
    fake.WORLDS.clear()
    yield
    registry.reset()


@pytest.fixture
def world():
    return fake.world()


@pytest.fixture
def stage(given):
    """An integration with release 1.0.0 and 1.1.0 and a slot on a fake runtime in an environment without a gate."""
    return Stage(given)


class Stage:
    def __init__(self, given, kind="fake", **environment):
        self.given = given
        given.environment("test", **environment)
        self.runtime = given.runtime("one", kind=kind)
        self.integration = given.integration("orders-to-erp")
        self.first = given.release(self.integration, "1.0.0", manifest=manifest(kind, step=1))
        self.second = given.release(self.integration, "1.1.0", manifest=manifest(kind, step=2))
        self.slot = given.slot(self.integration, self.runtime)


def manifest(kind, *, step, **more):
    return {"runtime_kind": kind, "payload": {"flow": {"step": step, "name": "Aufträge → ERP"}}, **more}


class Agent:
    """A runtime's agent on the wire: its token, and JSON over Django's test client."""

    def __init__(self, secret):
        self.client = Client()
        self.headers = {"Authorization": f"Bearer {secret}"}

    def get(self, path, **headers):
        return self.client.get(f"/api/v1{path}", headers={**self.headers, **headers})

    def post(self, path, body):
        return self.client.post(f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=self.headers)


@pytest.fixture
def agent(stage):
    return Agent(stage.given.runtime_token(stage.runtime))
