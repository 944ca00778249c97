"""Rules of the catalog without a database."""

import copy
import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain import manifests, secrets
from catalog.domain.documents import missing_sections
from catalog.domain.evidence import evidence_faults
from catalog.domain.ownership import DEFAULTS
from catalog.domain.versions import is_semver, sort_key
from tests.given.catalog import MANIFEST

# semver.org, section 11, and the cases in which text and numbers differ.
IN_ORDER = [
    *("0.0.1-0", "0.0.1", "0.0.2", "0.9.0", "0.10.0", "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1"),
    *("1.0.0-alpha.beta", "1.0.0-alpha-", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "2.0.0"),
]


MIXED = [*IN_ORDER[1::2], *IN_ORDER[::2]]


def precedence(version):
    """Section 11 as written, to compare with."""
    core, _, pre = version.split("+")[0].partition("-")
    parts = [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in pre.split(".")] if pre else []
    return [int(part) for part in core.split(".")], not pre, parts


def test_versions_sort_as_semver_orders_them():
    assert sorted(MIXED, key=sort_key) == IN_ORDER
    assert sorted(MIXED, key=precedence) == IN_ORDER


numbers = st.integers(0, 10**6).map(str)
words = st.text("abzAZ-", min_size=1, max_size=4)
versions = st.builds(
    lambda core, pre, build: ".".join(core) + (f"-{'.'.join(pre)}" if pre else "") + build,
    st.lists(numbers, min_size=3, max_size=3),
    st.lists(st.one_of(numbers, words), max_size=4),
    st.sampled_from(["", "+b.1"]),
)


@given(st.lists(versions, min_size=2, max_size=8))
def test_the_sort_key_agrees_with_the_standard(found):
    assert all(is_semver(version) for version in found)
    for one, other in pairwise(found):
        assert (sort_key(one) < sort_key(other)) == (precedence(one) < precedence(other))
        assert (sort_key(one) == sort_key(other)) == (precedence(one) == precedence(other))


@pytest.mark.parametrize("version", ["1.0", "v1.0.0", "01.0.0", "1.0.0-01", "1.0.0-", "1.0.0+", "1.0.0 ", "1.0.0\n", "1.0.0-" + "a" * 60])
def test_what_is_no_semantic_version(version):
    assert not is_semver(version)


FOUND = [
    ({"password": "hunter2"}, "secret-named"),
    ({"dbPassword": "hunter2"}, "secret-named"),
    ({"headers": [{"Authorization": "abc"}]}, "secret-named"),
    ({"x": "-----BEGIN RSA PRIVATE KEY-----\nMII"}, "secret-private-key"),
    ({"x": "mysql://root:hunter2@db/x"}, "secret-url-password"),
    ({"x": "Bearer abcdefghijklmnopqrstuvwx"}, "secret-bearer"),
    ({"x": "ptl_" + "a" * 8 + "_" + "b" * 36}, "secret-portolan-token"),
    ({"x": "return 'xoxb-123456789012-abcdef'"}, "secret-slack-token"),
    ({"x": "kT9vQ2mZ8wLp4RxY7nBc3HdF6sGj1AeU"}, "secret-random"),
]
CLEAN = [
    {"password": "env://ERP_PASSWORD"},
    {"password": ""},
    {"password": "${ERP_PASSWORD}"},
    {"token": "ERP_TOKEN", "tokenType": "env"},
    {"x": "sha256:" + "0123456789abcdef" * 4},
    {"x": "b6ab3d5a4b8f1c2d"},
    {"documentId": {"value": "1omHDl1jpjHyrtga2ZHBddUkbkdatEr1ga9vHc4fQ1pI"}},
    {"x": "https://user@example.org/path?token=1"},
    {"x": "The quick brown fox jumps over the lazy dog 12 times a day"},
    {"passwordless": True, "tokens": 3},
]


@pytest.mark.parametrize(("value", "code"), FOUND)
def test_secrets_are_found_wherever_they_stand(value, code):
    faults = list(secrets.secrets_in({"nodes": [1, value]}, "/manifest"))
    assert [fault.code for fault in faults] == [code]
    assert faults[0].pointer.startswith("/manifest/nodes/1/")
    assert "hunter2" not in str(faults)


@pytest.mark.parametrize("value", CLEAN)
def test_references_ids_and_prose_are_no_secrets(value):
    assert list(secrets.secrets_in(value)) == []


def test_real_flows_are_not_mistaken_for_secrets(real_data):
    """157 published Node-RED flows: only values that stand under a name such as password are refused."""
    files = sorted((real_data / "node-red").rglob("*.json"))
    faults = [fault for file in files for fault in secrets.secrets_in(json.loads(file.read_bytes()))]
    assert len(files) > 100
    assert {fault.code for fault in faults} <= {"secret-named"}
    assert len(faults) <= 5


leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30)
anything = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4), max_leaves=20
)


@given(anything)
def test_any_json_is_judged_without_failing_and_every_pointer_leads_somewhere(value):
    for manifest in (value, {**MANIFEST, "payload": {"x": value}}, {**MANIFEST, "health": value, "connections": value, "pins": value}):
        for fault in manifests.faults_of(copy.deepcopy(manifest), environments=["staging"]):
            assert fault.pointer.startswith("/manifest")


@pytest.mark.parametrize(
    ("address", "refused"),
    [
        ("https://staging.example/x", True),
        ("https://erp-staging.example:8443/", True),
        ("see http://api.staging.local now", True),
        ("https://example.org/staging", False),
        ("https://upstaging.example", False),
        ("http://[::bad", False),
    ],
)
def test_addresses_of_one_environment_do_not_belong_into_a_release(address, refused):
    faults = manifests.faults_of({**MANIFEST, "payload": {"url": address}}, environments=["staging"])
    assert [fault.code for fault in faults] == (["environment-host"] if refused else [])


@pytest.mark.parametrize(
    ("entry", "pointers"),
    [
        ({"kind": "test", "verdict": "passed", "link": "https://ci.example/1"}, []),
        ({"kind": "test", "verdict": "passed", "digest": "sha256:" + "a" * 64, "valid_until": "2027-01-31"}, []),
        ({"kind": "poem", "verdict": "maybe", "link": "javascript:alert(1)"}, ["kind", "verdict", "link"]),
        ({"kind": "test", "verdict": "passed", "link": "https://a:b@ci.example/"}, ["link"]),
        ({"kind": "test", "verdict": "passed"}, [""]),
        ({"kind": "test", "verdict": "passed", "digest": "md5:1", "valid_until": "soon"}, ["digest", "valid_until"]),
    ],
)
def test_evidence_is_a_link_or_a_digest_with_a_verdict(entry, pointers):
    assert [fault.pointer for fault in evidence_faults([entry])] == [f"/evidence/0/{name}".rstrip("/") for name in pointers]


def test_sections_are_asked_for_by_tier():
    assert missing_sections(DEFAULTS[1].sections, ["overview", "runbook"]) == ["data-mapping", "support", "security"]
    assert missing_sections(DEFAULTS[3].sections, ["overview"]) == []
