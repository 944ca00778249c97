"""What is measured without a server: the verdict, and the log from record to signed head."""

from time import perf_counter
from uuid import UUID

from benchmarks import bench_import, bench_log
from benchmarks.estate import Estate
from benchmarks.lines import told

REQUIREMENTS, PEOPLE = 50, 1_000


def evaluation(_estate: Estate, _seconds: float) -> None:
    """One verdict on fifty requirements over a thousand people, most seats filled: milliseconds."""
    from foundation.clock import db_now
    from governance.domain.ballots import Ballot, Choice
    from governance.domain.evaluation import Situation, evaluate
    from governance.domain.requirements import Quorum

    people = [UUID(int=number) for number in range(PEOPLE)]
    digest, size = "sha256:" + "0" * 64, PEOPLE // 10
    boards = {f"board-{n}": frozenset(people[(n * 37 + k) % PEOPLE] for k in range(size)) for n in range(REQUIREMENTS)}
    quorums = tuple(Quorum(name=f"q-{n}", needs=1 + n % 5, boards=(f"board-{n}",)) for n in range(REQUIREMENTS))
    ballots = [Ballot(person, Choice.APPROVE, digest, n) for n, person in enumerate(people) if n % 2]
    situation = Situation(digest=digest, requirements=quorums, ballots=ballots, members=boards)
    now, took = db_now(), []
    for _ in range(10):
        started = perf_counter()
        evaluate(situation, now=now)
        took.append(perf_counter() - started)
    told("evaluation", sorted(took)[len(took) // 2] * 1000, "ms", requirements=REQUIREMENTS, people=PEOPLE, aim=50)


def log_sequence(_estate: Estate, seconds: float) -> None:
    """What waits, placed and signed, in batches; then how long one more event waits for its signed place."""
    bench_log.run_sequencer()
    for number in range(max(50, int(1_500 * min(seconds, 5)))):
        bench_log.record_one(number)
    bench_log.bench_sequence()
    took = []
    for number in range(20):
        bench_log.record_one(number)
        started = perf_counter()
        bench_log.run_sequencer()
        took.append(perf_counter() - started)
    told("log.leaf_lag", (bench_log.poll_s() + max(took)) * 1000, "ms", events=20, poll_s=bench_log.poll_s(), aim=2000)


def log_record(_estate: Estate, seconds: float) -> None:
    """Recording an event beside a bare insert, after what waits has been placed."""
    bench_log.run_sequencer()
    bench_log.bench_record(max(50, int(500 * seconds)))


IN_PROCESS = {"import": bench_import.import_files, "evaluation": evaluation, "log_sequence": log_sequence, "log_record": log_record}
