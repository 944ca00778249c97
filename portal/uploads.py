"""How much a browser may upload at once: told by the length it announces, before anything is kept."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class QuotaUploadHandler(FileUploadHandler):
    """Refuses a form that is larger in all than PORTOLAN_UPLOAD_BYTES; the handlers after it keep the files."""

    def handle_raw_input(
        self,
        input_data: Any,  # noqa: ARG002 - Django's signature
        META: dict[str, Any],  # noqa: ARG002, N803 - Django's signature
        content_length: int,
        boundary: bytes,  # noqa: ARG002 - Django's signature
        encoding: str | None = None,  # noqa: ARG002 - Django's signature
    ) -> None:
        """Raise RequestDataTooBig (400) before the first byte is read."""
        if content_length > settings.PORTOLAN_UPLOAD_BYTES:
            raise RequestDataTooBig

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002 - Django's signature
        """Pass every chunk on."""
        return raw_data

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002 - Django's signature
        """Leave the file to the handlers after this one."""
