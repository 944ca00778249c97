"""The stand-alone verifier: what holds is accepted, and whatever was touched is found."""

import base64
import json
import shutil
import subprocess
import sys
import zipfile
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest
import rfc8785
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from audit import verify
from audit.domain import dsse
from audit.domain.archive import packed_zip
from audit.models import Event
from audit.services import disclose, evidence, keys
from audit.services.erase import erase_texts
from audit.services.record import record
from audit.services.timeline import timeline_of
from audit.tasks import run_sequencer
from foundation.canonical import digest_of, jcs
from foundation.clock import db_now
from tests.audit.conftest import ANN, BOB, EVE, person


def deepen(inner):
    return st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)


CHANGE = UUID("0195a000-0000-7000-8000-0000000000c1")
MANIFEST = {"flow": "orders", "rate": 1.5e-7, "ключ": [1, 2.0, True, None, "\u20ac"]}
RELEASE = digest_of(MANIFEST)
PAYLOAD = "sha256:" + "11" * 32


def change_event(verb, actor=ANN, texts=None, **facts):
    subject = ("governance.change", CHANGE)
    return record(f"governance.{verb}", subject=subject, actor=person(actor), at=db_now(), facts=facts, texts=texts)


def approve(who, **more):
    vote = {"change": CHANGE, "subject_digest": PAYLOAD, "value": "approve", "person": who, "seats": ["board:integration"]}
    change_event("vote.cast", actor=who, **(vote | more))


def submit(needs=2):
    facts = {"subject_digest": PAYLOAD, "release_digest": RELEASE, "requester": EVE, "contributors": [EVE]}
    change_event("change.submitted", actor=EVE, quorums=[f"board:integration:{needs}"], texts={"title": "Örders go live"}, **facts)


def dispatch():
    change_event("change.dispatched", subject_digest=PAYLOAD)


def pack(**extra):
    files = {f"manifests/{RELEASE.removeprefix('sha256:')}.json": json.dumps(MANIFEST).encode()}
    return evidence.build_pack(now=db_now(), subjects=[("governance.change", CHANGE)], extra_files=files | extra)


def verdict(data: bytes, **options):
    arguments = {"pinned": None, "retained": None, "strict_time": False} | options
    try:
        return verify.verify_pack(data, **arguments)
    except verify.Refused as refused:
        return verify.Result(findings=[refused])


@pytest.fixture
def approved(db):
    submit()
    approve(ANN)
    approve(BOB)
    dispatch()
    return pack()


def test_a_good_pack_holds(approved, tmp_path):
    """As its reader runs it: another process, no Django, a pinned key."""
    path = tmp_path / "pack.zip"
    path.write_bytes(approved)
    command = [sys.executable, "-I", verify.__file__, str(path), "--key", keys.log_vkey(), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    found = json.loads(done.stdout)
    assert (done.returncode, found["verdict"], found["checked"]["approved_changes"]) == (0, "ok", 1), done.stdout
    assert zipfile.ZipFile(path).testzip() is None
    assert "Örders" in zipfile.ZipFile(path).read("events.jsonl").decode()


def test_every_byte_of_a_pack_counts(approved):
    """One flipped bit at each position of the file, a different bit each time."""
    assert verdict(approved).verdict == verify.OK
    missed = []
    for at in range(len(approved)):
        broken = bytearray(approved)
        broken[at] ^= 1 << (at % 8)
        if tolerant(bytes(broken)) == verify.OK:
            missed.append(at)
    assert missed == []


def tolerant(data):
    """What the command line would return, without starting it anew."""
    try:
        return verdict(data).verdict
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError):
        return verify.TAMPERED


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        ([(ANN, {}), (BOB, {})], verify.OK),
        ([(ANN, {})], verify.TAMPERED),
        ([(ANN, {}), (ANN, {})], verify.TAMPERED),
        ([(ANN, {}), (EVE, {})], verify.TAMPERED),
        ([(ANN, {}), (BOB, {"subject_digest": "sha256:" + "22" * 32})], verify.TAMPERED),
        ([(ANN, {}), (BOB, {}), (BOB, {"value": "reject"})], verify.TAMPERED),
        ([(ANN, {}), (BOB, {"seats": ["board:other"]})], verify.TAMPERED),
    ],
    ids=["two persons", "one", "one twice", "the requester", "another digest", "changed mind", "another seat"],
)
def test_approvals_are_counted_again(db, votes, expected):
    submit()
    for who, more in votes:
        approve(who, **more)
    dispatch()
    assert verdict(pack()).verdict == expected


