"""What each page template is given in the look tests: full, awkward and empty cases, in the shapes its first comment names."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms

NOW = datetime(2026, 11, 16, 9, 41, tzinfo=UTC)
OLD = "sha256:" + "4be1c20a" * 8
NEW = "sha256:" + "9f86d081" * 8


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


BEFORE = """{
  "runtime_kind": "node-red",
  "payload": {
    "label": "Orders to warehouse",
    "nodes": [
      {"id": "in", "type": "http in", "url": "/orders"},
      {"id": "map", "type": "function", "name": "to picking list"},
      {"id": "limit", "type": "delay", "rate": 10},
      {"id": "out", "type": "http request", "url": "https://warehouse.example/v1/pick"}
    ],
    "env": {"REGION": "eu-north"},
    "retries": 3,
    "timeout_s": 20,
    "currency": "EUR",
    "amount": {"type": "number"},
    "notes": "none"
  }
}
"""
AFTER = (
    BEFORE.replace("/v1/pick", "/v2/pick")
    .replace('"amount": {"type": "number"}', '"amount": {"type": "string", "format": "decimal"}')
    .replace('"rate": 10', '"rate": 25')
    .replace('    "notes": "none"\n', '    "notes": "none",\n    "idempotency": true\n')
)

ENTRIES = [
    {"at": ago(hours=30), "title": "Draft made", "by": "Samir Iyer", "icon": "doc", "index": 4102},
    {"at": ago(hours=28), "title": "Sent to the board", "by": "Samir Iyer", "tone": "info", "icon": "review", "index": 4105},
    {"at": ago(hours=27.9), "title": "9 checks ran, 1 failed", "by": "worker", "tone": "bad", "icon": "bad", "index": 4106},
    {
        "at": ago(hours=3),
        "title": "Approved",
        "by": "Ada Okafor",
        "tone": "ok",
        "icon": "ok",
        "note": "Read the mapping with the warehouse team.\nThe decimal string is what they asked for.",
        "index": 4188,
        "url": "/log/1",
    },
]


def _row(number: int, title: str, by: str, risk: str, checks: tuple[str, str], have: int, needed: int, due: datetime, **more: Any) -> dict[str, Any]:
    base = {
        "number": number,
        "url": f"/reviews/{number}",
        "title": title,
        "requester": by,
        "environment": "production",
        "state": "open",
        "risk": risk,
        "checks": {"state": checks[0], "word": checks[1]},
        "approvals": {"have": have, "needed": needed},
        "due_at": due,
        "unblock": "Needs Mara Lindqvist or Piotr Nowak",
    }
    return {**base, **more}


ROWS = [
    _row(2071, "Payments → Ledger posting 3.0.0", "Samir Iyer", "high", ("failed", "1 of 9 failed"), 1, 3, NOW + timedelta(hours=7)),
    _row(2068, "CRM → Billing customer sync 2.1.0", "Ada Okafor", "medium", ("passed", "All 9 passed"), 2, 3, ago(days=2, hours=1)),
    _row(2066, "HR → Payroll waiver renewal", "Joana Duarte", "medium", ("warning", "1 needs a waiver"), 0, 2, ago(days=3)),
    _row(2064, "KYC → Core banking retention 1.4.2", "Piotr Nowak", "low", ("passed", "All 9 passed"), 1, 2, NOW + timedelta(days=1)),
    _row(2061, "Orders → Warehouse 1.8.0 with a title that goes on for longer than anybody wants to read", "Lena Fischer", "low", ("running", "Running"), 1, 2, NOW + timedelta(days=9)),
]
CHART = {
    "title": "Time to decision",
    "labels": ["7 Sep", "14 Sep", "21 Sep", "28 Sep", "5 Oct", "12 Oct", "19 Oct", "26 Oct"],
    "series": [
        {"name": "Median", "values": [22, 20, 19, 24, 22, 20, 21, 16]},
        {"name": "90th", "values": [41, 44, 49, 40, 36, None, 33, 27]},
    ],
    "summary": "The median fell from 22 to 16 working hours in eight weeks.",
    "unit": " h",
    "narrow": True,
}
RUNS = {
    "title": "Runs in production, 1.0.0",
    "labels": [f"{h:02d}:00" for h in range(12)],
    "series": [{"name": "good", "values": [40, 41, 40, 39, 40, 40, 38, 40, 40, 41, 40, 40]}, {"name": "failed", "values": [0, 0, 1, 0, 0, 3, 2, 0, 0, 0, 0, 0]}],
    "summary": "479 of 485 runs were good; the last failure was 5 hours ago.",
}
HOME = {
    "now": NOW,
    "counts": {"waiting": 5, "overdue": 2, "unhealthy": 3, "changed": 14},
    "waiting": ROWS,
    "unhealthy": [
        {"title": "Orders → Warehouse", "url": "/integrations/x", "environment": "production", "state": "failing", "reason": "7 of the last 10 runs failed: connection refused", "since": ago(minutes=42)},
        {"title": "HR → Payroll", "url": "/integrations/x", "environment": "production", "state": "silent", "reason": "expected a run at 06:00", "since": ago(hours=3.6)},
        {"title": "Product texts → Translation", "url": "/integrations/x", "environment": "staging", "state": "degraded", "reason": "one run in four is retried", "since": ago(days=2)},
    ],
    "overdue": [{"title": "CRM → Billing customer sync 2.1.0", "url": "/reviews/2068", "what": "decision was due", "due_at": ago(days=2, hours=1), "who": "Mara Lindqvist"}],
    "recent": ENTRIES[1:],
    "since": ago(hours=16),
    "can_register": True,
}
HOME_EMPTY = {"now": NOW, "counts": {"waiting": 0, "overdue": 0, "unhealthy": 0, "changed": 0}, "waiting": [], "unhealthy": [], "overdue": [], "recent": [], "since": None}
INBOX = {
    "now": NOW, "tab": "waiting", "counts": {"waiting": 5, "mine": 1, "all": 148}, "late": 2, "rows": ROWS, "next_cursor": "abc", "can_request": True,
    "chart": CHART, "facts": [("Decided in the last 30 days", 148), ("Within the 24 h target", "91 %"), ("Sent back for changes", 22)],
}
INBOX_EMPTY = {**INBOX, "rows": [], "counts": {"waiting": 0, "mine": 0, "all": 0}, "late": 0, "chart": None, "next_cursor": None}
INBOX_ALL = {**INBOX, "tab": "all", "chart": None, "rows": [{**row, "state": state} for row, state in zip(ROWS, ["open", "dispatched", "withdrawn", "completed", "rejected"], strict=True)]}

CHANGE = {
    "now": NOW,
    "change": {
        "number": 2071, "title": "Orders → Warehouse 2.0.0 into production", "headline": "Let Orders → Warehouse 2.0.0 run in production", "state": "open", "is_open": True,
        "is_votable": True, "action": "deploy", "change_class": "normal", "revision": 2, "integration_title": "Orders → Warehouse", "integration_url": "/integrations/orders",
        "release_version": "2.0.0", "base_version": "1.0.0", "environment": "production", "requester": "Samir Iyer", "contributors": ["Samir Iyer", "Lena Fischer"],
        "reason": "The warehouse closes its first interface on 1 December.", "created_at": ago(hours=30), "submitted_at": ago(hours=28), "due_at": NOW + timedelta(hours=7),
        "expires_at": NOW + timedelta(days=12), "closed_at": None, "closed_because": "", "subject_digest": NEW, "release_digest": NEW, "risk": "high", "impact": "breaking",
    },
    "moved": None,
    "words": [
        {"impact": "breaking", "where": "/payload/amount", "text": "the amount becomes a decimal string instead of a number", "who": "6 consumers read it: Ledger, Treasury, Reporting and 3 more"},
        {"impact": "risky", "where": "/payload/nodes/3/url", "text": "calls version 2 of the warehouse's picking interface"},
        {"impact": "changed", "where": "/payload/nodes/2/rate", "text": "the rate limit goes from 10 to 25 a second"},
        {"impact": "added", "where": "/payload/idempotency", "text": "sends an idempotency key"},
    ],
    "diff": {"before": BEFORE, "after": AFTER, "before_name": "1.0.0, live", "after_name": "2.0.0"},
    "payload": AFTER,
    "payload_redacted": "",
    "checks": [
        {"name": "Breaking change has a migration plan", "status": "failed", "detail": "Two consumers have no agreed date: Treasury, Reporting."},
        {"name": "Owner and deputy are named", "status": "passed", "detail": "Fulfilment team."},
        {"name": "Payload fits the engine's schema", "status": "passed", "detail": "4 nodes, all types known to the runtime.", "evidence_url": "/e", "evidence_name": "Findings"},
        {"name": "Load test evidence", "status": "expired", "detail": "Last run 11 August 2026."},
        {"name": "No freeze at the planned time", "status": "running", "detail": "Started a moment ago."},
    ],
    "requirements": [
        {"name": "Board approval", "kind": "quorum", "status": "pending", "have": 1, "needed": 2, "detail": "By people who did not contribute.", "who_can_unblock": "Mara Lindqvist, Piotr Nowak", "next_change_at": NOW + timedelta(hours=20), "rule": "default/board"},
        {"name": "All checks pass", "kind": "check", "status": "blocked", "detail": "1 of 5 failed.", "who_can_unblock": "Samir Iyer, by agreeing dates with Treasury and Reporting", "rule": "default/checks"},
        {"name": "Owning team agrees", "kind": "quorum", "status": "satisfied", "have": 1, "needed": 1, "who_can_unblock": "", "rule": "default/owner"},
    ],
    "verdict": {"ready": False, "sentence": "Blocked: one more board approval by Mara Lindqvist or Piotr Nowak, and a migration plan for two consumers."},
    "votes": [
        {"person": "Ada Okafor", "value": "approve", "at": ago(hours=3), "note": "Read the mapping with the warehouse team.", "counts": True},
        {"person": "Piotr Nowak", "value": "request_changes", "at": ago(hours=26), "note": "Say how consumers migrate.", "counts": False, "why_not": "cast on an earlier content"},
    ],
    "targets": [
        {"environment": "production", "runtime": "Node-RED, Hamburg", "current_version": "1.0.0", "deployment_state": None},
        {"environment": "production", "runtime": "Node-RED, Gdańsk", "current_version": None, "deployment_state": "verifying", "deployment_url": "/deployments/1"},
    ],
    "entries": ENTRIES,
    "may_vote": True, "why_not_vote": "", "may_withdraw": False, "my_vote": None, "note": "", "note_error": "", "evidence_url": "/e",
}
CHANGE_MOVED = {
    **CHANGE,
    "moved": {"shown_digest": OLD, "changes": [{"impact": "changed", "where": "/payload/nodes/2/rate", "text": "the rate limit went from 20 to 25 a second"}], "at": ago(minutes=4), "by": "Samir Iyer"},
    "note": "Fine with me.", "note_error": "A note is needed to reject.", "my_vote": {"value": "approve", "at": ago(hours=1)},
}
CHANGE_CLOSED = {
    **CHANGE,
    "change": {**CHANGE["change"], "state": "completed", "is_open": False, "is_votable": False, "closed_at": ago(minutes=5), "closed_because": "Delivered to 2 of 2 slots, proven by their own evidence."},
    "may_vote": False, "verdict": {"ready": True, "sentence": "Nothing is missing: every requirement was met when it was sent."},
    "words": [], "votes": [], "checks": [], "diff": {"before": BEFORE, "after": BEFORE, "before_name": "1.0.0", "after_name": "1.0.1"}, "payload": None, "payload_redacted": "The payload is shown to the owning team, eligible voters and auditors.",
}
CHANGE_MINE = {**CHANGE, "may_vote": False, "why_not_vote": "You asked for this change; whoever asks or contributes has no vote on it.", "may_withdraw": True}


class RequestForm(forms.Form):
    release = forms.ChoiceField(label="Release", choices=[("1", "Orders → Warehouse 2.0.0"), ("2", "Orders → Warehouse 1.1.0")])
    targets = forms.MultipleChoiceField(
        label="Where it should run", help_text="Each becomes one slot.", widget=forms.CheckboxSelectMultiple, choices=[("a", "production on Node-RED, Hamburg"), ("b", "staging on Reference agent")]
    )
    reason = forms.CharField(label="Reason", help_text="One or two sentences the board reads first.", widget=forms.Textarea(attrs={"rows": 4}))


class IntegrationForm(forms.Form):
    title = forms.CharField(label="Title", help_text="Source → target, in words people use.")
    slug = forms.SlugField(label="Slug", help_text="Lower-case letters, digits and hyphens; part of its address for ever.")
    team = forms.ChoiceField(label="Owning team", choices=[("f", "Fulfilment")])
    tier = forms.ChoiceField(label="Tier", choices=[("1", "1, critical")])
    restricted = forms.BooleanField(label="Restricted", required=False, help_text="Seen by the owning team and those it is shared with only.")
    purpose = forms.CharField(label="Purpose", widget=forms.Textarea(attrs={"rows": 3}), required=False)


class EndpointForm(forms.Form):
    system = forms.ChoiceField(label="System", choices=[("", ""), ("shop", "Shop"), ("wms", "Warehouse")])
    role = forms.ChoiceField(label="Role", choices=[("source", "Source"), ("target", "Target")])
    data_object = forms.ChoiceField(label="Data object", choices=[("order", "Order")], required=False)
    address = forms.CharField(label="Address", required=False)


class ReleaseForm(forms.Form):
    version = forms.CharField(label="Version", help_text="Semantic, such as 1.2.0.")
    manifest = forms.CharField(label="Manifest (JSON)", widget=forms.Textarea, required=False)
    manifest_file = forms.FileField(label="Or a file", required=False, help_text="At most 1 MiB. Wins over the text above.")
    notes = forms.CharField(label="Notes", widget=forms.Textarea(attrs={"rows": 3}), required=False)


_FACTS = [("requested", "done", 9), ("accepted", "done", 8), ("recorded", "done", 6), ("started", "now", None), ("proven", "waiting", None)]
DEPLOYMENT = {
    "now": NOW,
    "deployment": {
        "integration": "Orders → Warehouse", "integration_url": "/integrations/orders", "environment": "production", "runtime": "Node-RED, Hamburg", "runtime_url": "/runtimes/x", "version": "2.0.0", "digest": NEW,
        "generation": 2, "state": "verifying", "reason": "", "cause": "change", "change_number": 2071, "change_url": "/reviews/2071", "is_moving": True, "next_check_at": NOW + timedelta(seconds=20),
        "next_check_why": "3 of 5 good runs seen", "unblock": "", "note": "",
    },
    "facts": [{"key": key, "status": status, "at": ago(seconds=s) if s else None} for key, status, s in _FACTS],
    "attempts": [
        {"n": 2, "at": ago(seconds=9), "ended_at": ago(seconds=7.6), "outcome": "applied", "evidence": {"status": 204, "rev": "1f3a", "idempotency_key": "8a0d"}},
        {"n": 1, "at": ago(seconds=40), "ended_at": ago(seconds=10), "outcome": "unknown", "error": "The connection was reset after the bytes had left; read back before trying again.", "evidence": None},
    ],
    "desired": {"digest": NEW, "version": "2.0.0", "generation": 2, "at": ago(seconds=50)},
    "observed": {"digest": NEW, "generation": 2, "native_revision": "f1e2d3c4b5a697", "at": ago(seconds=6), "source": "admin API"},
    "drift": {"state": "in_sync", "detail": "Our tab and its content hash are there; 4 other tabs were not touched."},
    "health": {"state": "unknown", "reason": "3 good runs of this digest so far; 5 are needed.", "since": ago(seconds=20), "expected": "A run every 5 seconds."},
    "gate": {"sentence": "Proven after 5 good runs and 30 s of soak; otherwise 1.0.0 comes back by itself.", "passed": False},
    "entries": ENTRIES,
}
DEPLOYMENT_FAILED = {
    **DEPLOYMENT,
    "deployment": {**DEPLOYMENT["deployment"], "state": "halted", "is_moving": False, "reason": "12 attempts in 24 hours.", "unblock": "An operator can retry from the runtime's page, or an owner can ask for another release.", "note": "This runtime cannot say whether a flow has started."},
    "facts": [{"key": k, "status": s, "at": ago(seconds=9) if s == "done" else None} for k, s in [("requested", "done"), ("accepted", "failed"), ("recorded", "waiting"), ("started", "absent"), ("proven", "waiting")]],
    "attempts": [], "observed": None, "drift": {"state": "missing"}, "health": {"state": "silent", "reason": "Nothing was reported."}, "gate": None,
}
INTEGRATION = {
    "now": NOW,
    "integration": {"title": "Orders → Warehouse", "slug": "orders-to-warehouse", "purpose": "Turns paid orders into picking lists within a minute.", "stage": "live", "tier": "1", "type": "Event flow", "visibility": "everyone signed in", "created_at": ago(days=240), "health": "degraded"},
    "owners": [{"role": "Owning team", "name": "Fulfilment"}, {"role": "Lead", "name": "Lena Fischer"}],
    "endpoints": [
        {"system": "Shop", "data_object": "Order", "role": "source", "operation": "subscribe", "address": "https://shop.example/events/orders"},
        {"system": "Warehouse", "data_object": "Picking list", "role": "target", "operation": "create", "address": "", "redacted": True},
    ],
    "releases": [
        {"version": "2.0.0", "digest": NEW, "at": ago(days=1), "by": "Samir Iyer", "is_live_in": [], "request_url": "/reviews/new"},
        {"version": "1.0.0", "digest": OLD, "at": ago(days=90), "by": "Lena Fischer", "is_live_in": ["production", "staging"], "request_url": "", "identical_to": "0.9.0"},
    ],
    "documents": [{"title": "Runbook", "kind": "runbook", "body": "# When it fails\n\n1. Look at the **warehouse** status page.\n2. Replay with `replay --since 1h`.\n\n| code | meaning |\n|---|---|\n| 409 | already picked |\n\n<script>alert(1)</script> [call](https://example.org)", "at": ago(days=30), "by": "Lena Fischer"}],
    "live": [
        {"environment": "production", "runtime": "Node-RED, Hamburg", "version": "1.0.0", "digest": OLD, "health": "degraded", "reason": "one run in ten is retried", "since": ago(hours=5), "deployment_url": "/deployments/1", "last_report_at": ago(seconds=12), "expected": "a run every minute"},
        {"environment": "staging", "runtime": "Reference agent", "version": "1.0.0", "digest": OLD, "health": "unknown", "reason": "", "since": ago(hours=5), "deployment_url": "/deployments/2", "last_report_at": None},
    ],
    "health_chart": RUNS,
    "changes": [{"number": 2071, "title": "2.0.0 into production", "state": "open", "at": ago(hours=28), "by": "Samir Iyer", "url": "/reviews/2071"}],
    "entries": ENTRIES, "may_edit": True, "may_release": True, "may_request": True,
}
INTEGRATIONS = {
    "now": NOW, "filters": {"q": "", "team": "f", "stage": "", "tier": "", "system": "", "health": ""},
    "choices": {"team": [("f", "Fulfilment")], "system": [("s", "Shop")], "stage": [("live", "Live")], "tier": [("1", "1")], "health": [("failing", "Failing")]},
    "rows": [
        {"title": "Orders → Warehouse", "url": "/integrations/a", "team": "Fulfilment", "stage": "live", "tier": "1", "systems": ["Shop", "Warehouse"], "health": "degraded", "releases": [{"environment": "production", "version": "1.0.0"}, {"environment": "staging", "version": "2.0.0"}]},
        {"title": "HR → Payroll", "url": "/integrations/b", "team": "People", "stage": "deprecated", "tier": "2", "systems": ["HR", "Payroll"], "health": "silent", "releases": [{"environment": "production", "version": "4.2.0"}]},
        {"title": "Product texts → Translation", "url": "/integrations/c", "team": "Content", "stage": "proposed", "tier": "3", "systems": ["PIM", "Translation"], "health": "unknown", "releases": []},
    ],
    "next_cursor": "n", "is_filtered": True, "can_register": True,
}
DEPLOYMENTS = {
    "now": NOW, "filters": {"integration": "", "environment": "", "state": ""}, "choices": {"environment": [("p", "production")], "state": [("halted", "Halted")]},
    "rows": [
        {"url": "/deployments/1", "integration": "Orders → Warehouse", "environment": "production", "runtime": "Node-RED, Hamburg", "version": "2.0.0", "digest": NEW, "generation": 2, "state": "verifying", "fact": "started", "at": ago(seconds=40), "next_check_at": NOW + timedelta(seconds=20)},
        {"url": "/deployments/2", "integration": "HR → Payroll", "environment": "production", "runtime": "Agent", "version": "4.2.0", "digest": OLD, "generation": 9, "state": "halted", "reason": "12 attempts in 24 hours", "fact": "requested", "at": ago(hours=4)},
        {"url": "/deployments/3", "integration": "KYC → Core banking", "environment": "staging", "runtime": "Agent", "version": "1.4.2", "digest": OLD, "generation": 3, "state": "succeeded", "fact": "proven", "at": ago(days=4)},
    ],
    "next_cursor": None, "is_filtered": False,
}
RUNTIMES = {
    "now": NOW,
    "rows": [
        {"title": "Node-RED, Hamburg", "url": "/runtimes/nr", "kind": "node-red", "mode": "push", "environments": ["production"], "state": "connected", "last_seen_at": ago(seconds=8), "slots": 42, "drifted": 1, "unmanaged": 4},
        {"title": "Reference agent", "url": "/runtimes/ra", "kind": "agent", "mode": "pull", "environments": ["staging", "production"], "state": "silent", "last_seen_at": ago(hours=2), "slots": 7, "drifted": 0, "unmanaged": 0, "reason": "polls every 5 s, last seen 2 hours ago"},
    ],
}
RUNTIME = {
    "now": NOW,
    "runtime": {"title": "Node-RED, Hamburg", "slug": "nr", "kind": "node-red", "mode": "push", "adapter": "node_red", "adapter_version": "1.0", "version": "4.1.1", "state": "connected", "reason": "", "last_seen_at": ago(seconds=8), "environments": ["production"], "address": "http://127.0.0.1:1880", "clock_offset": "0.2 s"},
    "abilities": [{"name": "Reads back content", "has": True, "meaning": "Recorded means the content hash matched."}, {"name": "Says whether a flow started", "has": False, "meaning": "Started is taken from the first run."}],
    "slots": [{"integration": "Orders → Warehouse", "url": "/deployments/1", "environment": "production", "version": "2.0.0", "generation": 2, "desired_digest": NEW, "drift": "drifted", "deployment_state": "verifying", "health": "unknown"}],
    "unmanaged": [{"name": "tab “Flow 1”", "seen_at": ago(hours=3), "detail": "12 nodes, not made by Portolan"}],
    "entries": ENTRIES,
}
LOG = {
    "now": NOW, "filters": {"verb": "", "actor": "", "subject": "", "outcome": ""}, "choices": {"outcome": [("deny", "Refused")]}, "pending": 2,
    "checkpoint": {"origin": "portolan.local/log", "size": 4188, "root": "sha256:" + "ab12" * 16, "at": ago(seconds=4), "key_id": "9a2b77c1", "verify_command": "python audit/verify.py pack.zip --retained head.txt", "download_url": "/audit/log/checkpoint"},
    "rows": [
        {"index": None, "id": "1", "url": "/log/1", "at": ago(seconds=2), "verb": "governance.vote.cast", "outcome": "allow", "actor": "Ada Okafor", "subject": "CR-2071", "subject_url": "/reviews/2071"},
        {"index": 4187, "id": "2", "url": "/log/2", "at": ago(seconds=60), "verb": "governance.vote.refused", "outcome": "deny", "actor": "Samir Iyer", "subject": "CR-2071", "subject_url": "/reviews/2071"},
        {"index": 4186, "id": "3", "url": "/log/3", "at": ago(seconds=90), "verb": "runtime.attempt.made", "outcome": "error", "actor": "worker", "subject": "slot 019a"},
    ],
    "next_cursor": "c", "is_filtered": False,
}
EVENT = {
    "now": NOW,
    "event": {"id": "019a8f0e-3a1c-7c1e-9a35-0d6b2c5f1a77", "index": 4187, "verb": "governance.vote.cast", "at": ago(seconds=60), "outcome": "allow", "actor": "Ada Okafor", "subject": "CR-2071", "subject_url": "/reviews/2071", "request_id": "0f3a2b", "leaf": {"v": 1, "id": "019a8f0e", "verb": "governance.vote.cast", "facts": {"digest": NEW, "choice": "approve"}, "commitments": {"reason": "sha256:" + "7" * 64}}, "leaf_hash": "sha256:" + "c0ffee00" * 8, "previous_url": "/log/1", "next_url": "/log/3"},
    "proof": {"tree_size": 4188, "root": "sha256:" + "ab12" * 16, "steps": [{"side": "left", "hash": OLD, "result": NEW}, {"side": "right", "hash": NEW, "result": "sha256:" + "ab12" * 16}], "verify_command": "python audit/verify.py event.zip"},
    "disclosures": [{"name": "reason", "text": "Read the mapping with the warehouse team.", "matches": True, "erased": False, "redacted": False}, {"name": "address", "matches": None, "erased": True, "redacted": False}],
}


def _formset(extra: int) -> Any:
    return forms.formset_factory(EndpointForm, extra=extra)(prefix="endpoints")


def _bad_request_form() -> forms.Form:
    return RequestForm(data={"release": "9"})


PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "home": ("portal/home.html", HOME),
    "home-empty": ("portal/home.html", HOME_EMPTY),
    "inbox": ("portal/reviews/inbox.html", INBOX),
    "inbox-all": ("portal/reviews/inbox.html", INBOX_ALL),
    "inbox-empty": ("portal/reviews/inbox.html", INBOX_EMPTY),
    "change": ("portal/reviews/change.html", CHANGE),
    "change-moved": ("portal/reviews/change.html", CHANGE_MOVED),
    "change-closed": ("portal/reviews/change.html", CHANGE_CLOSED),
    "change-mine": ("portal/reviews/change.html", CHANGE_MINE),
    "change-new": ("portal/reviews/new.html", {"now": NOW, "form": RequestForm(), "can_preview": True, "preview": {"verdict": "Needs two board approvals.", "requirements": CHANGE["requirements"]}}),
    "change-new-errors": ("portal/reviews/new.html", {"now": NOW, "form": _bad_request_form(), "extra_errors": ["Nobody is left to vote once contributors are excluded."]}),
    "integrations": ("portal/catalog/integrations.html", INTEGRATIONS),
    "integrations-empty": ("portal/catalog/integrations.html", {**INTEGRATIONS, "rows": [], "is_filtered": False, "next_cursor": None}),
    "integration": ("portal/catalog/integration.html", INTEGRATION),
    "integration-empty": ("portal/catalog/integration.html", {**INTEGRATION, "endpoints": [], "releases": [], "documents": [], "live": [], "health_chart": None, "changes": [], "entries": []}),
    "integration-form": ("portal/catalog/integration_form.html", {"now": NOW, "form": IntegrationForm(), "endpoints": _formset(2), "is_new": True}),
    "release-form": ("portal/catalog/release_form.html", {"now": NOW, "integration": {"title": "Orders → Warehouse", "slug": "o", "url": "/integrations/o"}, "form": ReleaseForm(initial={"manifest": BEFORE}), "latest": {"version": "1.0.0", "digest": OLD, "at": ago(days=90)}}),
    "deployments": ("portal/delivery/deployments.html", DEPLOYMENTS),
    "deployments-empty": ("portal/delivery/deployments.html", {**DEPLOYMENTS, "rows": []}),
    "deployment": ("portal/delivery/deployment.html", DEPLOYMENT),
    "deployment-halted": ("portal/delivery/deployment.html", DEPLOYMENT_FAILED),
    "runtimes": ("portal/runtimes/runtimes.html", RUNTIMES),
    "runtimes-empty": ("portal/runtimes/runtimes.html", {**RUNTIMES, "rows": []}),
    "runtime": ("portal/runtimes/runtime.html", RUNTIME),
    "log": ("portal/audit/log.html", LOG),
    "log-empty": ("portal/audit/log.html", {**LOG, "rows": [], "checkpoint": None, "next_cursor": None}),
    "event": ("portal/audit/event.html", EVENT),
    "event-pending": ("portal/audit/event.html", {**EVENT, "proof": None, "disclosures": [], "event": {**EVENT["event"], "index": None}}),
    "error": ("portal/errors/error.html", {"status": 404, "title": "There is nothing here for you", "detail": "Either nothing has this address, or it is not visible to your account.", "next_step": "Search for it, or ask its owning team for access.", "request_id": "0f3a2b77"}),
    "sign-in": ("account/login.html", {}),
    "totp": ("mfa/totp/activate_form.html", {}),
    "mfa": ("mfa/index.html", {"authenticators": {}, "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"]}),
    "mfa-sign-in": ("mfa/authenticate.html", {"MFA_SUPPORTED_TYPES": ["totp", "webauthn"]}),
    "recovery-codes": ("mfa/recovery_codes/index.html", {"unused_codes": ["8f2a9c31", "77ab10ce", "01fe9d22"], "total_count": 10, "can_view_codes": True, "can_download_codes": True, "can_generate_codes": True}),
    "password": ("account/password_change.html", {}),
    "sign-out": ("account/logout.html", {}),
}
