"""Importing files, in process: read, applied one by one, each with its history and events."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

from benchmarks.estate import Estate
from benchmarks.lines import progress, told

FILES = 2_000
KINDS = ("n8n", "node-red", "backstage", "openapi", "kafka-connect", "airflow")
REAL_DATA = Path(os.environ.get("PORTOLAN_REAL_DATA", Path(__file__).resolve().parent.parent.parent / "shared" / "data"))


def import_files(estate: Estate, _seconds: float) -> None:
    """Files a second from reading to the last verdict, and what came of them."""
    from accounts.selectors import viewers
    from audit.services.context import command_context
    from catalog.models import ImportFile
    from catalog.services.imports import batches
    from foundation.clock import db_now

    files, source = chosen(min(FILES, max(20, estate.scale // 5)))
    by = {"actor": viewers.actor_of(estate.root, method="command"), "viewer": viewers.viewer_of(estate.root)}
    started = perf_counter()
    with command_context():
        batch = batches.start_import(label="benchmarks", team=estate.teams[0], files=files, is_applied_here=True, now=db_now(), **by)
    read = perf_counter() - started
    run = batches.Run(batch.pk)
    while run.apply_next(now=db_now()):
        pass
    took = perf_counter() - started
    verdicts = Counter(ImportFile.objects.filter(batch=batch).values_list("verdict", flat=True))
    progress(f"import: {dict(verdicts)}")
    told(
        "import",
        len(files) / took,
        "files/s",
        files=len(files),
        source=source,
        read_s=round(read, 2),
        verdicts=dict(verdicts),
        scale=estate.scale,
    )


def chosen(count: int) -> tuple[list[tuple[str, bytes]], str]:
    """((path, content) of so many files, where they are from): real ones where there are any, again under other paths when they are few."""
    real = [path for kind in KINDS for path in sorted((REAL_DATA / kind).rglob("*")) if path.is_file() and path.name != "SOURCES.tsv"]
    if not real:
        return list(islice(_generated(), count)), "generated"
    contents = [(path.relative_to(REAL_DATA).as_posix(), path.read_bytes()) for path in real]
    step = max(1, len(contents) // count)  # few of many: some of every kind
    spread = contents[::step] if step > 1 else contents
    return [(f"copy-{n // len(spread)}/{path}", content) for n, (path, content) in enumerate(islice(cycle(spread), count))], "real"


def _generated() -> Iterator[tuple[str, bytes]]:
    number = 0
    while True:
        paths = {f"/orders/{n}": {"get": {"operationId": f"get{n}", "responses": {"200": {"description": "One."}}}} for n in range(5)}
        servers = [{"url": f"https://service-{number % 50}.example/v1"}]
        yield (
            f"api-{number}.json",
            json.dumps(
                {"openapi": "3.0.3", "info": {"title": f"API {number}", "version": "1"}, "servers": servers, "paths": paths}
            ).encode(),
        )
        number += 1
