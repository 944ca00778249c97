"""Importing for the team `payments` on the word of olga."""

import json
from typing import Any

import pytest

from catalog.models import ImportBatch
from catalog.selectors.imports import files_of
from catalog.services.imports import batches


class Imports:
    """`imports(files)` runs one batch to its end and gives {path: file row}."""

    def __init__(self, given: Any) -> None:
        self.given = given
        given.team("payments", members=["olga"])

    def __call__(self, files: dict[str, Any], *, by: str = "olga", label: str = "exports", **more: Any) -> dict[str, Any]:
        return self.run(self.start(files, by=by, label=label, **more))

    def start(self, files: dict[str, Any], *, by: str = "olga", label: str = "exports", team: str = "payments", **more: Any) -> ImportBatch:
        contents = [(path, value if isinstance(value, bytes) else json.dumps(value).encode()) for path, value in files.items()]
        self.given.later(minutes=1)
        return batches.start_import(label=label, team=team, files=contents, **more, **self.given.by(by))

    def run(self, batch: ImportBatch) -> dict[str, Any]:
        run = batches.Run(batch.pk)
        while run.apply_next(now=self.given.now):
            pass
        return {file.path: file for file in files_of(batch)}


@pytest.fixture
def imports(given):
    """See Imports."""
    return Imports(given)
