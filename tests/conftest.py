"""What every test shares: loopback-only sockets, real data by environment, and an honest list of what could not run."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.browser.fixtures"]
REQUIRE_ALL = os.environ.get("PORTOLAN_REQUIRE_ALL") == "1"
REAL_DATA = Path(os.environ.get("PORTOLAN_REAL_DATA", Path(__file__).resolve().parent.parent.parent / "shared" / "data"))
# No test is timed: a busy machine must not fail one. Where CI says so, Hypothesis draws the same examples in every run.
settings.register_profile("untimed", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real files, or a skip that says so (a failure where everything is required)."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"no real data at PORTOLAN_REAL_DATA ({REAL_DATA})")
    return REAL_DATA


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_modify_db_settings, django_db_blocker):
    """The test database for whoever asks. The plugin's own makes none when every chosen test shares a database of its module."""
    from django.test.utils import setup_databases, teardown_databases

    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False)
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Where everything is required a skip is a failure: nothing may be left out unseen."""
    report = yield
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"required, but could not run: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter):
    """Name at the end what this machine could not run, and why."""
    skipped = terminalreporter.stats.get("skipped", [])
    if not skipped:
        terminalreporter.write_line("Everything ran; nothing was skipped.")
        return
    terminalreporter.section("not run on this machine")
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        terminalreporter.write_line(f"{report.nodeid}: {reason.removeprefix('Skipped: ')}")


@pytest.fixture(autouse=True, scope="session")
def flush_past_the_log_guards():
    """Between transactional tests Django truncates every table; only here may that reach the append-only log.

    What migrations put there (the first lifecycle) is there again afterwards.
    """
    from importlib import import_module

    from django.apps import apps
    from django.db import connection
    from django.db.backends.postgresql.operations import DatabaseOperations

    first_lifecycle = import_module("catalog.migrations.0005_default_lifecycle")

    plain = DatabaseOperations.execute_sql_flush

    def as_replica(self, sql_list):
        plain(self, ["SET session_replication_role = replica;", *sql_list, "SET session_replication_role = DEFAULT;"] if sql_list else [])
        first_lifecycle.publish(apps, connection.schema_editor())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", as_replica)
        yield


@pytest.fixture(autouse=True)
def forget_signed_heads():
    """Every test has a log of its own: what an earlier one signed must not bind it."""
    from django.conf import settings

    yield
    (Path(settings.PORTOLAN_KEYS_DIR) / "log_signed_head.json").unlink(missing_ok=True)


@pytest.fixture
def given(db):
    """Builders of people, landscape and everything above it: tests/given."""
    from tests.given import Given

    return Given()
