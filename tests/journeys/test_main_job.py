"""The main job over HTTP, whole: register, release, ask, decide, deliver, prove, fail, go back, verify."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.service import ROOT, Caller, RunningService, eventually
from tests.real.node_red import RealNodeRed, installed

AGENT = "warehouse-files"


def submit(owner: Caller, slug: str, version: str, runtime: str, reason: str) -> dict[str, Any]:
    """Ask for production."""
    body = {
        "action": "deploy",
        "integration": slug,
        "release": version,
        "targets": [{"environment": "production", "runtime": runtime}],
        "reason": reason,
    }
    return owner("POST", "/change-requests", body, expect=201).json()


def approve(board: Caller, number: int) -> dict[str, Any]:
    """Vote on the digest that is shown."""
    shown = board("GET", f"/change-requests/{number}", expect=200).json()
    body = {"value": "approve", "subject_digest": shown["subject_digest"], "reason": "Read and understood."}
    return board("POST", f"/change-requests/{number}/votes", body, expect=201).json()


def checked(owner: Caller, number: int) -> dict[str, Any]:
    """Wait until the automatic checks have run."""

    def look() -> dict[str, Any] | None:
        change = owner("GET", f"/change-requests/{number}", expect=200).json()
        checks = [r for r in change["requirements"] if r["kind"] == "check"]
        return change if all(r["status"] != "waiting" for r in checks) else None

    return eventually(look, what="checks run")


def ended(owner: Caller, number: int, within_s: float = 90) -> dict[str, Any]:
    """Wait until the change is closed."""

    def look() -> dict[str, Any] | None:
        change = owner("GET", f"/change-requests/{number}", expect=200).json()
        return change if change["state"] in {"completed", "failed", "partial", "superseded"} else None

    return eventually(look, within_s=within_s, every_s=0.25, what=f"change {number} ends")


def deployment_of(owner: Caller, slug: str, digest: str) -> dict[str, Any]:
    """The newest deployment of a digest."""
    rows = owner("GET", f"/deployments?integration={slug}&environment=production", expect=200).json()["results"]
    return next(row for row in rows if row["digest"] == digest)


def file_manifest(require: list[str]) -> dict[str, Any]:
    return {
        "runtime_kind": "reference-agent",
        "payload": {
            "flow": {
                "kind": "file-to-file",
                "every_s": 1,
                "source": "inbox",
                "target": "outbox",
                "transform": {"rename": {"id": "order_number"}, "uppercase": ["currency"], "require": require},
            }
        },
        "health": {"every_s": 10, "grace_s": 20},
    }


def register(owner: Caller, slug: str) -> None:
    """An integration with endpoints and the documents that its tier asks for."""
    body = {
        "slug": slug,
        "title": f"Returns ({slug})",
        "purpose": "Returned goods reach the ERP.",
        "type": "file-transfer",
        "team": "commerce-platform",
        "tier": 2,
        "endpoints": [
            {"system": "web-shop", "data_object": "order", "role": "source", "operation": "read"},
            {"system": "erp", "data_object": "order", "role": "target", "operation": "create"},
        ],
    }
    answer = owner("POST", "/integrations", body, expect=201)
    assert answer.headers.get("Audit-Event")
    for section in ("overview", "runbook", "support"):
        owner("POST", f"/integrations/{slug}/documents", {"section": section, "body": f"## {section}\n\nWritten."}, expect=201)


def verified(pack: bytes, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the stand-alone verifier as an outsider would: no Django, another folder."""
    path = folder / "pack.zip"
    path.write_bytes(pack)
    command = [sys.executable, str(ROOT / "audit" / "verify.py"), str(path), *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env={"PATH": os.environ["PATH"]}, check=False)


