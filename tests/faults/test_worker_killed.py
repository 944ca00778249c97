"""Promise 5: a worker that is really killed loses nothing and doubles nothing."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.node_red import TOKEN, FakeNodeRed
from tests.journeys.service import ROOT, RunningService, eventually
from tests.journeys.test_main_job import approve, checked, ended, register

FLOW = {"runtime_kind": "node-red", "payload": {"flows": [{"id": "note", "type": "comment", "name": "approved", "wires": []}]}}


@pytest.fixture(scope="module")
def service():
    """A service whose leases are short, so that a dead worker's slot is soon free again."""
    running = RunningService(environment={"PORTOLAN_EGRESS_ALLOW": "127.0.0.1:*", "NODE_RED_TOKEN": TOKEN, "PORTOLAN_LEASE_S": "12"})
    with running:
        body = {"slug": "floor", "title": "Shop floor", "rank": 25, "is_production": True, "is_protected": True}
        running.people["admin"]("POST", "/environments", body, expect=201)
        yield running
    shutil.rmtree(running.folder, ignore_errors=True)


@pytest.mark.parametrize(
    ("moment", "method", "path", "fault"),
    [
        ("before", "GET", "/flows", "hang"),
        ("during", "POST", "/flows", "hang"),
        ("after", "POST", "/flows", "then-hang"),
    ],
    ids=["killed before the send", "killed while sending, nothing applied", "killed after the runtime applied it"],
)
def test_a_killed_worker_applies_the_approved_digest_exactly_once(
    service: RunningService, moment: str, method: str, path: str, fault: str
) -> None:
    """Whenever the worker dies, the runtime ends with exactly one application of the approved digest."""
    admin, owner = service.people["admin"], service.people["owner"]
    slug = f"runtime-killed-{moment}"
    with FakeNodeRed() as runtime:
        config = {"base_url": runtime.base_url, "token_ref": "env://NODE_RED_TOKEN"}
        body = {"slug": slug, "title": slug, "kind": "node-red", "environments": ["floor"], "config": config}
        admin("POST", "/runtimes", body, expect=201)
        register(owner, f"killed-{moment}")
        digest = owner("POST", f"/integrations/killed-{moment}/releases", {"version": "1.0.0", "manifest": FLOW}, expect=201).json()[
            "digest"
        ]
        targets = [{"environment": "floor", "runtime": slug}]
        ask = {"integration": f"killed-{moment}", "release": "1.0.0", "targets": targets, "reason": "To be killed."}
        change = checked(owner, owner("POST", "/change-requests", ask, expect=201).json()["number"])
        approve(service.people["board_1"], change["number"])
        runtime.fail(method, path, fault)
        approve(service.people["board_2"], change["number"])

        eventually(lambda: not runtime.faults, within_s=30, every_s=0.01, what="the worker is in the middle of it")
        for pid in service.child_pids("manage.py worker"):
            os.kill(pid, signal.SIGKILL)
        runtime.release.set()

        assert ended(owner, change["number"], within_s=120)["state"] == "completed"
        assert runtime.effects == 1, runtime.seen
        tabs = [node for node in runtime.stored if node["type"] == "tab"]
        marks = {entry["name"]: entry["value"] for entry in tabs[0]["env"]}
        assert (len(tabs), marks["PORTOLAN_RELEASE"]) == (1, digest)


def test_the_log_is_dense_and_verifies_after_the_kills(service: RunningService, tmp_path: Path) -> None:
    """No event was lost or doubled: the whole log, exported tile by tile, verifies offline."""
    auditor = service.people["auditor"]
    rows = []
    while True:
        page = auditor("GET", f"/audit/events?since_index={len(rows)}&limit=200", expect=200).json()["results"]
        rows += [row for row in page if row["index"] is not None]
        if not page:
            break
    assert [row["index"] for row in rows] == list(range(len(rows)))
    assert len({row["id"] for row in rows}) == len(rows)

    number = auditor("GET", "/change-requests?limit=1", expect=200).json()["results"][0]["number"]
    pack = auditor("GET", f"/change-requests/{number}/evidence", expect=200).content
    (tmp_path / "pack.zip").write_bytes(pack)
    command = [sys.executable, str(ROOT / "audit" / "verify.py"), str(tmp_path / "pack.zip")]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
