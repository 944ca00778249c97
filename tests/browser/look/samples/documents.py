"""Documents in every state, their versions, and what a person was told."""

from types import SimpleNamespace

from portal.components.markdown import article
from portal.forms.documents import CompareForm, DocumentForm, VerifyForm

from .common import NOW, RUNBOOK, ago

TABS = [
    {"url": "/integrations/o", "label": "Overview", "is_current": False},
    {"url": "/integrations/o/documents", "label": "Documents", "is_current": True},
]
_BASE = {
    "section": "runbook",
    "title": "Runbook",
    "answers": "What to do when it fails, step by step.",
    "is_required": True,
    "state": "stale",
    "version": 12,
    "changed_at": ago(days=30),
    "verified_for": "1.0.0",
    "verified_at": ago(days=90),
    "verified_by": "Lena Fischer",
    "why": "2.0.0 runs in production; this was verified for 1.0.0. The text was changed since.",
    "next": "Read it against 2.0.0, mend what changed, then verify it.",
    "url": "/integrations/o/documents/runbook",
}
_FRESH = {
    **_BASE,
    "section": "overview",
    "title": "Overview",
    "state": "fresh",
    "verified_for": "10.20.30-release-candidate.4",
    "why": "Verified for 10.20.30-release-candidate.4; nothing newer counts.",
}
_OPEN = {
    **_BASE,
    "section": "support",
    "title": "Support",
    "state": "unverified",
    "verified_for": "",
    "verified_at": None,
    "verified_by": "",
    "why": "Nobody has said that it holds for a release.",
}
_MISSING = {
    **_OPEN,
    "section": "security",
    "title": "Security",
    "state": "missing",
    "version": None,
    "changed_at": None,
    "why": "Its tier asks for this section, and nobody wrote it.",
}
_UNWRITTEN = {**_MISSING, "section": "glossary", "title": "Glossary", "state": "unwritten", "is_required": False, "next": ""}
DOCUMENT_ROWS = [_FRESH, _BASE, _OPEN, _MISSING, _UNWRITTEN]
_CHOICES = [{"value": name, "label": name.capitalize(), "checked": name == "runbook"} for name in ("overview", "runbook", "support")]
_FRAME = {
    "now": NOW,
    "integration": {"title": "Orders → Warehouse", "slug": "orders-to-warehouse"},
    "tabs": TABS,
    "may_edit": True,
    "subscription": {"is_on": True, "choices": _CHOICES, "names": ["Runbook"]},
}
_LONG = RUNBOOK + "\n\n".join(f"{'#' * (1 + n % 3)} Part {n}: {'a heading that takes its time ' * (n % 3)}\n\nWords." for n in range(9))
_TOLD = article(_LONG)
DOCUMENTS = {**_FRAME, "rows": DOCUMENT_ROWS, "missing": [_MISSING], "stale": [_BASE]}
DOCUMENT = {
    **_FRAME,
    "document": _BASE,
    "body": _TOLD.html,
    "contents": _TOLD.contents,
    "verify_form": VerifyForm(releases=[("2.0.0", "2.0.0"), ("1.0.0", "1.0.0")]),
}
DOCUMENT_MISSING = {
    **_FRAME,
    "document": _MISSING,
    "body": "",
    "contents": [],
    "verify_form": None,
    "subscription": {"is_on": False, "choices": _CHOICES, "names": []},
}
DOCUMENT_EDIT = {
    **_FRAME,
    "section": "runbook",
    "title": "Runbook",
    "answers": _BASE["answers"],
    "document_form": DocumentForm(data={"section": "runbook", "body": ""}),
    "there": {"version": 13, "body": RUNBOOK},
    "cancel_url": "/integrations/o/documents/runbook",
}
_ABOUT = {**_FRAME, "document": {"section": "runbook", "title": "Runbook", "newest": 3}}
_VERSIONS = [
    {
        "number": number,
        "what": what,
        "is_verification": what.startswith("Verified"),
        "at": ago(days=40 - number),
        "by": "Lena Fischer",
        "url": "/integrations/o/documents/runbook/history/1",
        "diff_url": "" if what != "Changed" else "/integrations/o/documents/runbook/diff",
        "event_url": "/log/1",
    }
    for number, what in ((3, "Changed"), (2, "Verified for 1.0.0"), (1, "Written"))
]
DOCUMENT_HISTORY = {**_ABOUT, "rows": _VERSIONS, "next_cursor": "n", "form": CompareForm(initial={"old": 2, "new": 3})}
DOCUMENT_VERSION = {**_ABOUT, "version": _VERSIONS[0], "body": RUNBOOK, "is_newest": False}
DOCUMENT_DIFF = {
    **_ABOUT,
    "form": CompareForm(data={"old": 1, "new": 3}),
    "old": SimpleNamespace(version=1, body=RUNBOOK),
    "new": SimpleNamespace(version=3, body=RUNBOOK.replace("warehouse", "depot")),
}
NOTIFICATIONS = {
    "now": NOW,
    "only_unread": False,
    "next_cursor": "n",
    "rows": [
        {
            "id": number,
            "title": f"Lena Fischer changed the runbook of Orders → Warehouse{', which has a long name' * (number % 3)}",
            "detail": "Nobody else answers for it." if number == 2 else "",
            "url": "/integrations/o" if number else "",
            "at": ago(hours=number + 1),
            "is_read": number > 2,
            "integration": "Orders → Warehouse",
        }
        for number in range(5)
    ],
    "subscriptions": [{"title": "Orders → Warehouse", "slug": "o", "url": "/integrations/o/documents", "sections": "Runbook, Support"}],
}
NOTIFICATIONS_EMPTY = {**NOTIFICATIONS, "rows": [], "subscriptions": [], "next_cursor": None}