def test_from_registration_to_proven_health_and_back(service: RunningService, tmp_path: Path) -> None:
    """Two releases on the agent: the first is proven by its own runs, the second fails its gate and is rolled back by itself."""
    owner, auditor = service.people["owner"], service.people["auditor"]
    register(owner, "returns-to-erp")
    published = owner(
        "POST",
        "/integrations/returns-to-erp/releases",
        {"version": "1.0.0", "manifest": file_manifest(["order_number"]), "notes": "First."},
        expect=201,
    ).json()
    assert published["digest"].startswith("sha256:")

    change = submit(owner, "returns-to-erp", "1.0.0", AGENT, "Returns are typed in by hand today.")
    assert change["state"] == "open"
    change = checked(owner, change["number"])
    assert {r["name"]: r["status"] for r in change["requirements"] if r["kind"] == "check"} == {
        "manifest": "satisfied",
        "documentation": "satisfied",
        "ownership": "satisfied",
        "quarantine": "satisfied",
    }
    unblockers = [who["name"] for r in change["requirements"] for who in r["who_can_unblock"]]
    assert unblockers == ["Kenji Mori", "Mara Lindqvist"]

    own_vote = {"value": "approve", "subject_digest": change["subject_digest"], "reason": "mine"}
    assert owner("POST", f"/change-requests/{change['number']}/votes", own_vote).status == 403
    stale = {"value": "approve", "subject_digest": "sha256:" + "0" * 64, "reason": ""}
    assert service.people["board_1"]("POST", f"/change-requests/{change['number']}/votes", stale).status == 412

    first = approve(service.people["board_1"], change["number"])
    assert first["state"] == "open"
    last = approve(service.people["board_2"], change["number"])
    assert last["state"] == "dispatched"

    done = ended(owner, change["number"])
    assert done["state"] == "completed"
    deployment = deployment_of(owner, "returns-to-erp", published["digest"])
    facts = deployment["facts"]
    reached = [facts[f"{name}_at"] for name in ("requested", "accepted", "recorded", "started", "proven")]
    assert all(reached), facts
    assert reached[0] <= reached[1] <= reached[2]

    healthy = eventually(
        lambda: [
            row
            for row in owner("GET", "/integrations/returns-to-erp/health", expect=200).json()["results"]
            if row["digest"] == published["digest"] and row["state"] == "healthy"
        ],
        what="health per release",
    )
    assert healthy[0]["runs_succeeded"] >= 2

    second = owner(
        "POST",
        "/integrations/returns-to-erp/releases",
        {"version": "2.0.0", "manifest": file_manifest(["order_number", "customs_tariff_number"])},
        expect=201,
    ).json()
    failing = submit(owner, "returns-to-erp", "2.0.0", AGENT, "A field is needed that nobody sends.")
    checked(owner, failing["number"])
    for part in ("board_1", "board_2"):
        approve(service.people[part], failing["number"])
    assert ended(owner, failing["number"])["state"] == "failed"

    def rolled_back() -> dict[str, Any] | None:
        rows = owner("GET", "/change-requests?integration=returns-to-erp&action=rollback", expect=200).json()["results"]
        return next((row for row in rows if row["caused_by"] == failing["number"] and row["state"] == "completed"), None)

    rollback = eventually(rolled_back, within_s=90, what="the rollback completes")
    assert (rollback["release"], rollback["change_class"], rollback["requester"]) == ("1.0.0", "rollback", None)
    assert deployment_of(owner, "returns-to-erp", second["digest"])["state"] == "rolled_back"
    live = owner("GET", "/integrations/returns-to-erp", expect=200).json()
    assert [(row["environment"], row["release"]) for row in live["live_releases"]] == [("production", "1.0.0")]

    again = submit(owner, "returns-to-erp", "2.0.0", AGENT, "Try the very same again.")
    quarantined = checked(owner, again["number"])
    assert [r["status"] for r in quarantined["requirements"] if r["name"] == "quarantine"] == ["failed"]
    owner("POST", f"/change-requests/{again['number']}/withdraw", {"reason": "It failed before."}, expect=200)

    assert owner("GET", f"/change-requests/{failing['number']}/evidence").status == 403
    for number in (change["number"], failing["number"], rollback["number"]):
        pack = auditor("GET", f"/change-requests/{number}/evidence", expect=200).content
        checked_pack = verified(pack, tmp_path)
        assert checked_pack.returncode == 0, checked_pack.stdout + checked_pack.stderr
    key = auditor("GET", "/audit/log/checkpoint", expect=200).content.decode()
    assert "returns-to-erp" not in key
    for position in range(0, len(pack), max(1, len(pack) // 60)):
        bent = bytearray(pack)
        bent[position] ^= 1 << (position % 8)
        assert verified(bytes(bent), tmp_path).returncode in {1, 3}, f"a flipped bit at byte {position} went unseen"


REPORTING_FLOW = [
    {
        "id": "tick",
        "type": "inject",
        "name": "every second",
        "repeat": "1",
        "once": True,
        "onceDelay": 0.1,
        "props": [],
        "wires": [["work"]],
    },
    {
        "id": "work",
        "type": "function",
        "name": "map the order",
        "func": """
const started = new Date(Date.now() - 5);
const order = {id: 1 + (context.get('n') || 0), currency: 'eur'};
context.set('n', order.id);
let ok = true, errors = [];
try { CHECK } catch (problem) { ok = false; errors = [{class: 'MappingError', count: 1}]; }
msg.headers = {'content-type': 'application/json', 'authorization': 'Bearer ' + env.get('PORTOLAN_HEALTH_TOKEN')};
msg.url = env.get('PORTOLAN_URL') + '/api/v1/runtime/health-reports';
msg.payload = {reports: [{
  key: env.get('PORTOLAN_DEPLOYMENT') + ':' + order.id + ':' + Date.now(),
  slot: env.get('PORTOLAN_SLOT'), integration: env.get('PORTOLAN_INTEGRATION'), environment: 'production',
  digest: env.get('PORTOLAN_RELEASE'),
  window_start: started.toISOString(), window_end: new Date().toISOString(),
  runs_started: 1, runs_succeeded: ok ? 1 : 0, runs_failed: ok ? 0 : 1,
  records_read: 1, records_written: ok ? 1 : 0, records_failed: ok ? 0 : 1,
  latency_ms: {count: 1, sum: 5, max: 5}, errors: errors, seq: order.id}]};
return msg;
""",
        "outputs": 1,
        "wires": [["send"]],
    },
    {"id": "send", "type": "http request", "name": "report", "method": "POST", "ret": "txt", "url": "", "wires": [[]]},
]


def node_red_manifest(check: str) -> dict[str, Any]:
    flow = [{**node, "func": node["func"].replace("CHECK", check)} if "func" in node else dict(node) for node in REPORTING_FLOW]
    return {"runtime_kind": "node-red", "payload": {"flows": flow}, "health": {"every_s": 10, "grace_s": 20}}


@pytest.mark.real
def test_a_real_node_red_is_pushed_to_read_back_and_rolled_back(service: RunningService) -> None:
    """The same trip on Node-RED itself: its own flow reports its runs; other tabs stay as they were."""
    if installed() is None:
        pytest.skip("Node-RED is not installed (tests/real/install_node_red.sh)")
    runtime = RealNodeRed()
    admin, owner = service.people["admin"], service.people["owner"]
    slug = f"node-red-{runtime.port}"
    admin(
        "POST",
        "/runtimes",
        {
            "slug": slug,
            "title": "Node-RED of the journey",
            "kind": "node-red",
            "environments": ["production"],
            "config": {"base_url": runtime.base_url, "token_ref": "env://NODE_RED_TOKEN"},
        },
        expect=201,
    )
    token = admin("POST", f"/runtimes/{slug}/tokens", {"label": "flows report"}, expect=201).json()["secret"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PORTOLAN_HEALTH_TOKEN", token)
        patch.setenv("PORTOLAN_URL", service.url)
        with runtime:
            _drive_node_red(service, owner, runtime, slug)


def _drive_node_red(service: RunningService, owner: Caller, runtime: RealNodeRed, slug: str) -> None:
    foreign = [
        {"id": "aaaaaaaaaaaaaaaa", "type": "tab", "label": "somebody else's"},
        {"id": "bbbb", "type": "comment", "z": "aaaaaaaaaaaaaaaa", "name": "x"},
    ]
    runtime.deploy(foreign)
    integration = f"orders-by-{slug}"
    register(owner, integration)
    digests = {}
    for version, check in (("1.0.0", "order.order_number = order.id;"), ("1.1.0", "throw new Error('no such field');")):
        body = {"version": version, "manifest": node_red_manifest(check)}
        digests[version] = owner("POST", f"/integrations/{integration}/releases", body, expect=201).json()["digest"]
    started = time.monotonic()
    good = submit(owner, integration, "1.0.0", slug, "First release on Node-RED.")
    checked(owner, good["number"])
    for part in ("board_1", "board_2"):
        approve(service.people[part], good["number"])
    assert ended(owner, good["number"])["state"] == "completed", deployment_of(owner, integration, digests["1.0.0"])
    flows = runtime.flows()["flows"]
    assert flows[:2] == foreign
    ours = next(node for node in flows if node["type"] == "tab" and node["id"] != "aaaaaaaaaaaaaaaa")
    marks = {entry["name"]: entry["value"] for entry in ours["env"]}
    assert marks["PORTOLAN_RELEASE"] == digests["1.0.0"]
    facts = deployment_of(owner, integration, digests["1.0.0"])["facts"]
    assert all(facts[f"{name}_at"] for name in ("requested", "accepted", "recorded", "started", "proven")), facts

    bad = submit(owner, integration, "1.1.0", slug, "This one throws.")
    checked(owner, bad["number"])
    for part in ("board_1", "board_2"):
        approve(service.people[part], bad["number"])
    assert ended(owner, bad["number"])["state"] == "failed"

    def restored() -> bool:
        tabs = [node for node in runtime.flows()["flows"] if node["type"] == "tab" and node["id"] == ours["id"]]
        marks = {entry["name"]: entry["value"] for entry in tabs[0]["env"]} if tabs else {}
        return marks.get("PORTOLAN_RELEASE") == digests["1.0.0"]

    eventually(restored, within_s=60, what="Node-RED holds 1.0.0 again")
    assert runtime.flows()["flows"][:2] == foreign
    print(f"node-red journey: {time.monotonic() - started:.1f} s")


def test_afterwards_rows_and_log_agree_and_no_log_file_tells_a_secret(service: RunningService) -> None:
    """As the application role, which may do nothing more than the service does; whatever the journeys above did before."""
    env = {**os.environ, "PORTOLAN_VAR": str(service.folder / "var"), "DJANGO_SETTINGS_MODULE": "config.settings.embedded"}
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "PORTOLAN_AS_OWNER"):
        env.pop(name, None)
    command = [sys.executable, "manage.py", "check_integrity"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, "agree with the log" in done.stdout) == (0, True), done.stdout + done.stderr
    told = {name: service.log_of(name) for name in ("web", "worker", "postgres", "agent-1")}
    assert told["web"]
    assert told["worker"]
    demo = service.demo
    secrets = [person[kind] for person in demo["people"].values() for kind in ("token", "password")]
    secrets += [runtime["token"] for runtime in demo["runtimes"].values()] + ["static-deploy-token"]
    for name, text in told.items():
        assert not [secret for secret in secrets if secret in text], f"{name}.log tells a secret"
        assert "permission denied" not in text, f"{name}.log: the application role lacks a right that the service needs"
        assert "deadlock detected" not in text, f"{name}.log"
        assert "order_number = order.id" not in text, f"{name}.log tells what a release holds"
