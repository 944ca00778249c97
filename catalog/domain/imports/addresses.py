"""Addresses as flows hold them, often computed at run time: whose host is called, and what may be kept of the address."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from catalog.domain.imports import products
from catalog.domain.imports.drafts import SystemDraft
from catalog.domain.imports.words import line, listed, slug_of
from catalog.domain.secrets import secret_in_text

# Suffixes under which anybody may have a name: the label before them is the registrable one. The usual ones, not the whole public list.
_SUFFIXES: Final = listed(
    """
    co.uk org.uk ac.uk gov.uk me.uk com.au net.au org.au gov.au edu.au co.nz co.jp ne.jp or.jp ac.jp co.kr com.br com.mx com.ar
    com.tr com.cn com.hk com.sg com.tw co.in gov.in co.za co.il com.pl com.ua europa.eu azurewebsites.net cloudfront.net
    herokuapp.com netlify.app vercel.app ngrok.io ngrok.app ngrok-free.app pages.dev workers.dev web.app fly.dev onrender.com
    up.railway.app bubbleapps.io hf.space run.app github.io gitlab.io cloudapp.net azurefd.net azure-api.net
    execute-api.us-east-1.amazonaws.com ondigitalocean.app p.rapidapi.com
    """
)
_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,20}):/{0,3}(?://)?(?P<rest>[^?#]*)")
_EXPRESSION = re.compile(r"\{\{.*?\}\}|\$\{[^}]*\}|\{[^{}]*\}|<[^<>]*>", re.DOTALL)
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,250}[a-z0-9])?\Z")
_LOCAL: Final = frozenset({"localhost", "host.docker.internal", "0.0.0.0", "broadcasthost"})  # noqa: S104 - told apart, never bound
_PLAIN_NAMES: Final = frozenset(  # that alone would name nobody: `data.gov.uk` is data-gov-uk
    {"data", "api", "apis", "app", "apps", "web", "webhook", "webhooks", "service", "services", "cloud", "mail", "test", "site", "portal"}
)
_PLACEHOLDER = re.compile(
    r"(?:^|\.)example\.(?:com|org|net)$|\.(?:example|invalid|test|localhost)$|^x{2,}|placeholder"
    r"|(?:^|[._-])(?:your|my|replace|change)[._-]?(?:domain|host|server|site|company|instance|url|n8n|app|store|shop|org|account|name|project)"
    r"|(?:^|\.)your[._-]"
)
HIDDEN: Final = "\N{HORIZONTAL ELLIPSIS}"


@dataclass(frozen=True, slots=True)
class Place:
    """Whom an address leads to (None: that cannot be told) and what may be kept of it (scheme, host, port, path)."""

    system: SystemDraft | None
    address: str = ""


def place_of(raw: object) -> Place:
    """The place of an address that may be an n8n expression (`=https://…{{ }}`), a bare host with a path, or nothing useful."""
    if not isinstance(raw, str):
        return Place(None)
    text = _EXPRESSION.sub("{}", raw.strip().removeprefix("=").strip().strip("\"'`")[:2000])
    text = re.sub(r"\A(?:https?:/+)+(?=https?:/)", "", text)  # typed twice
    matched = _ADDRESS.match(text)
    scheme, rest = (matched["scheme"].lower(), matched["rest"]) if matched and "//" in text else ("", re.split(r"[?#]", text)[0])
    authority, slash, path = rest.lstrip("/").partition("/")
    authority = authority.rpartition("@")[2]
    host, port = _host_and_port(authority.lower())
    if not host or (authority.isupper() and "." not in authority):  # COLLECTION_URL stands for an address
        return Place(None)
    path = _kept(slash + path)
    address = line(f"{scheme}://{host}{port}{path}" if scheme else f"{host}{port}{path}", 300)
    return Place(system_of(host, path), "" if secret_in_text(address) else address)


def system_of(host: str, path: str = "") -> SystemDraft | None:
    """The system at a host: a listed product, the registrable name, or for addresses inside a network the host itself.

    None for this very machine and for names that stand for "put yours here".
    """
    host = host.lower().rstrip(".")
    if host in _LOCAL or _PLACEHOLDER.search(host) or host.endswith(".local.test"):
        return None
    number = _number(host)
    if number is not None:
        return None if number.is_loopback or number.is_unspecified else _by_host(host)
    found = products.of_host(host, path)
    if found is not None:
        return found
    if "." not in host:
        return products.known(host) or products.mentioned(re.split(r"[-_]", host)) or _by_host(host)
    name, domain = registrable(host)
    slug = slug_of(domain if name in _PLAIN_NAMES else name)
    return products.known(name) or (SystemDraft(slug, line(domain, 120)) if slug else None)


def registrable(host: str) -> tuple[str, str]:
    """(`acme`, `acme.co.uk`) of `shop.acme.co.uk`."""
    labels = host.split(".")
    for size in (5, 4, 3, 2):
        if len(labels) > size and ".".join(labels[-size:]) in _SUFFIXES:
            return labels[-size - 1], ".".join(labels[-size - 1 :])
    return labels[-2], ".".join(labels[-2:])


def _by_host(host: str) -> SystemDraft | None:
    slug = slug_of("host-" + host)
    return SystemDraft(slug, line(host, 120)) if slug != "host" else None


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def _host_and_port(authority: str) -> tuple[str, str]:
    if authority.startswith("["):
        host, _, rest = authority.partition("]")
        return (f"{host}]", _port(rest)) if _number(host + "]") else ("", "")
    host, colon, port = authority.partition(":")
    if not _HOST.match(host) or "{}" in authority.partition(":")[0]:
        return "", ""
    return host, _port(colon + port)


def _port(text: str) -> str:
    return text if re.match(r":[0-9]{1,5}\Z", text) else ""


def _kept(path: str) -> str:
    """The path with everything that may be somebody's key or id hidden."""
    return "/".join(_segment(part) for part in path.split("/")[:20]).rstrip("/")[:250]


def _segment(part: str) -> str:
    if "{}" in part or len(part) > 80 or re.match(r"bot[0-9]{5,}", part):
        return HIDDEN
    is_mixed = any(map(str.isdigit, part)) and any(map(str.isalpha, part))
    looks_random = is_mixed and (len(part) >= 20 or (len(part) >= 9 and part.isupper()))
    return HIDDEN if looks_random else re.sub(r"[^A-Za-z0-9._~%!$&'()*+,;=:@-]", "", part)
