"""The log as C2SP tlog-tiles: static bytes that any transparency-log tool can read."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import BaseContentNegotiation

from audit.api.views import require_reader
from audit.selectors import log
from audit.services import keys
from foundation.edge.views import Edge

_YEAR_S = 31_536_000


class AnyAccept(BaseContentNegotiation):
    """These answers have one form each, whatever the client prefers."""

    def select_parser(self, request: Any, parsers: Any) -> Any:  # noqa: ARG002 - DRF's signature
        """No bodies are read here."""
        return parsers[0]

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:  # noqa: ARG002 - DRF's signature
        """Problems are JSON; everything else is bytes."""
        return renderers[0], renderers[0].media_type


class LogRoute(Edge):
    """Reader right needed, unless the installation publishes its log."""

    scopes = {"get": "audit:read"}
    content_negotiation_class = AnyAccept

    def get_permissions(self) -> Any:
        """Nobody needs to sign in to a public log."""
        return [] if settings.PORTOLAN_LOG_PUBLIC else super().get_permissions()

    def check_scope(self, request: Any) -> None:
        """The reader right where the log is not public."""
        if not settings.PORTOLAN_LOG_PUBLIC:
            super().check_scope(request)
            require_reader(request)

    def kept(self, data: bytes) -> HttpResponse:
        """Bytes that never change, so caches may keep them (shared ones only when the log is public)."""
        who = "public" if settings.PORTOLAN_LOG_PUBLIC else "private"
        headers = {"Cache-Control": f"{who}, max-age={_YEAR_S}, immutable"}
        return HttpResponse(data, content_type="application/octet-stream", headers=headers)


class CheckpointView(LogRoute):
    """`GET /audit/log/checkpoint`."""

    @extend_schema(exclude=True)
    def get(self, _request: Any) -> HttpResponse:
        """The newest signed head as a signed note, cosigned with the time at which it still was; 503 while there is none."""
        return HttpResponse(log.published_note(), content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-cache"})


class KeyView(LogRoute):
    """`GET /audit/log/key`: not part of the tile layout, but what its reader needs first."""

    @extend_schema(exclude=True)
    def get(self, _request: Any) -> HttpResponse:
        """The verification key as one line."""
        return HttpResponse(f"{keys.log_vkey()}\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-cache"})


class TileView(LogRoute):
    """`GET /audit/log/tile/<L>/<N>[.p/<W>]`."""

    @extend_schema(exclude=True)
    def get(self, _request: Any, level: str, path: str) -> HttpResponse:
        """Up to 256 hashes of 32 bytes."""
        return self.kept(log.tile_bytes(int(level), path))


class BundleView(LogRoute):
    """`GET /audit/log/tile/entries/<N>[.p/<W>]`."""

    @extend_schema(exclude=True)
    def get(self, _request: Any, path: str) -> HttpResponse:
        """Up to 256 leaves, each behind its 16-bit length."""
        return self.kept(log.bundle_bytes(path))
