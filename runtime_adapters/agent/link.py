"""The one connection the agent makes: HTTPS or HTTP to its server, with a token that is read anew each time."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ANSWER_LIMIT = 16 * 1024 * 1024


class LinkDown(Exception):
    """No usable answer now; try later. `after_s` is the server's wish, `status` its answer when there was one."""

    def __init__(self, detail: str, after_s: float | None = None, status: int | None = None) -> None:
        super().__init__(detail)
        self.after_s, self.status = after_s, status


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    etag: str | None
    body: bytes


class Link:
    """Calls under `/api/v1/runtime/`. Redirects are not followed: the token goes to one address only."""

    def __init__(self, url: str, token_file: Path, *, timeout_s: float = 5.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"not an address: {url}")
        self._parts, self._token_file, self._timeout_s = parts, token_file, timeout_s
        self._root = parts.path.rstrip("/") + "/api/v1/runtime/"

    def desired(self, etag: str | None) -> Answer:
        """GET the signed desired state; status 200 or 304."""
        return self._call("GET", "desired", None, {"If-None-Match": etag} if etag else {}, expected=(200, 304))

    def key(self) -> bytes:
        return self._call("GET", "key", None, {}, expected=(200,)).body

    def observations(self, observations: list[dict[str, Any]]) -> Answer:
        return self._call("POST", "observations", {"observations": observations}, {}, expected=(200, 201, 202, 204))

    def health(self, reports: list[dict[str, Any]]) -> Answer:
        return self._call("POST", "health-reports", {"reports": reports}, {}, expected=(200, 201, 202, 204))

    def _call(self, method: str, name: str, value: Any, headers: Mapping[str, str], *, expected: tuple[int, ...]) -> Answer:
        kind = http.client.HTTPSConnection if self._parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._parts.hostname or "", self._parts.port, timeout=self._timeout_s)
        body = None if value is None else json.dumps(value).encode()
        given = {"Accept": "application/json", "User-Agent": "portolan-agent/1.0", "Authorization": f"Bearer {self._token()}", **headers}
        if body is not None:
            given["Content-Type"] = "application/json"
        try:
            connection.request(method, self._root + name, body=body, headers=given)
            answer = connection.getresponse()
            whole = answer.read(ANSWER_LIMIT + 1)
        except (OSError, http.client.HTTPException) as error:
            raise LinkDown(f"{method} {name}: {type(error).__name__}") from error
        finally:
            connection.close()
        if len(whole) > ANSWER_LIMIT:
            raise LinkDown(f"{method} {name}: the answer is too large")
        if answer.status not in expected:
            raise LinkDown(
                f"{method} {name} answered {answer.status}{_code(whole)}", _seconds(answer.getheader("Retry-After")), answer.status
            )
        return Answer(answer.status, answer.getheader("ETag"), whole)

    def _token(self) -> str:
        try:
            token = self._token_file.read_text().strip()
        except OSError as error:
            raise LinkDown(f"the token file cannot be read: {type(error).__name__}") from error
        if not token or not token.isascii() or not token.isprintable():
            raise LinkDown("the token file holds no token")
        return token


def _code(body: bytes) -> str:
    """Return the short machine code of a problem document, for the log."""
    try:
        code = json.loads(body[:65536]).get("code", "")
    except (ValueError, AttributeError, RecursionError):
        return ""
    return f" ({code})" if isinstance(code, str) and code.isascii() and 0 < len(code) < 60 else ""


def _seconds(text: str | None) -> float | None:
    return min(float(text), 3600.0) if text and text.isascii() and text.isdigit() and len(text) < 8 else None
