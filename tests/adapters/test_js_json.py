"""JSON as JavaScript writes it: checked against recorded revisions and against Node itself."""

import json
import math
import random
import shutil
import struct
import subprocess

import pytest

from runtime_adapters.adapters.node_red.js_json import dumps, number, rev_of


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"b": 1, "2": 1, "10": 1, "01": 1, "a": 1}, '{"2":1,"10":1,"b":1,"01":1,"a":1}'),
        ({"4294967295": 1, "4294967294": 1}, '{"4294967294":1,"4294967295":1}'),
        ([1.0, -0.0, 1e21, 1e20, 1e-6, 1e-7, 1.5e300, 0.1], "[1,0,1e+21,100000000000000000000,0.000001,1e-7,1.5e+300,0.1]"),
        (123456789012345678901234567890, "1.2345678901234568e+29"),
        ('é\u2028\x7f\x1f"\\/', '"é\u2028\x7f\\u001f\\"\\\\/"'),
        ("\ud800x", '"\\ud800x"'),
        ([None, True, False, {}, []], "[null,true,false,{},[]]"),
    ],
    ids=["array indices first", "largest index", "numbers", "big integer", "text", "lone surrogate", "words"],
)
def test_known_vectors(value, expected):
    assert dumps(value) == expected


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_what_json_cannot_hold_is_null(value):
    assert number(value) == "null"


@pytest.mark.real
def test_ten_thousand_numbers_and_objects_as_node_writes_them():
    if shutil.which("node") is None:
        pytest.skip("Node.js is not installed")
    rng = random.Random(20261123)
    values: list[object] = [struct.unpack("d", rng.randbytes(8))[0] for _ in range(10_000)]
    values = [value for value in values if math.isfinite(value)]
    values += [rng.randint(-(2**70), 2**70) for _ in range(1000)]
    values += [{str(rng.randint(0, 2**33)): n, chr(rng.randint(32, 0xD7FF)): n, f"k{n}": "\U0001f69a"} for n in range(500)]
    text = json.dumps(values)
    script = 'process.stdout.write(JSON.stringify(JSON.parse(require("fs").readFileSync(0,"utf8"))))'
    node = subprocess.run(["node", "-e", script], input=text, capture_output=True, text=True, check=True)
    assert dumps(json.loads(text)) == node.stdout


@pytest.mark.real
def test_the_revision_of_every_recorded_configuration(real_data):
    checked = 0
    for path in sorted((real_data / "captures/node-red").glob("v[45]/*.json")):
        body = _answer(json.loads(path.read_bytes()))
        if isinstance(body, dict) and isinstance(body.get("flows"), list) and "rev" in body:
            assert rev_of(body["flows"]) == body["rev"], path.name
            checked += 1
    assert checked >= 10


@pytest.mark.real
def test_the_revision_told_for_every_recorded_deployment(real_data):
    """What we would compute before sending is what Node-RED then answered, credentials and all."""
    checked = 0
    for path in sorted((real_data / "captures/node-red").glob("v[45]/*.json")):
        record = json.loads(path.read_bytes())
        if not isinstance(record, dict) or record["request"]["path"] != "/flows" or record["response"]["status"] != 200:
            continue
        sent, told = record["request"]["body"], _answer(record)
        if record["request"]["method"] == "POST" and record["request"]["headers"].get("Node-RED-Deployment-Type") != "reload":
            assert rev_of(sent["flows"]) == told["rev"], path.name
            checked += 1
    assert checked >= 20


def _answer(record):
    return record["response"]["body"] if isinstance(record, dict) else None
