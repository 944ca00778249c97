"""How lanes are made: requests with a bearer token, and dice that fall the same way in every run."""

import json
import random
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from benchmarks.estate import Estate
from benchmarks.fixture.integrations import RESTRICTED_EVERY
from benchmarks.load import Request

CONNECTIONS = 8
LANES = CONNECTIONS + 2  # one more to count statements with, and one to spare
RUN = uuid4().hex[:8]


def get(path: str, secret: str, **headers: str) -> Request:
    return Request("GET", f"/api/v1{path}", headers={"Authorization": f"Bearer {secret}", "Accept": "application/json", **headers})


def send(method: str, path: str, secret: str, body: Any, **headers: str) -> Request:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request(method, f"/api/v1{path}", data, {"Authorization": f"Bearer {secret}", "Accept": "application/json", **headers})


def dice_of(lane: int) -> random.Random:
    return random.Random(1000 + lane)


def some(estate: Estate, lane: int) -> Iterator[str]:
    """Slugs of integrations that everybody sees, in an order of the lane's own."""
    dice = dice_of(lane)
    seen = [slug for n, slug in enumerate(estate.slugs) if n % RESTRICTED_EVERY]
    while True:
        yield dice.choice(seen)