def test_a_dispatch_that_needed_nobody_is_told(db):
    facts = {"subject_digest": PAYLOAD, "requester": EVE, "contributors": [], "quorums": [], "origin": "automatic-rollback"}
    change_event("change.submitted", actor=EVE, **facts)
    dispatch()
    found = verdict(evidence.build_pack(now=db_now(), subjects=[("governance.change", CHANGE)]))
    assert found.verdict == verify.OK
    assert any("nobody's approval (origin: automatic-rollback)" in remark for remark in found.remarks)


def test_a_dispatch_without_its_submission_is_incomplete(db):
    approve(ANN)
    dispatch()
    found = evidence.build_pack(now=db_now(), subjects=[("governance.change", CHANGE)])
    assert verdict(found).verdict == verify.INCOMPLETE


def test_another_manifest_is_found(approved):
    other = jcs({"flow": "payments"})
    named = digest_of({"flow": "payments"}).removeprefix("sha256:")
    assert verdict(pack(**{f"manifests/{named}.json": other})).verdict == verify.TAMPERED


def test_another_key_is_found(approved):
    name, _, _ = keys.log_vkey().partition("+")
    key = verify.Key(name, b"0000", b"\x01" * 32)
    assert verdict(approved, pinned=key).verdict == verify.TAMPERED


def test_erased_texts_leave_the_leaf_valid(db):
    submit()
    assert timeline_of([("governance.change", CHANGE)])[0].texts == {"title": "Örders go live"}
    assert erase_texts(owner=EVE, legal_basis="gdpr.art17", actor=person(), now=db_now()) == 1
    (entry,) = timeline_of([("governance.change", CHANGE)])
    assert (entry.texts, entry.erased) == ({}, ("title",))
    assert not disclose.DisclosureKey.objects.filter(subject=EVE).exists()
    assert verdict(pack()).verdict == verify.OK


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"PK\x03\x04",
        b"PK\x03\x04" + b"\xff" * 5000,
        b"PK\x05\x06" + bytes(18),
        b"%PDF-1.7 not a zip at all",
        packed_zip({}),
        packed_zip({"pack.json": b"[" * 100_000, "checkpoint": b"", "events.jsonl": b"", "registry.jsonl": b"", "keys.txt": b"\xff"}),
        packed_zip({"only.txt": b"x"}),
        packed_zip({"aa/aa": b"x"}).replace(b"aa/aa", b"../aa"),
        packed_zip({"aa": b"x", "bb": b"y"}).replace(b"bb", b"aa"),
    ],
    ids=["empty", "magic only", "noise", "empty zip", "pdf", "no files", "nested", "lacks files", "slip", "twice"],
)
def test_hostile_packs_are_refused_without_a_traceback(hostile, tmp_path, capsys):
    path = tmp_path / "pack.zip"
    path.write_bytes(hostile)
    assert verify.main([str(path)]) in {verify.TAMPERED, verify.INCOMPLETE, verify.UNUSABLE}
    assert "Traceback" not in capsys.readouterr().out


def test_a_bomb_is_not_inflated(tmp_path, capsys):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("checkpoint", b"0" * (verify.MAX_MEMBER + 2))
    assert verify.main([str(path)]) == verify.TAMPERED
    assert verify.main(["--log", str(path)]) == verify.UNUSABLE


