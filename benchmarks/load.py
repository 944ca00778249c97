"""A small client: so many keep-alive connections, each sending its next request as soon as it has its answer."""

import socket
import threading
from collections.abc import Collection, Generator, Mapping
from dataclasses import dataclass, field
from time import perf_counter

TIMEOUT_S = 120  # an export of everything


@dataclass(frozen=True, slots=True)
class Request:
    """One request, for the wire and for Django's test client alike."""

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def wire(self) -> bytes:
        """HTTP/1.1, keep-alive."""
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in self.headers.items())]
        if self.body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(self.body)}"]
        elif self.method != "GET":
            lines.append("Content-Length: 0")
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, headers in lower case, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


# Gives requests and is sent the reply to each; ends when it has no more.
Lane = Generator[Request, Reply, None]


@dataclass(slots=True)
class Load:
    """What a drive showed. `latencies_s` of every answered request; `odd`: an answer that was not expected, if any."""

    latencies_s: list[float] = field(default_factory=list)
    errors: int = 0
    seconds: float = 0.0
    odd: str = ""

    @property
    def requests(self) -> int:
        return len(self.latencies_s)

    def percentile_ms(self, share: float) -> float:
        """The latency below which `share` of the requests lie, in milliseconds."""
        ordered = sorted(self.latencies_s)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else 0.0


class Connection:
    """One connection and the lane that it drives."""

    def __init__(self, port: int, lane: Lane) -> None:
        self._port, self._lane = port, lane
        self._socket: socket.socket | None = None
        self._next: Request | None = next(lane, None)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def drive(self, expected: Collection[int], *, until: float, most: int) -> Load:
        """Send until the moment `until`, `most` requests, or the end of the lane."""
        load = Load()
        while self._next is not None and load.requests < most and perf_counter() < until:
            sent = perf_counter()
            try:
                reply = self._exchange(self._next)
            except OSError as error:
                self.close()
                reply = Reply(0, {}, repr(error).encode())
            load.latencies_s.append(perf_counter() - sent)
            if reply.status not in expected:
                load.errors += 1
                load.odd = f"{self._next.method} {self._next.path[:80]}: {reply.status} {reply.body[:300].decode(errors='replace')}"
            try:
                self._next = self._lane.send(reply)
            except StopIteration:
                self._next = None
        return load

    def _exchange(self, request: Request) -> Reply:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), TIMEOUT_S)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request.wire())
        head, _, rest = self._read_until(b"\r\n\r\n").partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        code = int(status.split(" ", 2)[1])
        if headers.get("transfer-encoding") == "chunked":
            body = self._chunks(bytearray(rest))
        else:
            body = self._more(bytearray(rest), 0 if code in {204, 304} else int(headers["content-length"]))
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Reply(code, headers, bytes(body))

    def _more(self, found: bytearray, length: int) -> bytearray:
        """What was read already and what is missing of so many bytes."""
        while len(found) < length:
            found += self._read()
        return found

    def _chunks(self, found: bytearray) -> bytearray:
        """A body in chunks: each its size in hexadecimal, a line break, as many bytes, a line break; the last is empty."""
        body = bytearray()
        while True:
            while b"\r\n" not in found:
                found += self._read()
            size, _, found = found.partition(b"\r\n")
            length = int(size, 16)
            found = self._more(found, length + 2)
            body += found[:length]
            del found[: length + 2]
            if not length:
                return body

    def _read_until(self, mark: bytes) -> bytes:
        found = bytearray()
        while mark not in found:
            found += self._read()
        return bytes(found)

    def _read(self) -> bytes:
        assert self._socket is not None
        data = self._socket.recv(262_144)
        if not data:
            raise ConnectionResetError("the server closed the connection")
        return data


def drive(connections: Collection[Connection], expected: Collection[int], *, seconds: float, most: int = 10**9) -> Load:
    """All connections at once, for so many seconds or `most` requests on each."""
    started = perf_counter()
    loads: list[Load] = []
    threads = [
        threading.Thread(target=lambda c=connection: loads.append(c.drive(expected, until=started + seconds, most=most)))
        for connection in connections
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    merged = Load(seconds=perf_counter() - started)
    for load in loads:
        merged.latencies_s += load.latencies_s
        merged.errors += load.errors
        merged.odd = merged.odd or load.odd
    return merged
