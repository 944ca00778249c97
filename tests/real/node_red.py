"""A real Node-RED on a free loopback port, in a folder of its own, stopped by its process id."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parent.parent.parent
TOKEN = "static-deploy-token"
LIMITED_TOKEN = "static-limited-token"
START_LIMIT_S = 60
SETTINGS = """
module.exports = {
  uiHost: "127.0.0.1", uiPort: process.env.NR_PORT, flowFile: "flows.json",
  credentialSecret: "fixture-secret", disableEditor: true,
  diagnostics: {enabled: true, ui: false}, runtimeState: {enabled: true, ui: false}, telemetry: {enabled: false},
  editorTheme: {tours: false},
  externalModules: {palette: {allowInstall: false}, modules: {allowInstall: false}}, functionExternalModules: false,
  logging: {console: {level: "warn", metrics: false, audit: false}},
  adminAuth: {type: "credentials", users: [], tokens: function (token) {
    return Promise.resolve(
      token === process.env.NR_TOKEN ? {username: "deployer", permissions: "*"} :
      token === process.env.NR_LIMITED_TOKEN ? {username: "limited", permissions: ["flows.read", "diagnostics.read"]} : null);
  }},
};
"""


def installed() -> Path | None:
    """Return Node-RED's start script, from PORTOLAN_NODE_RED (a node_modules/node-red folder) or the cache; None without."""
    if shutil.which("node") is None:
        return None
    folder = Path(os.environ.get("PORTOLAN_NODE_RED") or ROOT / ".cache/node-red/node_modules/node-red")
    script = folder / "red.js"
    return script if script.is_file() else None


class RealNodeRed:
    """A context manager: `with RealNodeRed() as runtime: runtime.base_url`."""

    def __init__(self) -> None:
        self.port = _free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self._folder = Path(tempfile.mkdtemp(prefix="node-red-"))
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        (self._folder / "settings.js").write_text(SETTINGS)
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        script = installed()
        if script is None:
            raise RuntimeError("Node-RED is not installed: run tests/real/install_node_red.sh")
        environment = {**os.environ, "NR_PORT": str(self.port), "NR_TOKEN": TOKEN, "NR_LIMITED_TOKEN": LIMITED_TOKEN}
        command = ["node", str(script), "-s", str(self._folder / "settings.js"), "-u", str(self._folder)]
        log = (self._folder / "log").open("ab")
        with log:
            self._process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        self._wait()

    def stop(self, *, kill: bool = False) -> None:
        """End the process and wait for it; `kill` gives it no chance to write anything."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=15)
        self._process = None

    def flows(self) -> dict[str, object]:
        return json.loads(self.request("GET", "/flows")[1])

    def deploy(self, flows: list[dict[str, object]], kind: str = "full") -> None:
        """Store a whole configuration unconditionally, as a careless person would."""
        status, body = self.request("POST", "/flows", {"flows": flows}, {"Node-RED-Deployment-Type": kind})
        if status != 200:
            raise RuntimeError(f"deploy answered {status}: {body[:200]!r}")

    def request(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None, *, token: str | None = TOKEN
    ) -> tuple[int, bytes]:
        data = None if body is None else json.dumps(body).encode()
        given = {"Node-RED-API-Version": "v2", "Content-Type": "application/json", "Accept": "application/json", **(headers or {})}
        if token:
            given["Authorization"] = f"Bearer {token}"
        call = urllib.request.Request(self.base_url + path, data=data, method=method, headers=given)  # noqa: S310 - http on loopback
        try:
            with urllib.request.urlopen(call, timeout=20) as answer:  # noqa: S310
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def _wait(self) -> None:
        """Poll until the admin API answers, and with the flows that it has read from its disk and started."""
        assert self._process is not None
        end = time.monotonic() + START_LIMIT_S
        while time.monotonic() < end:
            if self._process.poll() is not None:
                break
            try:
                if self.request("GET", "/flows/state")[0] == 200 and self.flows():  # null until they are read
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise RuntimeError("Node-RED did not start: " + (self._folder / "log").read_text(errors="replace")[-2000:])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
