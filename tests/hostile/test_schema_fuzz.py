"""Whatever a client sends by the API's description, or against it: the answer is one the description tells of, never a 5xx."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from django.conf import settings as django_settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_schema_conformance,
    status_code_conformance,
)

from tests.hostile.estate import Estate
from tests.hostile.operations import document, filled, operations, variables

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent.parent
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance, ignored_auth]
BY_SCHEMA, AGAINST_IT = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
HEAD = Path(django_settings.PORTOLAN_KEYS_DIR) / "log_signed_head.json"
SCHEMA = schemathesis.openapi.from_dict(document())
LABELS = [(operation.method, operation.path) for operation in operations()]


def test_the_description_is_valid_openapi():
    """Any tool can read the description."""
    OpenAPIV31SpecValidator(document()).validate()


def test_the_committed_description_is_that_of_the_code():
    """openapi.yaml is what the service serves."""
    committed = yaml.safe_load((ROOT / "openapi.yaml").read_text())
    made = json.loads(json.dumps(document(), default=str))
    assert committed["paths"] == made["paths"]
    assert committed["components"] == made["components"]


@pytest.fixture(scope="module")
def application() -> Iterator[WSGIHandler]:
    """The whole service as a server would call it, on the test's connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    SCHEMA.app = WSGIHandler()  # where the checks send their own probes
    yield SCHEMA.app
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize(("method", "path"), LABELS, ids=lambda value: value)
@pytest.mark.parametrize("who", ["root", "olga"])
def test_every_answer_is_one_the_description_tells_of(estate: Estate, application: WSGIHandler, who: str, method: str, path: str):
    """Status, content type and shape of every answer, for values by the schema and values against it."""
    agent = path.startswith("/api/v1/runtime/")
    secret = estate.secrets["agent" if agent and who == "olga" else who]
    operation = SCHEMA[path][method]
    real = {name: filled("/{" + name + "}", {**estate.places, name: _named(kind, estate)}).strip("/") for name, kind in variables(path)}

    def sent(case: Any) -> None:
        with transaction.atomic():
            try:
                case.call_and_validate(app=application, headers={"Authorization": f"Bearer {secret}"}, checks=CHECKS)
            finally:
                transaction.set_rollback(True)
                HEAD.unlink(missing_ok=True)  # a head that was signed over undone leaves binds nobody

    runs = [(BY_SCHEMA, real or None, 2), (AGAINST_IT, (real or None) if who == "root" else None, 2)]
    for mode, places, count in runs:
        _bounded(count)(given(operation.as_strategy(generation_mode=mode, path_parameters=places))(sent))()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _named(kind: str, estate: Estate) -> str:
    return {**estate.places, "holder_type": "users"}[kind]


def _bounded(count: int) -> Any:
    return settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
