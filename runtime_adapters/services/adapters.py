"""An adapter for a configured runtime, and what it may use during one call."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from django.conf import settings

from foundation.ids import uuid7
from runtime_adapters import registry
from runtime_adapters.contract import Adapter, AdapterError, Context, DeadlineExceeded, InvalidInput
from runtime_adapters.models import Runtime
from runtime_adapters.services import egress, secrets

_log = logging.getLogger("portolan.adapter")


@contextmanager
def adapter_of(runtime: Runtime) -> Iterator[Adapter]:
    """The runtime's adapter, closed afterwards. Raises AdapterError when its configuration is not usable."""
    try:
        adapter = registry.create(runtime.kind, runtime.config)
    except AdapterError:
        raise
    except Exception as error:  # noqa: BLE001 - a plug-in may raise anything; its text may hold anything
        raise InvalidInput(f"the adapter could not be made: {type(error).__name__}") from None
    try:
        yield adapter
    finally:
        adapter.close()


def call_context(seconds: float | None = None) -> Context:
    """A context whose deadline is at most `seconds` away (and never more than PORTOLAN_CALL_TIMEOUT_S)."""
    longest = float(settings.PORTOLAN_CALL_TIMEOUT_S)
    allowed = longest if seconds is None else min(longest, seconds)
    if allowed <= 0:
        raise DeadlineExceeded("no time is left under the lease")
    return Context(http=egress.client(), secret=secrets.resolve, deadline=monotonic() + allowed, log=_log, trace_id=uuid7().hex)


@contextmanager
def tamed(otherwise: type[AdapterError]) -> Iterator[None]:
    """Let only AdapterErrors out; anything else a plug-in raises becomes `otherwise` (OutcomeUnknown once something may be sent)."""
    try:
        yield
    except AdapterError:
        raise
    except Exception as error:  # noqa: BLE001 - foreign code; the text may hold a secret, so only its type is kept
        _log.warning("adapter raised %s", type(error).__name__)
        raise otherwise(f"the adapter broke its contract: {type(error).__name__}") from None
