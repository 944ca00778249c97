"""A Node-RED that answers as the recorded one did, and misbehaves on demand.

What it does right is checked against the recordings and against Node-RED itself; what it does wrong is one `fault`
taken from `faults`, each used once, in order.
"""

import hashlib
import json
import threading
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from runtime_adapters.adapters.node_red.js_json import dumps

TOKEN = "static-deploy-token"
HANG_S = 30
NODE_TYPES = [
    "inject", "debug", "complete", "catch", "status", "link in", "link call", "link out", "comment", "function", "switch", "change",
    "range", "template", "delay", "trigger", "exec", "rbe", "http in", "http response", "http request", "csv", "html", "json", "xml",
    "yaml", "file", "file in", "split", "join", "sort", "batch", "junction", "tcp in", "tcp out", "mqtt in", "mqtt out", "mqtt-broker",
]  # fmt: skip
HTML = b'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n<body>\n<pre>Error</pre>\n'


class FakeNodeRed:
    """`with FakeNodeRed() as runtime:`; `runtime.stored` is what it holds, `runtime.effects` counts real changes."""

    def __init__(self, *, token: str | None = TOKEN, version: str = "4.1.15") -> None:
        self.token, self.version = token, version
        self.stored: list[dict[str, Any]] = []
        self.credentials: dict[str, Any] = {}
        self.state = "start"
        self.effects = 0
        self.seen: list[tuple[str, str]] = []
        self.faults: list[tuple[str, str, str]] = []
        self.release = threading.Event()
        self.lock = threading.RLock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.base_url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()

    def fail(self, method: str, path: str, how: str, times: int = 1) -> None:
        """Misbehave `times` times on the next such calls: a status number or one of the words in `_Handler.misbehave`."""
        self.faults += [(method, path, how)] * times

    def take_fault(self, method: str, path: str) -> str | None:
        with self.lock:
            for fault in self.faults:
                if fault[:2] == (method, path):
                    self.faults.remove(fault)
                    return fault[2]
        return None

    @property
    def rev(self) -> str:
        return hashlib.sha256(dumps(self.stored).encode()).hexdigest()

    def put(self, flows: list[dict[str, Any]]) -> None:
        """Store a configuration; credentials are kept apart and never come back."""
        for node in flows:
            if "credentials" in node:
                self.credentials[node["id"]] = node["credentials"]
        self.stored = [{key: value for key, value in node.items() if key != "credentials"} for node in flows]
        self.effects += 1

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, Any]:
        """Return (status, JSON value | HTML bytes | None) as recorded."""
        if path == "/auth/login":
            return 200, {"type": "credentials", "prompts": []} if self.token else {}
        if self.token and headers.get("Authorization") != f"Bearer {self.token}":
            return 401, b"Unauthorized"
        routes = {
            ("GET", "/flows"): lambda: self._get_flows(headers),
            ("POST", "/flows"): lambda: self._post_flows(headers, body),
            ("GET", "/flows/state"): lambda: (200, {"state": self.state}),
            ("POST", "/flows/state"): lambda: self._set_state(body),
            ("GET", "/settings"): lambda: (200, {"httpNodeRoot": "/", "version": self.version}),
            ("GET", "/diagnostics"): self._diagnostics,
            ("GET", "/nodes"): self._nodes,
        }
        route = routes.get((method, path))
        return route() if route else (404, HTML)

    def _get_flows(self, headers: Any) -> tuple[int, Any]:
        version = headers.get("Node-RED-API-Version", "v1")
        if version == "v1":
            return 200, self.stored
        if version != "v2":
            return 400, {"code": "invalid_api_version", "message": "Invalid API Version requested"}
        return 200, {"flows": self.stored, "rev": self.rev}

    def _post_flows(self, headers: Any, body: bytes) -> tuple[int, Any]:
        if len(body) > 5_000_000:
            return 413, HTML
        try:
            given = json.loads(body)
        except ValueError:
            return 400, HTML
        if not isinstance(given, dict) or not isinstance(given.get("flows"), list):
            return 400, {"code": "unexpected_error", "message": "Cannot read properties of undefined (reading 'forEach')"}
        with self.lock:
            if headers.get("Node-RED-Deployment-Type") == "reload":
                return 200, {"rev": self.rev}
            if "rev" in given and given["rev"] != self.rev:
                return 409, {"code": "version_mismatch", "message": "Error"}
            self.put(given["flows"])
            return 200, {"rev": self.rev}

    def _set_state(self, body: bytes) -> tuple[int, Any]:
        wanted = json.loads(body).get("state")
        if wanted not in {"start", "stop", "safe"}:
            return 400, {"code": "invalid_run_state", "message": f"Cannot change flows runtime state to '{wanted}'}}"}
        self.state = wanted
        return 200, {"state": wanted}

    def _diagnostics(self) -> tuple[int, Any]:
        flows = {"state": self.state, "started": self.state == "start"}
        return 200, {
            "report": "diagnostics",
            "time": {"utc": formatdate(usegmt=True)},
            "runtime": {"version": self.version, "flows": flows},
        }

    def _nodes(self) -> tuple[int, Any]:
        base = {"enabled": True, "local": False, "user": False, "module": "node-red", "version": self.version}
        return 200, [{"id": f"node-red/{name}", "name": name, "types": [name], **base} for name in NODE_TYPES]


