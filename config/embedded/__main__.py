"""Command line of the embedded set-up.

python -m config.embedded run                 the whole service, until Ctrl-C
python -m config.embedded database -- COMMAND …   this folder's PostgreSQL, and nothing else, for one command
python -m config.embedded exec -- COMMAND …   a PostgreSQL of its own for one command
"""

from __future__ import annotations

import sys

from config.embedded.errors import CannotStart


def main(arguments: list[str]) -> int:
    from config.embedded import scratch, service

    match arguments:
        case ["run"]:
            return service.run()
        case ["database", "--", *command]:
            return service.with_database(command)
        case ["exec", "--", *command]:
            return scratch.execute(command)
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CannotStart as refusal:
        print(refusal, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
