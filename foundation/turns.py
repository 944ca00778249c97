"""Taking turns: rare commands that would otherwise wait for each other's rows in a circle queue for one word instead."""

from django.db import connection

_NUMBER = 7_401  # ours among the advisory locks
_LOCK = "SELECT pg_advisory_xact_lock(%s, hashtext(%s))"


def take_turn(word: str) -> None:
    """Wait until nobody else has the turn of this word; it ends with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [_NUMBER, word])
