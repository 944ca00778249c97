"""What an endpoint carries, in the words by which it is asked for."""

from collections.abc import Iterable

from foundation.text import fold, slug_key


def carried(data_object: str | None, fields: Iterable[str]) -> list[str]:
    """Folded names that `who carries customer.email` is answered by: the field alone, and below its data object."""
    names = [fold(field)[:120] for field in fields]
    below = [f"{slug_key(data_object)}.{name}" for name in names] if data_object else []
    return sorted({*names, *below})
