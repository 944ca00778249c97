"""JSON request bodies."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.parsers import BaseParser

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
