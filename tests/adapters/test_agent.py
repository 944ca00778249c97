"""What the reference agent promises: only signed, never backwards, whole files, nothing lost while nobody answers."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from runtime_adapters.agent.flow import FlowEngine, RecordFailed, transformed
from runtime_adapters.agent.link import Link, LinkDown
from runtime_adapters.agent.loop import Agent, Pace
from runtime_adapters.agent.releases import Refused, Releases, wanted_of
from runtime_adapters.agent.state import State
from runtime_adapters.agent.trust import Untrusted, keep_head
from runtime_adapters.contract import json_hash
from tests.fakes.control_plane import TOKEN, FakeControlPlane

ROOT = Path(__file__).resolve().parent.parent.parent
SLOT = str(uuid4())


@pytest.fixture
def plane() -> Iterator[FakeControlPlane]:
    with FakeControlPlane() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "token").write_text(TOKEN + "\n")
    return tmp_path


def agent_in(folder: Path, plane: FakeControlPlane, *, reload: list[str] | None = None, flows: bool = False, **more: Any) -> Agent:
    state = State(folder / "state")
    engine = FlowEngine(folder / "state" / "work", seed=1) if flows else None
    pace = Pace(every_s=0.05, health_s=0.0, observe_s=60.0)
    return Agent(Link(plane.url, folder / "token"), state, Releases(folder / "releases", state, reload), flows=engine, pace=pace, **more)


def release_in(folder: Path, name: str = "orders-to-erp--production") -> dict[str, Any] | None:
    path = folder / "releases" / name / "release.json"
    return json.loads(path.read_bytes()) if path.exists() else None


def until(condition: Callable[[], Any], limit_s: float = 15.0) -> Any:
    """Poll with a bound."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


def test_a_release_is_written_whole_and_reported(plane, folder):
    plane.put(SLOT, n=3)
    agent_in(folder, plane).cycle()
    written = release_in(folder)
    assert (written["release"], written["generation"], written["payload"]["n"]) == (f"sha256:{3:064x}", "1.3", 3)
    seen = plane.last(SLOT)
    assert seen["generation"] == {"timeline": 1, "n": 3}
    assert (seen["result"], seen["content_hash"]) == ("recorded", json_hash(written["payload"]))
    assert not list((folder / "releases").rglob(".*")), "no temporary file stays behind"


def test_an_unchanged_state_is_answered_304_and_told_once(plane, folder):
    plane.put(SLOT)
    agent = agent_in(folder, plane)
    agent.cycle()
    agent.cycle()
    assert 304 in plane.statuses
    assert len(plane.observations) == 1


def test_an_older_generation_is_refused_even_after_a_restart(plane, folder):
    plane.put(SLOT, n=5)
    agent_in(folder, plane).cycle()
    plane.put(SLOT, n=4)
    agent_in(folder, plane).cycle()
    assert release_in(folder)["generation"] == "1.5"
    plane.put(SLOT, n=1, timeline=2)
    agent_in(folder, plane).cycle()
    assert release_in(folder)["generation"] == "2.1"


def test_a_generation_does_not_come_back_with_other_content(plane, folder):
    plane.put(SLOT, n=1)
    agent_in(folder, plane).cycle()
    plane.put(SLOT, n=1, digest="sha256:" + "e" * 64)
    agent_in(folder, plane).cycle()
    assert release_in(folder)["release"] == f"sha256:{1:064x}"


def test_a_cleared_slot_is_removed_and_told(plane, folder):
    plane.put(SLOT, n=1)
    agent_in(folder, plane).cycle()
    plane.put(SLOT, n=2, state="absent", digest="")
    agent_in(folder, plane).cycle()
    assert release_in(folder) is None
    assert (plane.last(SLOT)["digest"], plane.last(SLOT)["generation"]["n"]) == ("", 2)


@pytest.mark.parametrize(
    "more",
    [{"revoked": True}, {"not_after": (datetime.now(UTC) - timedelta(hours=1)).isoformat()}],
    ids=["revoked", "expired"],
)
def test_a_release_without_a_standing_authorisation_is_not_written(plane, folder, more):
    plane.put(SLOT, n=1, **more)
    agent_in(folder, plane).cycle()
    assert release_in(folder) is None
    assert plane.observations == []


