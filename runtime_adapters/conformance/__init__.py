"""The test kit every adapter must pass, ours and anybody's.

Subclass `PushConformance` (or, for agents that pull, `AdapterConformance`) in a test module and give it a `subject`
fixture that returns a `PushSubject` on a fresh runtime: a fake, or the real thing. Faults are made in the HTTP client,
so both will do.
What an adapter does not declare is never skipped: the kit then checks that it says so.
"""

import pytest

pytest.register_assert_rewrite("runtime_adapters.conformance.kit")

from runtime_adapters.conformance.kit import AdapterConformance, PushConformance  # noqa: E402 - after the rewrite is registered
from runtime_adapters.conformance.subject import PushSubject, slot  # noqa: E402
from runtime_adapters.conformance.wire import FaultyHttp, PlainHttp  # noqa: E402

__all__ = ["AdapterConformance", "FaultyHttp", "PlainHttp", "PushConformance", "PushSubject", "slot"]
