"""The server side that an agent sees: signed desired state, observations, health reports; and its bad days."""

import base64
import hashlib
import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

TYPE = "application/vnd.portolan.desired+json"
TOKEN = "runtime-token"


class FakeControlPlane:
    """`put` what should run; `observations` and `reports` are what came back. `down` is a status to answer instead."""

    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.generate()
        self.slots: dict[str, dict[str, Any]] = {}
        self.observations: list[dict[str, Any]] = []
        self.reports: list[dict[str, Any]] = []
        self.statuses: list[int] = []
        self.down: int | None = None
        self.log_head: str | None = None
        self.not_after = datetime.now(UTC) + timedelta(hours=1)
        self.spoil = lambda envelope: envelope
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def put(self, slot: str, *, n: int = 1, timeline: int = 1, digest: str | None = None, state: str = "present", **more: Any) -> None:
        self.slots[slot] = {
            "slot": slot,
            "integration": "orders-to-erp",
            "environment": "production",
            "generation": {"timeline": timeline, "n": n},
            "digest": digest or f"sha256:{n:064x}",
            "state": state,
            "payload": {"flow": {"kind": "other"}, "n": n},
            "payload_digest": None,
            "not_after": None,
            "revoked": False,
            **more,
        }

    def last(self, slot: str) -> dict[str, Any] | None:
        return next((seen for seen in reversed(self.observations) if seen["slot"] == slot), None)

    def desired(self) -> tuple[str, bytes]:
        """Return the entity tag and the signed envelope."""
        desired = {
            "runtime": "files",
            "issued_at": datetime.now(UTC).isoformat(),
            "not_after": self.not_after.isoformat(),
            "log_head": self.log_head,
            "slots": list(self.slots.values()),
        }
        payload = json.dumps(desired).encode()
        public = self.key.public_key().public_bytes_raw()
        signed = self.key.sign(b"DSSEv1 %d %s %d %s" % (len(TYPE), TYPE.encode(), len(payload), payload))
        envelope = {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": TYPE,
            "signatures": [{"keyid": hashlib.sha256(public).hexdigest(), "sig": base64.b64encode(signed).decode()}],
        }
        tag = hashlib.sha256(json.dumps([desired["slots"], self.log_head, public.hex()]).encode()).hexdigest()
        return f'"{tag}"', json.dumps(self.spoil(envelope)).encode()


def _handler(plane: FakeControlPlane) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_args: object) -> None:
            """Keep the test output quiet."""

        def do_GET(self) -> None:
            if self._refused():
                return
            if self.path == "/api/v1/runtime/key":
                self._reply(200, json.dumps({"public_key": base64.b64encode(plane.key.public_key().public_bytes_raw()).decode()}).encode())
                return
            tag, body = plane.desired()
            if self.headers.get("If-None-Match") == tag:
                self._reply(304, b"", tag)
            else:
                self._reply(200, body, tag)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self._refused():
                return
            if self.path == "/api/v1/runtime/observations":
                plane.observations += body["observations"]
            else:
                plane.reports += body["reports"]
            self._reply(200, b'{"accepted": 1, "duplicate": 0, "refused": []}')

        def _refused(self) -> bool:
            status = plane.down or (None if self.headers.get("Authorization") == f"Bearer {TOKEN}" else 401)
            if status:
                self._reply(status, b"{}")
            return bool(status)

        def _reply(self, status: int, body: bytes, tag: str | None = None) -> None:
            plane.statuses.append(status)
            self.send_response(status)
            if tag:
                self.send_header("ETag", tag)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
