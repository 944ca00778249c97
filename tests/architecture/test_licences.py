"""What we ship with may be used by anybody: permissive, or weak copyleft used unmodified; never GPL or AGPL."""

import re
from importlib.metadata import PackageNotFoundError, metadata

import pytest

from tests.architecture.places import ROOT

PERMISSIVE = {
    "MIT",
    "MIT-0",
    "BSD",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSD 3-Clause",
    "BSD License",
    "MIT License",
    "Apache-2.0",
    "Apache Software License",
    "ISC",
    "PSF-2.0",
    "Python Software Foundation License",
    "Zlib",
}
# Used unmodified and replaceable by their own builds; named one by one (decision 26).
WEAK_COPYLEFT = {
    "psycopg": "LGPL-3.0-only",
    "psycopg-binary": "LGPL-3.0-only",
    "psycopg-pool": "LGPL-3.0-only",
    "orjson": "MPL-2.0",
    "certifi": "MPL-2.0",
    "fido2": "Mozilla Public License 2.0 (MPL 2.0)",  # only for the public suffix list it carries
}
# Metadata that says less than the licence file: qrcode is BSD with parts under MIT, which its classifiers call "other".
READ_BY_HAND = {"qrcode": {"BSD License", "Other/Proprietary License"}}


def names():
    text = (ROOT / "requirements" / "runtime.txt").read_text(encoding="utf-8")
    return re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==", text, re.MULTILINE)


def stated(name):
    """What the distribution says: its licence expression split into terms, else its classifiers."""
    found = metadata(name)
    expression = found.get("License-Expression") or ""
    if not expression and re.fullmatch(r"[\w. -]+ OR [\w. -]+", found.get("License") or ""):
        expression = found["License"]
    if expression:
        return {term.strip("() ") for term in re.split(r"\s+(?:OR|AND)\s+", expression)}
    classifiers = {c.rpartition(" :: ")[2] for c in found.get_all("Classifier") or [] if c.startswith("License ::")}
    return classifiers - {"OSI Approved"} or {(found.get("License") or "").strip()[:40]}


@pytest.mark.parametrize("name", names())
def test_licence(name):
    try:
        terms = stated(name)
    except PackageNotFoundError:
        pytest.skip(f"{name} is not installed on this platform")
    allowed = PERMISSIVE | {WEAK_COPYLEFT.get(name.lower(), "")} | READ_BY_HAND.get(name.lower(), set())
    assert terms, name
    assert terms <= allowed, f"{name}: {sorted(terms - allowed)}"


def test_none_is_gpl():
    for name in names():
        try:
            terms = stated(name)
        except PackageNotFoundError:
            continue
        assert not [t for t in terms if re.search(r"\bA?GPL|GNU (Affero )?General", t) and not t.startswith("LGPL")], name