@pytest.mark.parametrize(
    "value", [0.0, -0.0, 1e21, 1e-7, 123456789.125, 5e-324, 1.7976931348623157e308, -1e-6, 333333333.33333329, 100.0], ids=repr
)
def test_numbers_are_written_as_the_standard_says(value):
    assert verify.jcs(value) == rfc8785.dumps(value)


@given(st.recursive(st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(), deepen, max_leaves=12))
def test_canonical_json_agrees_with_another_implementation(value):
    assert verify.jcs(value) == rfc8785.dumps(value)


def test_the_envelope_is_the_standards_own():
    """The example of the DSSE v1 specification."""
    assert dsse.pae("http://example.com/HelloWorld", b"hello world") == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_canonical_json_of_the_reference_files(real_data):
    for name in ("arrays", "unicode"):
        folder = real_data / "conformance"
        given = verify.load((folder / f"jcs__input__{name}.json").read_bytes(), name)
        assert verify.jcs(given) == bytes.fromhex((folder / f"jcs__outhex__{name}.txt").read_text())


# --- whole logs ---


@pytest.fixture
def exported(db, tmp_path) -> Path:
    """A log of 602 leaves with heads at 302 and 602."""
    for _ in range(2):
        with transaction.atomic():
            for number in range(300):
                record("accounts.sign_out", subject=("accounts.user", UUID(int=number)), actor=person(), at=db_now())
        run_sequencer()
        call_command("export_log", tmp_path / "log", verbosity=0)
        shutil.copy(tmp_path / "log/checkpoint", tmp_path / f"head.{Event.objects.count()}")
    return tmp_path / "log"


def log_verdict(folder, *extra):
    arguments = ["--log", str(folder), "--key", keys.log_vkey(), *map(str, extra)]
    return subprocess.run([sys.executable, "-I", verify.__file__, *arguments, "--json"], capture_output=True, text=True, timeout=60)


def expect(folder, code, first_bad, *extra):
    done = log_verdict(folder, *extra)
    found = json.loads(done.stdout)
    assert (done.returncode, found["first_bad_index"]) == (code, first_bad), done.stdout


def test_a_good_log_holds_as_folder_and_as_zip(exported, tmp_path):
    expect(exported, verify.OK, None, "--retained", tmp_path / "head.302")
    expect(shutil.make_archive(str(tmp_path / "log"), "zip", exported), verify.OK, None)


def bundles(folder):
    return [folder / "tile/entries" / name for name in ("000", "001", "002.p/90")]


def rewrite(path, change):
    bodies = list(verify._split(path.read_bytes()))
    change(bodies)
    path.write_bytes(b"".join(len(body).to_bytes(2, "big") + body for body in bodies))


def test_an_edited_leaf_is_named(exported):
    rewrite(bundles(exported)[1], lambda bodies: bodies.__setitem__(44, bodies[44].replace(b"allow", b"error")))
    expect(exported, verify.TAMPERED, 300)


def test_a_deleted_leaf_is_named(exported):
    rewrite(bundles(exported)[0], lambda bodies: bodies.pop(17))
    expect(exported, verify.TAMPERED, 17)


def test_reordered_leaves_are_named(exported):
    rewrite(bundles(exported)[2], lambda bodies: bodies.__setitem__(slice(5, 7), bodies[6:4:-1]))
    expect(exported, verify.TAMPERED, 517)


def test_an_edit_with_recomputed_hashes_is_still_found(exported):
    """Whoever recomputes every tile cannot sign the root."""
    rewrite(bundles(exported)[0], lambda bodies: bodies.__setitem__(9, bodies[9].replace(b"allow", b"error")))
    tile = exported / "tile/0/000"
    hashes = [verify.leaf_hash(body) for body in verify._split(bundles(exported)[0].read_bytes())]
    tile.write_bytes(b"".join(hashes))
    expect(exported, verify.TAMPERED, 0)


