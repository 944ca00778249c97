"""The worker: the poller alone is enough, a wake-up only makes it sooner, and nothing a task does ends the loop."""

import threading
import time
from collections.abc import Callable

import pytest
from django.db import transaction

from config import worker as worker_module
from config.worker import DUTIES, Duty, Worker, find_task
from foundation import carrier

pytestmark = pytest.mark.usefixtures("database")


def until(true: Callable[[], object], within_s: float = 10.0) -> bool:
    """Poll with a bound."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.01)
    return False


class Tasks:
    """Tasks under test, found by name; each call is noted."""

    def __init__(self, **tasks):
        self.tasks = tasks
        self.calls = []

    def __call__(self, name):
        if name not in self.tasks:
            raise LookupError(name)

        def task(**ids):
            self.calls.append((name, ids))
            return self.tasks[name](**ids)

        return task

    def count(self, name):
        return sum(called == name for called, _ids in self.calls)


@pytest.fixture
def running():
    """Start workers that are stopped at the end."""
    started = []

    def start(find, duties=(), threads=2):
        made = Worker(threads=threads, duties=tuple(duties), find=find)
        thread = threading.Thread(target=made.run, daemon=True)
        thread.start()
        started.append((made, thread))
        return made

    yield start
    for made, thread in started:
        made.stop.set()
        thread.join(10)


def test_a_duty_is_asked_again_and_again(running):
    tasks = Tasks(look=lambda: None)
    running(tasks, [Duty("look", 0.05)])
    assert until(lambda: tasks.count("look") >= 3)


def test_a_task_that_raises_ends_nothing(running):
    def explode():
        raise RuntimeError("broken")

    tasks = Tasks(bad=explode, good=lambda: None)
    running(tasks, [Duty("bad", 0.05), Duty("good", 0.05)])
    assert until(lambda: tasks.count("bad") >= 3 and tasks.count("good") >= 3)


def test_a_wake_up_arrives_after_commit_and_not_before(running):
    tasks = Tasks(**{"runtime_adapters.reconcile": lambda slot_id: None})
    running(tasks)
    assert until(carrier_listens)
    with transaction.atomic():
        carrier.wake("runtime_adapters.reconcile", slot_id="a")
        assert not until(lambda: tasks.calls and tasks.count("runtime_adapters.reconcile"), 0.3)
    assert until(lambda: ("runtime_adapters.reconcile", {"slot_id": "a"}) in tasks.calls)


def test_a_wake_up_that_is_rolled_back_never_arrives(running):
    tasks = Tasks(**{"a.go": lambda: None, "a.stay": lambda: None})
    running(tasks)
    assert until(carrier_listens)
    with transaction.atomic():
        carrier.wake("a.stay")
        transaction.set_rollback(True)
    carrier.wake("a.go")
    assert until(lambda: tasks.count("a.go"))
    assert tasks.count("a.stay") == 0


def carrier_listens() -> bool:
    """Whether some session of this database waits for notifications."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'")
        return cursor.fetchone()[0] > 0


def test_the_same_work_never_runs_twice_at_once_and_late_news_is_not_lost(running):
    enter, leave, at_once, most = threading.Event(), threading.Event(), [0], [0]

    def slow(slot_id):
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        enter.set()
        leave.wait(10)
        at_once[0] -= 1

    tasks = Tasks(slow=slow)
    worker = running(tasks, threads=4)
    worker.submit("slow", {"slot_id": "x"})
    assert enter.wait(10)
    for _ in range(20):
        worker.submit("slow", {"slot_id": "x"})
    leave.set()
    assert until(lambda: tasks.count("slow") == 2)
    assert not until(lambda: tasks.count("slow") > 2, 0.3)
    assert most == [1]


def test_different_ids_run_side_by_side(running):
    both = threading.Barrier(2, timeout=10)
    met = []
    tasks = Tasks(meet=lambda slot_id: met.append(both.wait()))
    worker = running(tasks)
    worker.submit("meet", {"slot_id": "x"})
    worker.submit("meet", {"slot_id": "y"})
    assert until(lambda: len(met) == 2)


def test_it_stops_within_its_grace_while_a_task_hangs(running):
    hang, entered = threading.Event(), threading.Event()
    tasks = Tasks(hang=lambda: (entered.set(), hang.wait(30)))
    worker = Worker(threads=1, duties=(), find=tasks)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    worker.submit("hang")
    assert entered.wait(10)
    started = time.monotonic()
    worker.stop.set()
    thread.join(worker_module.STOP_S + 3)
    hang.set()
    assert not thread.is_alive()
    assert time.monotonic() - started < worker_module.STOP_S + 3


def test_its_heartbeat_shows_while_it_lives(running):
    from config.health import _worker

    assert not _worker().ok
    worker = running(Tasks())
    assert until(lambda: _worker().ok)
    worker.stop.set()
    assert until(lambda: not _worker().ok)


@pytest.mark.parametrize("name", ["os.system", "config.worker", "audit.no_such", "", "subprocess.run", "audit.services.keys"])
def test_a_name_from_outside_finds_only_registered_tasks(name):
    with pytest.raises(LookupError):
        find_task(name)


def test_every_duty_exists_and_every_due_task_is_a_duty():
    from config.celery import app

    for duty in DUTIES:
        assert callable(find_task(duty.task))
    app.loader.import_default_modules()
    due = {name for name in app.tasks if name.partition(".")[0] in worker_module.TASK_PACKAGES and name.endswith("_due")}
    assert due <= {duty.task for duty in DUTIES}
