"""What the API of every kind of thing in the landscape has in common: list, register, show, change, rename."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.domain.rights import require_administrator
from catalog.api import past
from catalog.api.integration_shapes import HISTORY, HistoryEntrySerializer
from catalog.api.shapes import RenameSerializer
from catalog.selectors import domains, landscape
from catalog.selectors.entry_history import history_of_entry
from catalog.services.entries import Noun, rename_entry
from foundation.edge.schema import listed
from foundation.edge.serializers import CommandSerializer, ReadSerializer
from foundation.edge.views import Edge


class EntryView(Edge):
    """One kind of thing; subclasses name the parts. Rows come with `aliases`."""

    tells_the_past = True
    noun: ClassVar[Noun]
    shape: ClassVar[type[ReadSerializer]]

    def rows(self) -> QuerySet[Any]:
        """All of the kind."""
        return landscape.with_aliases(self.noun.rows())

    def found(self, slug: str) -> Any:
        """The one of this name, or that had it before a rename. Raises the kind's missing error."""
        return landscape.named(self.rows(), self.noun.kind, slug, self.noun.missing)

    def shown(self, row: Any, **answer: Any) -> Response:
        """The row as its shape has it, with its version as ETag."""
        return self.answer(self.shape(row, context=self.seen_by()).data, etag=row.version, **answer)

    def seen_by(self) -> dict[str, Any]:
        """What shapes need to know of who looks, and when."""
        return {"request": self.request, "viewer": self.request.viewer, "now": self.request.now}


class Collection(EntryView):
    """List and register one kind of thing; `for_administrators` refuses others before the body is judged."""

    scopes = {"get": "catalog:read", "post": "admin"}
    command: ClassVar[type[CommandSerializer]]
    register: ClassVar[Callable[..., Any]]
    for_administrators: ClassVar[bool] = True

    def get(self, _request: Request) -> Response:
        """List them; a domain covers the domains below it."""
        index = past.index_asked(self)
        if index is not None:
            return past.entry_list(self, self.noun, index)
        query = self.query()
        rows, where = domains.within(self.rows(), query.where)
        return self.page(self.shape, rows, query=replace(query, where=where), context=self.seen_by())

    def post(self, request: Request) -> Response:
        """Register one."""
        if self.for_administrators:
            require_administrator(self.request.viewer)
        command = self.read(self.command)
        row = type(self).register(**command, **self.by())
        return self.shown(self.found(row.slug), status=201, headers={"Location": f"{request.path}/{row.slug}"})


class Entry(EntryView):
    """Show and change one thing."""

    scopes = {"get": "catalog:read", "patch": "catalog:write"}
    if_match_on = ("patch",)
    command: ClassVar[type[CommandSerializer]]
    update: ClassVar[Callable[..., Any]]

    def get(self, _request: Request, slug: str) -> Response:
        """Show it, also by a name from before a rename."""
        index = past.index_asked(self)
        return self.shown(self.found(slug)) if index is None else past.entry(self, self.noun, slug, index)

    def patch(self, _request: Request, slug: str) -> Response:
        """Change it (its team, teams above it, administrators)."""
        self.found(slug)
        version = self.if_match()
        changes = self.read(self.command)
        row = type(self).update(slug=slug, changes=changes, expected_version=version, **self.by())
        return self.shown(self.found(row.slug))


class Renaming(EntryView):
    """Give one thing another name."""

    scopes = {"post": "catalog:write"}
    if_match_on = ("post",)

    def post(self, _request: Request, slug: str) -> Response:
        """Rename it: the name before stays an alias that leads here and that nothing else of its kind can take."""
        self.found(slug)
        version = self.if_match()
        new = self.read(RenameSerializer)["slug"]
        row = rename_entry(self.noun, slug=slug, new=new, expected_version=version, **self.by())
        return self.shown(self.found(row.slug))


class History(EntryView):
    """What changed on one thing."""

    scopes = {"get": "catalog:read"}

    def get(self, _request: Request, slug: str) -> Response:
        """The latest 200 changes, newest first, field by field; where secrets are kept only to those who may read it."""
        changes = history_of_entry(self.found(slug), self.request.viewer, self.noun.kind.value)
        return self.answer({"results": HistoryEntrySerializer(changes, many=True).data, "next": None})


def described(shape: type[ReadSerializer], *, register: Any = None, update: Any = None, rename: bool = False) -> Callable[[Any], Any]:
    """The OpenAPI description of a collection (`register`), an entry (`update`) or a renaming."""

    def tell(view: Any) -> Any:
        if register is not None:
            view = extend_schema(methods=["GET"], responses=listed(shape))(view)
            return extend_schema(methods=["POST"], request=register, responses={201: shape})(view)
        if rename:
            return extend_schema(methods=["POST"], request=RenameSerializer, responses=shape)(view)
        view = extend_schema(methods=["GET"], responses=shape, parameters=[past.AS_OF])(view)
        return extend_schema(methods=["PATCH"], request=update, responses=shape)(view)

    return tell


told_history = extend_schema(methods=["GET"], responses=HISTORY)
