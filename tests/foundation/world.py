"""A tiny API over this floor's one table: enough to prove what every view inherits."""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.urls import path
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny, IsAuthenticated

from foundation import filters
from foundation.edge.serializers import CommandSerializer, ReadSerializer
from foundation.edge.views import Edge
from foundation.errors import DomainError, Kind
from foundation.models import IdempotencyKey

ANN = UUID(int=1)
EVENT = UUID(int=99)
REFUSALS: list[dict[str, Any]] = []
ENTERED: ContextVar[str] = ContextVar("entered", default="")


@contextmanager
def command_context(*, request_id: str):
    token = ENTERED.set(request_id)
    yield
    ENTERED.reset(token)


def first_event_id():
    return EVENT


def record_refusal(**facts):
    REFUSALS.append(facts)


def broken_recorder(**facts):
    raise RuntimeError("the recorder is down")


@dataclass
class Person:
    pk: UUID
    is_authenticated: bool = True


@dataclass
class Seen:
    scopes: frozenset[str] | None


class ByHeader(BaseAuthentication):
    """`X-Scopes: a b` signs Ann in with a token; `X-Scopes: all` with a session."""

    def authenticate(self, request):
        text = request.META.get("HTTP_X_SCOPES")
        if text is None:
            return None
        request.viewer = Seen(None if text == "all" else frozenset(text.split()))
        return Person(ANN), None

    def authenticate_header(self, request):
        return "Bearer"


class RowSerializer(ReadSerializer):
    id = serializers.IntegerField()
    key = serializers.CharField()
    owner = serializers.UUIDField()
    status = serializers.IntegerField()


class Item(CommandSerializer):
    name = serializers.CharField(max_length=20)
    weight = serializers.IntegerField(required=False)


class Make(CommandSerializer):
    name = serializers.CharField(max_length=20)
    notes = serializers.CharField(required=False, max_length=2000)
    count = serializers.IntegerField(required=False)
    urgent = serializers.BooleanField(required=False)
    tags = serializers.ListField(child=serializers.CharField(max_length=10), required=False)
    items = Item(many=True, required=False)
    payload = serializers.JSONField(required=False)


class Frozen(DomainError):
    """A freeze holds."""

    kind, code = Kind.FROZEN, "frozen-now"


class Rows(Edge):
    """`POST {"name": …}` makes one row; some names ask for trouble."""

    authentication_classes = [ByHeader]
    permission_classes = [IsAuthenticated]
    scopes: ClassVar = {"GET": "rows:read", "POST": "rows:write"}
    secret_fields = frozenset({"secret"})
    filters = filters.compile_filters(
        {"owner": filters.uuid("owner"), "status": filters.integer("status"), "created": filters.moment("created_at")},
        sorts={"key": ("key",), "status": ("status", "key"), "mixed": ("-status", "key")},
        default_sort="key",
    )

    def get(self, request):
        return self.page(RowSerializer, IdempotencyKey.objects.all())

    def post(self, request):
        command = self.read(Make)
        name = command["name"]
        row = IdempotencyKey.objects.create(
            owner=ANN, key="row:" + name, fingerprint="x", status=201, body=b"", expires_at=request.now + timedelta(days=1)
        )
        if name == "frozen":
            raise Frozen(retry_after_s=7)
        if name == "crash":
            raise RuntimeError("inside")
        if name == "refuse":
            return self.answer({"no": True}, status=409)
        return self.answer({"id": row.pk, "secret": "s3cret", **command}, status=201, etag=1, headers={"Location": f"/rows/{row.pk}"})


class Row(Edge):
    authentication_classes = [ByHeader]
    permission_classes = [AllowAny]
    scopes: ClassVar = {"get": "", "patch": "rows:write"}

    def get(self, request, name):
        row = IdempotencyKey.objects.get(key=name)
        return self.answer(RowSerializer(row).data, etag=row.status)

    def patch(self, request, name):
        return self.answer({"seen": self.if_match()})


urlpatterns = [path("api/rows", Rows.as_view()), path("api/rows/<str:name>", Row.as_view())]
