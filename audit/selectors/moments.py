"""Which place in the log a question about the past means: an index, or the last one at or before a time."""

import re
from datetime import UTC, datetime

from audit.domain.errors import NoSuchMoment
from audit.models import Leaf
from audit.selectors.log import log_size

_INDEX = re.compile(r"[0-9]{1,18}\Z")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)\Z")


def index_at(moment: str, *, now: datetime) -> int:
    """The log index that `moment` means: a number, or an RFC 3339 time (the last leaf sequenced at or before it).

    -1 is the moment before the log began. Raises NoSuchMoment for an index that the log has not reached, for a time that has not
    come, whose answer would still change, and for what is neither.
    """
    if _INDEX.match(moment):
        index, size = int(moment), log_size()
        if index >= size:
            raise NoSuchMoment(f"The log ends at index {size - 1}.")
        return index
    try:
        if not _TIME.match(moment):
            raise ValueError(moment)
        at = datetime.fromisoformat(moment.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise NoSuchMoment from None
    last = Leaf.objects.filter(sequenced_at__lte=at).order_by("-index").values_list("index", "sequenced_at").first()
    if at > now and (last is None or last[1] < at):
        raise NoSuchMoment("This time has not come yet.")
    return -1 if last is None else last[0]


def sequenced_at(index: int) -> datetime | None:
    """When the leaf at this index got its place; None before the log began."""
    return Leaf.objects.filter(index=index).values_list("sequenced_at", flat=True).first()
