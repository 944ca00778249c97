"""The little world's settings and a client that sends JSON."""

import json

import pytest
from django.test import Client

from tests.foundation import world


class API(Client):
    """A signed-in client: `scopes` as the world's header wants them."""

    def __init__(self, scopes="all"):
        super().__init__(headers={"X-Scopes": scopes} if scopes else {}, raise_request_exception=False)

    def send(self, body, path="/api/rows", method="POST", **headers):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.generic(
            method, path, data, content_type="application/json", headers={k.replace("_", "-"): v for k, v in headers.items()}
        )


@pytest.fixture
def api(settings):
    settings.ROOT_URLCONF = "tests.foundation.world"
    settings.MIDDLEWARE = ["foundation.middleware.RequestContextMiddleware", "foundation.middleware.ContentSecurityPolicyMiddleware"]
    settings.PORTOLAN_COMMAND_CONTEXT = "tests.foundation.world.command_context"
    settings.PORTOLAN_FIRST_EVENT_ID = "tests.foundation.world.first_event_id"
    settings.PORTOLAN_REFUSAL_RECORDER = "tests.foundation.world.record_refusal"
    settings.CELERY_BROKER_URL = ""
    world.REFUSALS.clear()
    return API
