"""Seats and persons: each person in at most one seat (maximum bipartite matching by augmenting paths)."""

from collections.abc import Mapping
from uuid import UUID

Demand = Mapping[str, tuple[int, frozenset[UUID]]]


def assign(demand: Demand) -> dict[str, frozenset[UUID]]:
    """Fill as many seats as possible. `demand`: requirement → (seats, persons who may take one).

    Deterministic: seats in the given order, persons by id. Returns requirement → persons seated.
    """
    seats = [(name, number) for name, (needs, _) in demand.items() for number in range(needs)]
    holder: dict[UUID, tuple[str, int]] = {}
    for seat in seats:
        _seat_somebody(seat, demand, holder, set())
    filled: dict[str, set[UUID]] = {name: set() for name in demand}
    for person, (name, _) in holder.items():
        filled[name].add(person)
    return {name: frozenset(persons) for name, persons in filled.items()}


def _seat_somebody(seat: tuple[str, int], demand: Demand, holder: dict[UUID, tuple[str, int]], tried: set[UUID]) -> bool:
    """Seat a free person, or move somebody who can sit elsewhere. Depth is bounded by the number of persons tried."""
    for person in sorted(demand[seat[0]][1], key=lambda person: person.int):
        if person in tried:
            continue
        tried.add(person)
        if person not in holder or _seat_somebody(holder[person], demand, holder, tried):
            holder[person] = seat
            return True
    return False
