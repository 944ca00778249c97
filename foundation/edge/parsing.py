"""JSON request bodies."""

from collections.abc import Mapping
from typing import IO, Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request

from foundation.limits import MAX_BODY, BodyLimitExceeded
from foundation.strict_json import loads


class StrictJSONParser(BaseParser):
    """application/json by `strict_json.loads`. Raises MalformedJSON, BodyLimitExceeded."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,  # noqa: ARG002 - DRF's signature
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The decoded value. DRF asks for no parsing where there is no body: that is the empty command, `{}`."""
        view = (parser_context or {}).get("view")
        cap = getattr(view, "max_body", MAX_BODY)
        data = stream.read(cap + 1)
        if len(data) > cap:
            raise BodyLimitExceeded
        return loads(data)


class UploadParser(BaseParser):
    """multipart/form-data for views that take files. Their `max_body` bounds it before a byte is parsed. Raises ParseError (400)."""

    media_type = "multipart/form-data"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Texts by their names (a list where one comes twice), files always as lists; names of files have lost their folders."""
        try:
            parsed: Any = MultiPartParser().parse(stream, media_type, parser_context)
        except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent) as error:
            raise ParseError(f"The form cannot be read: {error}", code="malformed-form") from None
        texts = {name: values[0] if len(values) == 1 else values for name, values in parsed.data.lists()}
        return {**texts, **dict(parsed.files.lists())}


def is_form(request: Request) -> bool:
    """Whether the body is said to be a form with files."""
    return str(request.META.get("CONTENT_TYPE", "")).lower().startswith("multipart/form-data")
