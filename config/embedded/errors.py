"""What the launcher says when it cannot go on."""

from __future__ import annotations

import errno


class CannotStart(Exception):
    """One sentence for the person at the terminal: what is wrong and what to do. Never a traceback."""


def told(error: OSError, doing: str) -> CannotStart:
    """Return the sentence for an operating system's refusal while `doing` something."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return CannotStart(f"The disk is full: there is no room for {doing}. Free some space and start again.")
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return CannotStart(f"No permission for {doing} ({error.filename or error}). Choose another folder with PORTOLAN_VAR.")
    return CannotStart(f"Could not finish {doing}: {error}.")