@pytest.mark.parametrize(
    "more",
    [{"revoked": True}, {"not_after": (datetime.now(UTC) - timedelta(hours=1)).isoformat()}],
    ids=["revoked", "expired"],
)
def test_a_removal_without_a_standing_authorisation_is_not_made_and_what_stays_is_told(plane, folder, more):
    plane.put(SLOT, n=1)
    agent_in(folder, plane).cycle()
    before = release_in(folder)
    plane.put(SLOT, n=2, state="absent", digest="", **more)
    agent_in(folder, plane).cycle()
    assert release_in(folder) == before
    assert (plane.last(SLOT)["generation"]["n"], plane.last(SLOT)["digest"]) == (1, before["release"])
    plane.put(SLOT, n=3, state="absent", digest="")
    agent_in(folder, plane).cycle()
    assert release_in(folder) is None


@pytest.mark.parametrize("name", ["../../etc", "a/b", "", ".", "x" * 80, "ab\n"])
def test_names_cannot_leave_the_folder(name):
    entry = {"slot": SLOT, "integration": name, "environment": "p", "generation": {"timeline": 1, "n": 1}, "state": "present"}
    with pytest.raises(Refused):
        wanted_of({**entry, "digest": "sha256:" + "0" * 64, "payload": {}})


def test_two_slots_never_share_a_folder():
    entry = {"slot": SLOT, "generation": {"timeline": 1, "n": 1}, "state": "present", "digest": "sha256:" + "0" * 64, "payload": {}}
    first = wanted_of({**entry, "integration": "a", "environment": "b--c"})
    second = wanted_of({**entry, "integration": "a--b", "environment": "c"})
    assert first.folder != second.folder


def test_a_flipped_bit_in_the_envelope_is_refused(plane, folder):
    plane.put(SLOT)

    def flipped(envelope: dict[str, Any]) -> dict[str, Any]:
        text = envelope["payload"]
        return {**envelope, "payload": text[:40] + ("A" if text[40] != "A" else "B") + text[41:]}

    plane.spoil = flipped
    with pytest.raises(Untrusted):
        agent_in(folder, plane).cycle()
    assert release_in(folder) is None


def test_another_payload_type_under_the_same_key_is_refused(plane, folder):
    plane.put(SLOT)
    plane.spoil = lambda envelope: {**envelope, "payloadType": "application/vnd.in-toto+json"}
    with pytest.raises(Untrusted):
        agent_in(folder, plane).cycle()


def test_the_first_key_is_kept_for_ever(plane, folder):
    plane.put(SLOT, n=1)
    agent_in(folder, plane).cycle()
    plane.key = Ed25519PrivateKey.generate()
    plane.put(SLOT, n=2)
    with pytest.raises(Untrusted, match="another key"):
        agent_in(folder, plane).cycle()
    assert release_in(folder)["generation"] == "1.1"


def test_a_given_key_that_is_missing_stops_everything(plane, folder):
    with pytest.raises(Untrusted, match="missing"):
        agent_in(folder, plane, key_file=folder / "no.pub").cycle()


def test_an_expired_envelope_is_refused(plane, folder):
    plane.put(SLOT)
    plane.not_after = datetime.now(UTC) - timedelta(hours=1)
    with pytest.raises(Untrusted, match="expired"):
        agent_in(folder, plane).cycle()


def test_an_edit_by_hand_is_told_and_not_undone(plane, folder):
    plane.put(SLOT)
    agent = agent_in(folder, plane)
    agent.cycle()
    path = folder / "releases" / "orders-to-erp--production" / "release.json"
    edited = {**json.loads(path.read_bytes()), "payload": {"n": "edited"}}
    path.write_text(json.dumps(edited))
    agent.cycle()
    assert plane.last(SLOT)["content_hash"] == json_hash({"n": "edited"})


