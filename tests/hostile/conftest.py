"""The estate is built once for a module, inside a transaction that is rolled back; every call after it has a savepoint of its own."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from tests.hostile.estate import Estate, build


@pytest.fixture(scope="module")
def estate(django_db_setup: Any, django_db_blocker: Any) -> Iterator[Estate]:
    """What exists, for everybody in the module to look at and none to change."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            try:
                yield build()
            finally:
                transaction.set_rollback(True)
        connection.close()


@pytest.fixture
def attempt(estate: Estate) -> Callable[..., Any]:
    """`estate.call`, undone at once, with proof that the connection still works."""

    def called(*args: Any, **more: Any) -> Any:
        with transaction.atomic():
            response = estate.call(*args, **more)
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            transaction.set_rollback(True)
        return response

    return called