def _handler(fake: FakeNodeRed) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_args: object) -> None:
            """Keep the test output quiet."""

        def do_GET(self) -> None:
            self._serve(b"")

        def do_POST(self) -> None:
            self._serve(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

        def _serve(self, body: bytes) -> None:
            fake.seen.append((self.command, self.path))
            how = fake.take_fault(self.command, self.path)
            if how is None:
                self._reply(*fake.answer(self.command, self.path, self.headers, body))
            elif how.isdigit():
                self._reply(int(how), {"code": "unexpected_error", "message": "static-deploy-token leaks here"})
            else:
                self._misbehave(how, body)

        def _misbehave(self, how: str, body: bytes) -> None:
            if how.startswith(("then-", "ignore")):
                status, value = (200, {"rev": fake.rev}) if how == "ignore" else fake.answer(self.command, self.path, self.headers, body)
                how = how.removeprefix("then-")
                if how == "ignore":
                    self._reply(status, value)
                    return
            if how == "reset":
                self.close_connection = True
                self.connection.close()
            elif how == "hang":
                fake.release.wait(HANG_S)
                self.close_connection = True
            elif how == "html":
                self._reply(200, HTML)
            elif how == "bad-json":
                self._raw(200, b'{"flows": [')
            elif how == "wrong-shape":
                self._reply(200, ["unexpected"])
            elif how == "huge":
                self._huge()
            elif how == "save-failure":
                self._reply(400, {"code": "EPERM", "message": "EPERM: operation not permitted, unlink '/srv/fixture/.flows.json.backup'"})
            elif how == "retry-after":
                self._raw(429, b"{}", {"Retry-After": "7"})
            elif how == "someone-else":
                fake.put([*fake.stored, {"id": f"human{fake.effects:011d}", "type": "tab", "label": "by hand"}])
                self._reply(*fake.answer(self.command, self.path, self.headers, body))

        def _reply(self, status: int, value: Any) -> None:
            if isinstance(value, bytes):
                self._raw(status, value, {"Content-Type": "text/html; charset=utf-8"})
            else:
                self._raw(status, b"" if value is None else dumps(value).encode())

        def _raw(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json; charset=utf-8", **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _huge(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(10**12))
            self.end_headers()
            chunk = b" " * 1_048_576
            try:
                for _ in range(200):
                    self.wfile.write(chunk)
            except OSError:
                pass
            self.close_connection = True

    return Handler