def test_a_truncated_and_restored_log_is_found_by_a_kept_head(exported, tmp_path):
    """The older head and tiles are genuine; only a head that was kept elsewhere tells that the end is gone."""
    shutil.copy(tmp_path / "head.302", exported / "checkpoint")
    expect(exported, verify.OK, None)
    expect(exported, verify.TAMPERED, 302, "--retained", tmp_path / "head.602")


def test_a_missing_bundle_is_incomplete(exported):
    bundles(exported)[1].unlink()
    expect(exported, verify.INCOMPLETE, 256)


def as_superuser(sql):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


@pytest.mark.parametrize(
    ("attack", "first_bad"),
    [
        ("UPDATE audit_event SET body = convert_to(replace(convert_from(body, 'utf8'), 'allow', 'error'), 'utf8') WHERE id = {event}", 40),
        ("DELETE FROM audit_event WHERE id = {event}", 40),
        ("UPDATE audit_leaf SET event_id = gen_random_uuid() WHERE event_id = {event}", 40),
    ],
    ids=["edited", "deleted", "replaced"],
)
def test_attacks_on_the_database_show_in_its_export(exported, tmp_path, attack, first_bad):
    as_superuser(attack.format(event='(SELECT event_id FROM audit_leaf WHERE "index" = 40)'))
    call_command("export_log", tmp_path / "later", verbosity=0)
    expect(tmp_path / "later", verify.TAMPERED, first_bad)


def test_histories_of_subjects_are_chains(db, tmp_path):
    """A version that lacks is told, although every hash of the log is right."""
    subject = ("catalog.system", UUID(int=5))
    for version in (1, 2, 3):
        record("catalog.system.updated", subject=subject, actor=person(), at=db_now(), version=version)
    as_superuser("DELETE FROM audit_pending WHERE event_id = (SELECT id FROM audit_event WHERE version = 2)")
    run_sequencer()
    call_command("export_log", tmp_path / "log", verbosity=0)
    expect(tmp_path / "log", verify.INCOMPLETE, 1)


def test_packs_of_one_moment_are_the_same_bytes(approved):
    now = db_now()
    made = [evidence.build_pack(now=now, subjects=[("governance.change", CHANGE)]) for _ in range(3)]
    assert all(one == other for one, other in pairwise(made))


def test_a_text_that_was_written_while_its_owner_was_erased_is_gone_and_hurts_nobody(db):
    """It lies under a key that no longer exists; what the same person writes later is readable."""
    submit()
    (lost,) = disclose.Disclosure.objects.filter(key_id=EVE)
    erase_texts(owner=EVE, legal_basis="gdpr.art17", actor=person(), now=db_now())
    disclose.Disclosure.objects.bulk_create([lost])
    submit()
    before, after = (entry for entry in timeline_of([("governance.change", CHANGE)]) if entry.event.verb == "governance.change.submitted")
    assert (before.texts, before.erased) == ({}, ("title",))
    assert after.texts == {"title": "Örders go live"}


def test_the_heartbeat_under_a_head_is_checked(exported, tmp_path):
    """A time that the log did not say is found, in the export's head as in one that was kept."""
    call_command("export_log", tmp_path / "log", verbosity=0)
    kept = tmp_path / "head.302"
    assert kept.read_text().count("\n\u2014 ") == 2, "a head and its heartbeat"
    lines = kept.read_text().splitlines()
    name, blob = lines[-1].rsplit(" ", 1)
    raw = bytearray(base64.b64decode(blob))
    raw[11] ^= 1  # the last byte of the time
    kept.write_text("\n".join([*lines[:-1], f"{name} {base64.b64encode(raw).decode()}"]) + "\n")
    expect(exported, verify.TAMPERED, None, "--retained", kept)
