"""Command line of the reference agent."""

import argparse
import logging
import shlex
import signal
import sys
from pathlib import Path

from runtime_adapters.agent.flow import FlowEngine
from runtime_adapters.agent.link import Link, LinkDown
from runtime_adapters.agent.loop import Agent, Pace
from runtime_adapters.agent.releases import Releases
from runtime_adapters.agent.state import State
from runtime_adapters.agent.trust import Untrusted


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; with --once one round. 0: stopped cleanly, 1: --once did not work, 2: wrong use."""
    given = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    agent = _agent(given)
    if given.once:
        try:
            agent.cycle()
        except (LinkDown, Untrusted) as error:
            logging.getLogger("portolan.agent").error("%s", error)
            return 1
        return 0
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: agent.stop())
    agent.run()
    return 0


def _agent(given: argparse.Namespace) -> Agent:
    state = State(given.state_dir)
    return Agent(
        Link(given.url, given.token_file, timeout_s=given.timeout),
        state,
        Releases(given.releases_dir, state, shlex.split(given.reload) if given.reload else None),
        key_file=given.desired_key,
        flows=FlowEngine(given.state_dir / "work") if given.demo_flow else None,
        pace=Pace(every_s=given.every, health_s=given.health_every, observe_s=given.observe_every),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m runtime_adapters.agent", description="Pull, verify, write, reload, report.")
    parser.add_argument("--url", required=True, help="address of the server")
    parser.add_argument("--token-file", required=True, type=Path, help="file with this runtime's token; read anew for each call")
    parser.add_argument("--state-dir", required=True, type=Path, help="what must survive a restart")
    parser.add_argument("--releases-dir", required=True, type=Path, help="<integration>--<environment>/release.json")
    parser.add_argument("--reload", help="command to run after each change, without a shell")
    parser.add_argument("--demo-flow", action="store_true", help="run file-to-file flows in this process")
    parser.add_argument("--desired-key", type=Path, help="the server's public key; without it the first one seen is kept")
    parser.add_argument("--every", type=float, default=5.0, metavar="S", help="seconds between two pulls")
    parser.add_argument("--health-every", type=float, default=5.0, metavar="S", help="seconds between two health reports")
    parser.add_argument("--observe-every", type=float, default=15.0, metavar="S", help="seconds between two unchanged observations")
    parser.add_argument("--timeout", type=float, default=5.0, metavar="S", help="seconds one call may take")
    parser.add_argument("--once", action="store_true", help="one round, then end")
    return parser


if __name__ == "__main__":
    sys.exit(main())