def test_a_lost_file_comes_back_from_the_kept_state_while_the_server_is_away(plane, folder):
    plane.put(SLOT)
    agent_in(folder, plane).cycle()
    (folder / "releases" / "orders-to-erp--production" / "release.json").unlink()
    plane.down = 503
    agent = agent_in(folder, plane)
    agent.resume()
    with pytest.raises(LinkDown):
        agent.cycle()
    assert release_in(folder)["release"] == f"sha256:{1:064x}"


def test_the_reload_command_is_the_engines_word(plane, folder):
    plane.put(SLOT, n=1)
    agent_in(folder, plane, reload=[sys.executable, "-c", "open('told','a').write('x')"]).cycle()
    assert plane.last(SLOT)["result"] == "started"
    assert (folder / "releases" / "told").read_text() == "x"


def test_a_failed_reload_stays_failed_until_another_generation(plane, folder):
    plane.put(SLOT, n=1)
    agent_in(folder, plane, reload=[sys.executable, "-c", "raise SystemExit(3)"]).cycle()
    agent_in(folder, plane, reload=[sys.executable, "-c", "raise SystemExit(3)"]).cycle()
    assert {(seen["result"], seen["reason"]) for seen in plane.observations} == {("failed", "reload-exit-3")}
    plane.put(SLOT, n=2)
    agent_in(folder, plane, reload=[sys.executable, "-c", ""]).cycle()
    assert plane.last(SLOT)["result"] == "started"


def test_sequence_numbers_never_repeat_over_restarts(plane, folder):
    for n in range(1, 6):
        plane.put(SLOT, n=n)
        agent_in(folder, plane).cycle()
    numbers = [seen["seq"] for seen in plane.observations]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 5


def test_health_is_counted_from_real_files(plane, folder):
    flow = {"kind": "file-to-file", "every_s": 0.1, "transform": {"rename": {"customer": "buyer"}, "uppercase": ["country"]}}
    plane.put(SLOT, payload={"flow": flow})
    agent = agent_in(folder, plane, flows=True)
    agent.cycle()
    agent._flows.run_due(time.monotonic())
    agent.cycle()
    (report,) = plane.reports
    outbox = list((folder / "state" / "work" / SLOT / "outbox").glob("*.json"))
    assert report["records_read"] == report["records_written"] == report["latency_ms"]["count"] == len(outbox) > 0
    assert (report["runs_started"], report["runs_succeeded"], report["runs_failed"], report["errors"]) == (1, 1, 0, [])
    order = json.loads(outbox[0].read_bytes())
    assert "buyer" in order
    assert order["country"].isupper()
    assert plane.last(SLOT)["result"] == "started"
    assert (report["digest"], report["slot"]) == (f"sha256:{1:064x}", SLOT)


def test_a_release_that_needs_a_missing_field_really_fails(plane, folder):
    plane.put(SLOT, payload={"flow": {"kind": "file-to-file", "transform": {"require": ["vat_number"]}}})
    agent = agent_in(folder, plane, flows=True)
    agent.cycle()
    agent._flows.run_due(time.monotonic())
    agent.cycle()
    (report,) = plane.reports
    assert (report["runs_failed"], report["records_written"]) == (1, 0)
    assert report["errors"] == [{"class": "missing-field", "count": report["records_read"]}]


@pytest.mark.parametrize(
    ("transform", "expected"),
    [
        ({"rename": {"a": "b"}}, {"b": "x", "n": 1}),
        ({"uppercase": ["a"]}, {"a": "X", "n": 1}),
        ({"rename": {"zz": "b"}}, "missing-field"),
        ({"uppercase": ["n"]}, "not-text"),
        ({"fail_when": {"field": "n", "equals": 1}}, "refused-by-rule"),
        ({"fail_when": {"field": "n", "equals": 2}}, {"a": "x", "n": 1}),
        ({"require": ["zz"]}, "missing-field"),
        ({"rename": {"a": "b"}, "require": ["b"]}, {"b": "x", "n": 1}),
        ({"rename": {"a": "b"}, "require": ["a"]}, "missing-field"),
    ],
)
def test_transform(transform, expected):
    if isinstance(expected, dict):
        assert transformed({"a": "x", "n": 1}, transform) == expected
    else:
        with pytest.raises(RecordFailed, match=expected):
            transformed({"a": "x", "n": 1}, transform)


