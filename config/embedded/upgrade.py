"""A newer PostgreSQL major version: dump with the old programs' server, load into a new cluster, then swap the folders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from config.embedded import dumps
from config.embedded.binaries import Binaries, of_major
from config.embedded.errors import CannotStart
from config.embedded.postgres import OWNER, SUPER, Cluster, reachable

NEW_FOLDER = "data.upgrade"


def recorded_major(cluster: Cluster) -> int | None:
    """The major version that made the data folder, as PostgreSQL records it; None before the first start."""
    try:
        return int((cluster.data / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None


def bring_up_to_date(cluster: Cluster, tell: Callable[[str], None]) -> None:
    """Do nothing, or move the data to the shipped major version, told before it starts. Raises CannotStart; the old data stays."""
    finish_swap(cluster)
    found, shipped = recorded_major(cluster), cluster.binaries.major
    if found is None or found == shipped:
        return
    if found > shipped:
        raise CannotStart(
            f"The data in {cluster.data} was made by PostgreSQL {found}, and this Portolan brings {shipped}: use a newer one."
        )
    old = of_major(found)
    if old is None:
        raise CannotStart(
            f"The data in {cluster.data} is PostgreSQL {found}'s and Portolan now brings {shipped}: "
            f"set PORTOLAN_OLD_PG_BIN to a folder with PostgreSQL {found}'s programs, so that the data can be moved over."
        )
    tell(f"The database moves from PostgreSQL {found} to {shipped} by dump and restore; the old data stays beside it.")
    _move(cluster, reachable(old, cluster.places, cluster.account), found)
    tell(f"The database is PostgreSQL {shipped} now. The old data in {cluster.home / f'data.pg{found}'} may be deleted.")


def _move(cluster: Cluster, old: Binaries, found: int) -> None:
    """The new cluster is complete in a folder of its own before anything is renamed."""
    stamp = datetime.now(tz=UTC).strftime("%Y%m%dT%H%M%SZ")
    file = cluster.places.backups / f"postgresql-{found}-{stamp}.dump"
    before = replace(cluster, binaries=old, notes=[])
    before.start()
    try:
        dumps.dump(cluster.binaries, url=before.url(SUPER), to=file)
    finally:
        before.stop()
    after = replace(cluster, folder=NEW_FOLDER, notes=[])
    after.discard()
    after.start()
    try:
        dumps.restore(cluster.binaries, url=after.url(SUPER), source=file)
        after.analyse(OWNER)
    finally:
        after.stop()
    cluster.data.rename(cluster.home / f"data.pg{found}")
    (cluster.home / NEW_FOLDER).rename(cluster.data)


def finish_swap(cluster: Cluster) -> None:
    """An upgrade cut off between its two renames is finished: the new folder was complete by then."""
    upgraded = cluster.home / NEW_FOLDER
    if not cluster.data.exists() and upgraded.exists() and any(cluster.home.glob("data.pg*")):
        upgraded.rename(cluster.data)
