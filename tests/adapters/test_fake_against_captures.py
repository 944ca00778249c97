"""The fake Node-RED answers what the recorded one answered, call by call, so that it cannot drift from the truth."""

import json

import pytest

from runtime_adapters.conformance import PlainHttp
from tests.fakes.node_red import FakeNodeRed

pytestmark = pytest.mark.real
# The main recording in the order it was driven; calls to the flows' own endpoints and to /flow/:id are not the fake's business.
SPOKEN = {"/flows", "/flows/state", "/settings", "/nodes", "/diagnostics"}
SHAPE_ONLY = {"/nodes", "/diagnostics"}


@pytest.mark.parametrize("version", ["v4", "v5"])
def test_the_main_recording(real_data, version):
    compared = 0
    with FakeNodeRed(token=None, version=_version(real_data, version)) as fake:
        for record in _records(real_data, version, "[0-9]*.json"):
            request, recorded = record["request"], record["response"]
            if request["path"] not in SPOKEN:
                continue
            answer = _send(fake, request)
            _compare(request, recorded, answer)
            compared += 1
    assert compared >= 35


def test_the_recorded_authentication(real_data):
    compared = 0
    with FakeNodeRed(token="static-deploy-token") as fake:
        for record in _records(real_data, "v4", "auth-*.json"):
            request, recorded = record["request"], record["response"]
            token = request["headers"].get("Authorization", "").removeprefix("Bearer ")
            if request["path"] == "/flows" and request["method"] == "GET" and "REDACTED" not in token:
                assert _send(fake, request).status == recorded["status"]
                compared += 1
    assert compared >= 3


def test_the_recorded_faults(real_data):
    with FakeNodeRed(token=None) as fake:
        for record in _records(real_data, "v4", "fault-*.json"):
            request = record["request"]
            headers = request["headers"]
            if request["path"] != "/flows" or request["method"] != "POST" or headers.get("Node-RED-Deployment-Type") == "reload":
                continue
            unguarded = {"flows": request["body"]["flows"]}  # what lay between two faults is not recorded
            answer = json.loads(_send(fake, {**request, "body": unguarded}).body)
            assert answer == record["response"]["body"], "an unknown node type is accepted with 200 and the usual revision"


def _records(real_data, version, pattern):
    for path in sorted((real_data / "captures/node-red" / version).glob(pattern)):
        yield json.loads(path.read_bytes())


def _version(real_data, version):
    return json.loads((real_data / "captures/node-red" / version / "04-settings.json").read_bytes())["response"]["body"]["version"]


def _send(fake, request):
    body = request["body"]
    content = None if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return PlainHttp().request(
        request["method"], fake.base_url + request["path"], headers=request["headers"], content=content, timeout_s=10, max_bytes=10**7
    )


def _compare(request, recorded, answer):
    what = f"{request['method']} {request['path']}"
    assert answer.status == recorded["status"], what
    content_type = recorded["headers"].get("Content-Type", "")
    assert ("json" in content_type) == ("json" in answer.headers["content-type"]), what
    if "json" not in content_type:
        return
    value = json.loads(answer.body)
    if request["path"] in SHAPE_ONLY:
        assert _keys(value) <= _keys(recorded["body"]), what
    elif request["path"] != "/settings":
        assert value == recorded["body"], what
    else:
        assert value["version"] == recorded["body"]["version"]


def _keys(value):
    first = value[0] if isinstance(value, list) else value
    return set(first)