def test_reports_wait_on_disk_and_keep_their_keys(plane, folder):
    plane.put(SLOT, payload={"flow": {"kind": "file-to-file"}})
    agent = agent_in(folder, plane, flows=True)
    agent.cycle()
    agent._flows.run_due(time.monotonic())
    plane.down = 503
    with pytest.raises(LinkDown):
        agent.cycle()
    (waiting,) = State(folder / "state").outbox
    plane.down = None
    agent_in(folder, plane, flows=True).cycle()
    assert [report["key"] for report in plane.reports] == [waiting["key"]]
    assert State(folder / "state").outbox == []


def test_the_largest_log_head_is_kept(tmp_path):
    def note(size: int, root: str) -> str:
        return f"portolan.local/log\n{size}\n{root}\n\n— portolan.local/log c2ln\n"

    for size, root in [(5, "cm9vdA=="), (9, "bmluZQ=="), (7, "c2V2ZW4="), (9, "b3RoZXI=")]:
        keep_head(tmp_path, note(size, root))
    assert (tmp_path / "log_head.txt").read_text() == note(9, "bmluZQ==")
    assert (tmp_path / "log_head.contradiction.txt").read_text() == note(9, "b3RoZXI=")


def test_the_process_works_survives_an_outage_and_stops_cleanly(plane, folder):
    plane.put(SLOT, payload={"flow": {"kind": "file-to-file", "every_s": 0.2}})
    command = [sys.executable, "-m", "runtime_adapters.agent", "--url", plane.url, "--token-file", str(folder / "token")]
    command += ["--state-dir", str(folder / "state"), "--releases-dir", str(folder / "releases"), "--demo-flow"]
    command += ["--every", "0.1", "--health-every", "0.2"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE)
    try:
        until(lambda: plane.reports)
        plane.down = 503
        written = len(list((folder / "state" / "work" / SLOT / "outbox").glob("*.json")))
        until(lambda: len(list((folder / "state" / "work" / SLOT / "outbox").glob("*.json"))) > written)
        plane.down, before = None, len(plane.reports)
        until(lambda: len(plane.reports) > before)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    finally:
        process.kill()
        _, errors = process.communicate(timeout=10)
    assert TOKEN.encode() not in errors
    assert b"Traceback" not in errors


def test_it_imports_nothing_of_ours_but_the_contract():
    script = (
        "import sys, runtime_adapters.agent.__main__ as m;"
        "ours=[n for n in sys.modules if n.split('.')[0] in "
        "('django','foundation','audit','accounts','catalog','governance','portal','config','runtime_adapters')];"
        "print(sorted(n for n in ours if not n.startswith('runtime_adapters.agent')))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['runtime_adapters', 'runtime_adapters.contract']"


def test_an_agent_ahead_of_its_server_says_what_it_holds(plane, folder):
    """After a restore the server asks for less than was here: refused, and told, so that the server can show it."""
    plane.put(SLOT, n=5)
    agent_in(folder, plane).cycle()
    plane.put(SLOT, n=4)
    agent_in(folder, plane).cycle()
    told = plane.last(SLOT)
    assert (told["generation"], told["digest"], told["result"]) == ({"timeline": 1, "n": 5}, f"sha256:{5:064x}", "recorded")
    assert told["reason"] == "generation 1.4 is older than 1.5, which was here"


def test_a_state_folder_from_a_backup_does_not_make_the_agent_unheard(folder, plane):
    """What it reports next must outrank everything reported before, also by another agent with the same token."""
    plane.put(SLOT)
    agent_in(folder, plane).cycle()
    kept = (folder / "state" / "state.json").read_bytes()
    for n in range(2, 6):
        plane.put(SLOT, n=n)
        agent_in(folder, plane).cycle()
    highest = plane.last(SLOT)["seq"]
    (folder / "state" / "state.json").write_bytes(kept)
    plane.put(SLOT, n=6)
    agent_in(folder, plane).cycle()
    assert plane.last(SLOT)["seq"] > highest
