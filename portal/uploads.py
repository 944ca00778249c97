"""How much a browser may upload at once: told by the length it announces, before anything is kept."""

from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

MAX_BYTES: Final = 49 * 1024 * 1024  # the largest sheet and the form around it; forms of other files allow less


class QuotaUploadHandler(FileUploadHandler):
    """Refuses a form that is larger in all than MAX_BYTES; the handlers after it keep the files."""

    def handle_raw_input(
        self,
        input_data: Any,  # noqa: ARG002 - Django's signature
        META: Any,  # noqa: ARG002, N803 - Django's signature
        content_length: Any,
        boundary: Any,  # noqa: ARG002 - Django's signature
        encoding: Any = None,  # noqa: ARG002 - Django's signature
    ) -> None:
        """Raise RequestDataTooBig (400) before the first byte is read."""
        if content_length > MAX_BYTES:
            raise RequestDataTooBig

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002 - Django's signature
        """Pass every chunk on."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handlers after this one."""
