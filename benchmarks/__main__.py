"""`python -m benchmarks`: what the service costs, beside a bare reference in the same run. docs/performance.md explains the lines."""

import argparse
import os
import sys

from benchmarks import fixture_only as fixture
from benchmarks.lines import progress
from benchmarks.scratch import scratch
from benchmarks.servers import KINDS, available


def parsed(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--scale", type=int, default=10_000, help="integrations (10000)")
    parser.add_argument("--only", default="", help="names of scenarios, separated by commas (all)")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement (3)")
    parser.add_argument(
        "--fixture-only", action="store_true", help="fill the database that DATABASE_URL names, and leave it; see docs/performance.md"
    )
    parser.add_argument("--server", choices=KINDS, default="gthread", help="what serves both sides (gthread)")
    return parser.parse_args(argv)


def main(argv: list[str]) -> int:
    """0, or 1 when a measurement was not valid, 2 when it could not begin."""
    options = parsed(argv)
    url = os.environ.get("DATABASE_URL", "")
    if not url or options.scale < 100 or not available(options.server):
        progress("Needs DATABASE_URL of a server where databases may be made, --scale of at least 100, and an installed --server.")
        return 2
    if options.fixture_only:
        return fixture.leave(options.scale)
    with scratch(url) as folder:
        return _measure(options, folder)


def _measure(options: argparse.Namespace, folder) -> int:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from benchmarks import estate, growth, over_http
    from benchmarks.in_process import IN_PROCESS
    from benchmarks.scenarios import SCENARIOS

    known = [*over_http.names(), "sql_growth", *IN_PROCESS]
    wanted = [name for name in options.only.split(",") if name] or known
    if unknown := sorted(set(wanted) - set(known)):
        progress(f"There is no {', '.join(unknown)}. Choose among: {', '.join(known)}.")
        return 2
    progress("making the database")
    call_command("prepare_database", no_static=True, stdout=sys.stderr)
    made = estate.build(options.scale)
    outcome = over_http.Outcome()
    try:
        chosen = [scenario for scenario in SCENARIOS if scenario.name in wanted]
        if chosen:
            outcome = over_http.run(made, chosen, seconds=options.seconds, folder=folder, server=options.server)
        if "sql_growth" in wanted:
            outcome.failed += [f"{name} (statements {few} → {many} for a longer page)" for name, (few, many) in growth.growth(made).items()]
        for name, measure in IN_PROCESS.items():
            if name in wanted:
                progress(name)
                measure(made, options.seconds)
    finally:
        connections.close_all()
    for line in outcome.missed:
        progress(f"Misses its aim: {line}")
    if outcome.failed:
        progress(f"Not valid: {', '.join(outcome.failed)}")
    return 1 if outcome.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
