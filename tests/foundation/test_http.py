"""Calls reach only checked public addresses or places the settings name, within their time and size."""

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from foundation.http import BodyTooLarge, ConnectFailed, EgressRefused, GuardedClient, TransportError, is_public

HOSTILE = [
    "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0177.0.0.1/", "http://0x7f000001/", "http://0x7f.1/",
    "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[64:ff9b::7f00:1]/", "http://0.0.0.0/", "http://0/",
    "http://[::]/", "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/", "http://168.63.129.16/", "http://100.100.100.200/",
    "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.1.1/", "http://[fe80::1]/", "http://[2002:7f00:1::]/", "http://224.0.0.1/",
    "http://[example.com]/", "http://[example.com/", "http://localhost/", "http://LOCALHOST./", "http://127.0.0.1./", "http://127。0。0。1/",
    "file:///etc/passwd", "ftp://example.com/", "gopher://example.com/", "http://", "http://user:pw@example.com/", "http://a b/", "//x", "",
]  # fmt: skip


@pytest.mark.parametrize("url", HOSTILE)
def test_no_spelling_reaches_a_private_place(url, monkeypatch):
    connected = []
    monkeypatch.setattr(socket.socket, "connect", lambda _self, address: connected.append(address))
    with GuardedClient(allow=()) as client, pytest.raises((EgressRefused, ConnectFailed)):
        client.request("GET", url)
    assert connected == []


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111"])
def test_public_addresses_are_public(address):
    assert is_public(address)


class _Server(BaseHTTPRequestHandler):
    seen: list[str]

    def do_GET(self):
        self.server.seen.append(self.path)
        body = b"x" * 5000
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        if self.path == "/gzip":
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.path == "/cut":
            self.wfile.write(body[:10])
            return
        if self.path == "/slow":
            self._dribble(body)
            return
        self.wfile.write(body)

    def _dribble(self, body):
        for at in range(len(body)):
            if self.server.stop.wait(0.05):
                return
            try:
                self.wfile.write(body[at : at + 1])
                self.wfile.flush()
            except OSError:
                return

    def log_message(self, *_args):
        pass


@pytest.fixture
def server():
    made = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    made.seen, made.stop = [], threading.Event()
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.stop.set()
    made.shutdown()
    made.server_close()


@pytest.fixture
def client(server):
    with GuardedClient(allow=[f"127.0.0.1:{server.server_port}"], timeout_s=5) as made:
        yield made


def url(server, path="/"):
    return f"http://127.0.0.1:{server.server_port}{path}"


def test_a_named_place_answers(server, client):
    reply = client.request("GET", url(server), params={"a": "b"})
    assert (reply.status, len(reply.body), server.seen) == (200, 5000, ["/?a=b"])


def test_another_port_of_a_named_host_is_refused(server):
    with GuardedClient(allow=["127.0.0.1:1"]) as client, pytest.raises(EgressRefused):
        client.request("GET", url(server))
    assert server.seen == []


def test_a_redirect_is_an_answer_and_is_not_followed(server, client):
    assert client.request("GET", url(server, "/redirect")).status == 302
    assert server.seen == ["/redirect"]


def test_a_larger_answer_is_cut_off(server, client):
    with pytest.raises(BodyTooLarge):
        client.request("GET", url(server), max_body=4999)


@pytest.mark.parametrize("path", ["/cut", "/gzip"])
def test_a_broken_or_compressed_answer_is_unclear(server, client, path):
    with pytest.raises(TransportError):
        client.request("GET", url(server, path))


def test_a_dribbling_server_cannot_stretch_the_deadline(server, client):
    started = time.monotonic()
    with pytest.raises(TransportError):
        client.request("GET", url(server, "/slow"), timeout=0.5)
    assert time.monotonic() - started < 2


def test_nobody_listening_means_nothing_was_sent():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        with GuardedClient(allow=["127.0.0.1:*"]) as client, pytest.raises(ConnectFailed):
            client.request("GET", f"http://127.0.0.1:{port}/")


def test_rebinding_name_is_refused_at_the_connected_peer(server, monkeypatch):
    """The name resolves to a public address when checked, but the socket ends up at loopback."""
    public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", server.server_port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: public)

    def elsewhere(_address, *_a, **_k):
        made = socket.socket()
        made.connect(("127.0.0.1", server.server_port))
        return made

    monkeypatch.setattr(socket, "create_connection", elsewhere)
    with GuardedClient(allow=()) as client, pytest.raises(EgressRefused):
        client.request("GET", f"http://rebind.example:{server.server_port}/")
    assert server.seen == []


def test_mixed_answers_of_a_name_lead_to_the_public_one_only(monkeypatch):
    mixed = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("127.0.0.1", "8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: mixed)
    tried = []

    def refuse(address, *_a, **_k):
        tried.append(address[0])
        raise OSError("no network here")

    monkeypatch.setattr(socket, "create_connection", refuse)
    with GuardedClient(allow=()) as client, pytest.raises(ConnectFailed):
        client.request("GET", "http://mixed.example/")
    assert tried == ["8.8.8.8"]
