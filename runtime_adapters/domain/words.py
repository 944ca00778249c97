"""Machine words of the plan, said for people."""

SENTENCES = {
    "already-applied-but-absent": "The runtime says that it already has this, but reading back does not find it.",
    "apply-epoch-spent": "The runtime insists that it has this, but never shows it.",
    "agent-failed": "The runtime's agent could not bring it up.",
    "authorisation-expired": "The approval ran out before the runtime had it.",
    "authorisation-for-other-digest": "The approval is for other content.",
    "authorisation-revoked": "The approval was taken back before the runtime had it.",
    "awaiting-agent": "Waiting for the runtime's agent to fetch it.",
    "awaiting-good-runs": "Waiting for the good runs that the environment asks for.",
    "backing-off": "Waiting before the next try.",
    "cannot-be-read-back": "The runtime said yes; it cannot be read back, so this is its word, not proof.",
    "evidence-too-old": "The newest report is too old to conclude anything.",
    "failed-runs": "Runs of this release fail.",
    "gate-passed": "The health gate passed.",
    "gave-up": "No try succeeded within the time allowed.",
    "good-runs": "The newest runs succeeded.",
    "incomplete-look": "The runtime could be read in part only.",
    "mixed-runs": "Runs succeed and fail in turns.",
    "no-evidence": "Nothing was reported yet.",
    "no-gate": "The environment asks for no health gate.",
    "no-run-in-time": "The runtime reports, but no run came in time.",
    "not-there-yet": "The runtime said yes, but reading back does not find it.",
    "nothing-reported": "A report was expected and none came.",
    "outcome-unknown": "It is not known whether the runtime took it; only a look may tell.",
    "quarantined": "This release failed here before and is quarantined.",
    "read-back": "Read back from the runtime.",
    "render-moved": "The adapter now renders other content than was approved.",
    "runtime-ahead": "The runtime holds a newer generation than we ask for.",
    "runtime-at-work": "The runtime accepted it and is at work.",
    "runtime-disabled": "The runtime is switched off here.",
    "runtime-paused": "The runtime failed several times in a row and is left alone for a while.",
    "soaking": "The soak time of the environment is running.",
    "superseded": "A newer generation took its place.",
    "too-few-good-runs": "The good runs that the environment asks for did not come in time.",
    "window-closed": "A freeze forbids sending now.",
}


def sentence(code: str, detail: str = "") -> str:
    """The sentence for a code, with what the adapter said; at most 500 characters."""
    said = SENTENCES.get(code, code)
    return (f"{said} {detail}" if detail else said)[:500]
