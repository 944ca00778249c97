"""A worker that dies loses nothing and doubles nothing; several share a batch."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from catalog.models import ImportBatch, ImportFile, Integration
from catalog.selectors.imports import files_of
from catalog.services import queue
from catalog.services.imports import batches, files
from catalog.tasks import import_due
from config.integrity import findings
from foundation.clock import db_now
from tests.catalog.imports.test_services import flow

pytestmark = pytest.mark.django_db(transaction=True)


def make_due(batch):
    ImportBatch.objects.filter(pk=batch.pk).update(next_check_at=db_now() - timedelta(seconds=1))


def verdicts(batch):
    return [file.verdict for file in files_of(batch)]


def test_the_task_applies_what_waits_and_ends_the_batch(imports):
    batch = imports.start({f"{n}.json": flow(f"Flow {n}") for n in range(3)})
    make_due(batch)
    assert import_due() == 3
    batch.refresh_from_db()
    assert (batch.state, batch.next_check_at) == ("done", None)
    assert import_due() == 0


def test_a_killed_worker_loses_only_the_file_it_had_begun(imports, monkeypatch):
    batch = imports.start({f"{n}.json": flow(f"Flow {n}") for n in range(3)})
    make_due(batch)
    whole = files.Applier.apply

    def dies(self, draft, **more):
        outcome = whole(self, draft, **more)
        if draft.integrations[0].title == "Flow 1":
            raise KeyboardInterrupt  # after everything of the file was written, before it is kept
        return outcome

    monkeypatch.setattr(files.Applier, "apply", dies)
    with pytest.raises(KeyboardInterrupt):
        import_due()
    monkeypatch.undo()
    assert queue.claim_batch(ImportBatch) is None  # its lease still runs
    assert verdicts(batch) == ["created", "", ""]
    make_due(batch)
    import_due()
    assert verdicts(batch) == ["created"] * 3
    assert sorted(Integration.objects.values_list("title", flat=True)) == ["Flow 0", "Flow 1", "Flow 2"]
    assert findings() == []


@pytest.mark.parametrize("is_dry_run", [False, True])
def test_a_file_that_takes_its_worker_with_it_is_given_up(imports, monkeypatch, is_dry_run):
    batch = imports.start({f"{n}.json": flow(f"Flow {n}") for n in range(3)}, is_dry_run=is_dry_run)
    whole = files.Applier.apply

    def dies(self, draft, **more):
        if draft.integrations[0].title == "Flow 1":
            raise KeyboardInterrupt
        return whole(self, draft, **more)

    monkeypatch.setattr(files.Applier, "apply", dies)
    for _attempt in range(queue.MAX_ATTEMPTS):
        make_due(batch)
        with pytest.raises(KeyboardInterrupt):
            import_due()
    make_due(batch)
    import_due()
    batch.refresh_from_db()
    assert batch.state == "done"
    given_up = {file.path for file in files_of(batch) if "stopped its worker" in file.reason}
    assert given_up == ({f"{n}.json" for n in range(3)} if is_dry_run else {"1.json"})
    assert findings() == []


def test_two_workers_never_apply_a_file_twice(imports):
    batch = imports.start({f"{n:02}.json": flow(f"Flow {n}") for n in range(12)})
    failed = []

    def work():
        try:
            run = batches.Run(batch.pk)
            while run.apply_next(now=db_now()):
                pass
        except Exception as error:  # noqa: BLE001 - told below
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    make_due(batch)
    import_due()  # whoever found the last file still being applied leaves the end to the next
    assert failed == []
    assert verdicts(batch) == ["created"] * 12
    assert Integration.objects.count() == 12
    assert ImportFile.objects.filter(batch=batch).exclude(draft=None).count() == 0
    assert ImportBatch.objects.get().state == "done"
