"""The log over HTTP: events and proofs for auditors."""

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from audit.api.serializers import EventDetailSerializer, EventPageSerializer, EventSerializer, LogSerializer, ProofSerializer
from audit.domain.errors import LogNotShared
from audit.selectors import events, log
from audit.services import keys, timeline, viewing
from foundation.edge.views import Edge
from foundation.errors import FieldError
from foundation.filters import BadQuery

MAX_LIMIT = 200
_VERB = re.compile(r"[a-z][a-z0-9_.]{0,79}\Z")
_NUMBER = re.compile(r"[0-9]{1,15}\Z")
_WORD = re.compile(r"[A-Za-z0-9_.:+/-]{1,128}\Z")


def require_reader(request: Any) -> None:
    """Auditors and administrators read the log; raise LogNotShared for everybody else."""
    if not getattr(getattr(request, "viewer", None), "reads_log", False):
        raise LogNotShared


class EventsView(Edge):
    """`GET /audit/events`: the log in its dense order, resumable by index."""

    scopes = {"get": "audit:read"}

    @extend_schema(
        operation_id="audit_events_list",
        parameters=[
            OpenApiParameter("since_index", int, description="first index wanted"),
            OpenApiParameter("limit", int, description=f"1 to {MAX_LIMIT}, 100 by default"),
            OpenApiParameter("verb", str, description="a verb, or its beginning up to and with a dot"),
            OpenApiParameter("subject", UUID),
            OpenApiParameter("actor", UUID),
            OpenApiParameter("request_id", str),
        ],
        responses=EventPageSerializer,
    )
    def get(self, request: Any) -> Response:
        """Events at or after `since_index`; what has no place in the log yet is not listed."""
        require_reader(request)
        asked = _parsed(request.query_params)
        found = events.events_page(**asked)
        since = asked.get("since_index", 0)
        if since == 0:  # a feed that goes on is not recorded again, or it would feed itself for ever
            facts = {"rows": len(found), "verb": asked.get("verb"), "subject": asked.get("subject"), "actor": asked.get("actor")}
            viewing.record_viewing(what="events", actor=request.actor, now=request.now, facts=facts)
        next_index = (found[-1].index or 0) + 1 if found else since
        return self.answer({"results": EventSerializer(found, many=True).data, "next_index": next_index})


class EventDetailView(Edge):
    """`GET /audit/events/{id}`: one event with its texts."""

    scopes = {"get": "audit:read"}

    @extend_schema(operation_id="audit_events_retrieve", responses=EventDetailSerializer)
    def get(self, request: Any, event_id: UUID) -> Response:
        """The event, placed or not."""
        require_reader(request)
        (entry,) = timeline.told([events.event(event_id)])
        viewing.record_viewing(what="event", actor=request.actor, now=request.now, facts={"subject": event_id})
        data: dict[str, Any] = dict(EventSerializer(entry.event).data)
        return self.answer(data | {"texts": entry.texts, "erased": list(entry.erased)})


class ProofView(Edge):
    """`GET /audit/events/{id}/proof`: for auditors, and for whoever holds the receipt because they did it."""

    scopes = {"get": ""}

    @extend_schema(operation_id="audit_events_proof", responses={200: ProofSerializer, 202: ProofSerializer})
    def get(self, request: Any, event_id: UUID) -> Response:
        """202 until a signed head covers the event, then checkpoint, index and inclusion proof."""
        event = self._readable(request, event_id)
        head = log.newest_head()
        if event.index is None or head is None or event.index >= head.size:
            return self.answer({"event_id": event.id, "state": "waiting"}, 202, headers={"Retry-After": "1"})
        proof = log.inclusion_proofs([event.index], head.size)[event.index]
        return self.answer(
            {
                "event_id": event.id,
                "state": "proven",
                "leaf_hash": event.leaf_hash,
                "index": event.index,
                "size": head.size,
                "root": _b64(head.root),
                "proof": [_b64(step) for step in proof],
                "checkpoint": head.note,
            }
        )

    def _readable(self, request: Any, event_id: UUID) -> events.EventView:
        """The event; others than readers learn of nothing but their own acts."""
        if getattr(getattr(request, "viewer", None), "reads_log", False):
            return events.event(event_id)
        found = events.by_ids([event_id])
        actor = getattr(request, "actor", None)
        if not found or actor is None or found[0].actor != (actor.type, actor.ref):
            raise LogNotShared
        return found[0]


class LogView(Edge):
    """`GET /audit/log`: head, key and lag."""

    scopes = {"get": "audit:read"}

    @extend_schema(operation_id="audit_log_retrieve", responses=LogSerializer)
    def get(self, request: Any) -> Response:
        """The newest signed head (503 while there is none) and what waits behind it."""
        require_reader(request)
        head, waiting = log.log_head(), log.lag()
        return self.answer(
            {
                "origin": keys.log_origin(),
                "key": keys.log_vkey(),
                "size": head.size,
                "root": _b64(head.root),
                "signed_at": head.signed_at,
                "unsequenced": waiting.unsequenced,
                "unsigned": waiting.unsigned,
            }
        )


def _number(value: str) -> int:
    if not _NUMBER.match(value):
        raise ValueError("Expected a whole number.")
    return int(value)


def _limit(value: str) -> int:
    number = _number(value)
    if not 1 <= number <= MAX_LIMIT:
        raise ValueError(f"Expected 1 to {MAX_LIMIT}.")
    return number


def _uuid(value: str) -> UUID:
    if len(value) != 36:
        raise ValueError("Expected a UUID.")
    return UUID(value)


def _verb(value: str) -> str:
    if not _VERB.match(value):
        raise ValueError("Expected a verb such as governance.vote.cast.")
    return value


def _word(value: str) -> str:
    if not _WORD.match(value):
        raise ValueError("Expected a request id.")
    return value


_PARAMETERS: Mapping[str, Callable[[str], Any]] = {
    "since_index": _number,
    "limit": _limit,
    "verb": _verb,
    "subject": _uuid,
    "actor": _uuid,
    "request_id": _word,
}


def _parsed(params: Mapping[str, str]) -> dict[str, Any]:
    found, faults = {}, []
    for name in params:
        try:
            found[name] = _PARAMETERS[name](params[name])
        except KeyError:
            faults.append(FieldError(f"?{name}"[:120], "unknown-parameter", "There is no such filter."))
        except ValueError as error:
            faults.append(FieldError(f"?{name}", "bad-value", str(error)))
    if faults:
        raise BadQuery(faults[0].detail, errors=faults)
    return found


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
