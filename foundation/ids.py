"""Identifiers."""

import uuid

from uuid_utils.compat import uuid7 as _uuid7


def uuid7() -> uuid.UUID:
    """A new RFC 9562 version 7 UUID: ordered by time, so that indexes grow at one end."""
    return _uuid7()
