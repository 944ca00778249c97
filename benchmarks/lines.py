"""What a run says: JSON lines {name, value, unit, params} on standard output, words for people on standard error."""

import json
import sys
from time import perf_counter

_STARTED = perf_counter()


def told(name, value, unit, **params):
    """One measurement. Four significant decimals: nothing here is known better."""
    print(json.dumps({"name": name, "value": round(value, 4), "unit": unit, "params": params}), flush=True)


def progress(words):
    """What is being done, with the seconds since the start."""
    print(f"{perf_counter() - _STARTED:7.1f} s  {words}", file=sys.stderr, flush=True)
