"""The log explorer and one event."""

from .common import ADA, NEW, NOW, OLD, SAMIR, ago

LOG = {
    "now": NOW,
    "filters": {"verb": "", "actor": "", "subject": "", "outcome": ""},
    "choices": {"outcome": [("deny", "Refused")]},
    "pending": 2,
    "checkpoint": {
        "origin": "portolan.local/log",
        "size": 4188,
        "root": "sha256:" + "ab12" * 16,
        "at": ago(seconds=4),
        "key_id": "9a2b77c1",
        "verify_command": "python audit/verify.py pack.zip --retained head.txt",
        "download_url": "/audit/log/checkpoint",
    },
    "rows": [
        {
            "index": None,
            "id": "1",
            "url": "/log/1",
            "at": ago(seconds=2),
            "verb": "governance.vote.cast",
            "outcome": "allow",
            "actor": ADA,
            "subject": "CR-2071",
            "subject_url": "/reviews/2071",
        },
        {
            "index": 4187,
            "id": "2",
            "url": "/log/2",
            "at": ago(seconds=60),
            "verb": "governance.vote.refused",
            "outcome": "deny",
            "actor": SAMIR,
            "subject": "CR-2071",
            "subject_url": "/reviews/2071",
        },
        {
            "index": 4186,
            "id": "3",
            "url": "/log/3",
            "at": ago(seconds=90),
            "verb": "runtime.attempt.made",
            "outcome": "error",
            "actor": "worker",
            "subject": "slot 019a",
        },
    ],
    "next_cursor": "c",
    "is_filtered": False,
}
EVENT = {
    "now": NOW,
    "event": {
        "id": "019a8f0e-3a1c-7c1e-9a35-0d6b2c5f1a77",
        "index": 4187,
        "verb": "governance.vote.cast",
        "at": ago(seconds=60),
        "outcome": "allow",
        "actor": ADA,
        "subject": "CR-2071",
        "subject_url": "/reviews/2071",
        "request_id": "0f3a2b",
        "leaf": {
            "v": 1,
            "id": "019a8f0e",
            "verb": "governance.vote.cast",
            "facts": {"digest": NEW, "choice": "approve"},
            "commitments": {"reason": "sha256:" + "7" * 64},
        },
        "leaf_hash": "sha256:" + "c0ffee00" * 8,
        "previous_url": "/log/1",
        "next_url": "/log/3",
    },
    "proof": {
        "tree_size": 4188,
        "root": "sha256:" + "ab12" * 16,
        "steps": [{"side": "left", "hash": OLD, "result": NEW}, {"side": "right", "hash": NEW, "result": "sha256:" + "ab12" * 16}],
        "verify_command": "python audit/verify.py event.zip",
    },
    "disclosures": [
        {"name": "reason", "text": "Read the mapping with the warehouse team.", "matches": True, "erased": False, "redacted": False},
        {"name": "address", "matches": None, "erased": True, "redacted": False},
    ],
}
