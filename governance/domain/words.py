"""Events in words, for timelines: what happened, without who (the page says who)."""

from governance.domain.lifecycle import Action

WORDS = {
    "governance.change.drafted": "drafted the change",
    "governance.change.submitted": "submitted it for review",
    "governance.change.updated": "edited it; the content to decide on stayed the same",
    "governance.change.reopened": "put it back to open: the approvals no longer suffice",
    "governance.change.returned": "sent it back for changes",
    "governance.change.approved": "every requirement is satisfied: approved",
    "governance.change.scheduled": "scheduled it for its window",
    "governance.change.dispatched": "wrote it down as what should run",
    "governance.change.completed": "the change is complete: every deployment succeeded",
    "governance.change.partial": "the change ended in part: not every deployment succeeded",
    "governance.change.failed": "the change failed",
    "governance.change.rejected": "rejected",
    "governance.change.withdrawn": "withdrew the request",
    "governance.change.expired": "the request expired",
    "governance.change.superseded": "a newer change took its place",
    "governance.check.recorded": "an automatic check ran",
    "governance.vote.cast": "voted",
    "governance.vote.retracted": "took the vote back",
    "governance.rollback.triggered": "started an automatic rollback",
    "runtime_adapters.deployment.requested": "the runtime's desired state was written",
    "runtime_adapters.deployment.accepted": "the runtime accepted it",
    "runtime_adapters.deployment.recorded": "read back: the runtime holds it",
    "runtime_adapters.deployment.started": "the runtime says that it runs",
    "runtime_adapters.deployment.proven": "proven: a run of this very release succeeded",
    "runtime_adapters.deployment.succeeded": "the health gate passed",
    "runtime_adapters.deployment.unhealthy": "the health gate failed",
    "runtime_adapters.deployment.failed": "the deployment failed",
    "runtime_adapters.deployment.halted": "the deployment stopped; a person has to look",
    "runtime_adapters.deployment.superseded": "a newer generation took its place",
    "runtime_adapters.deployment.rolled_back": "rolled back to the release before",
    "runtime_adapters.deployment.attempted": "an attempt was made",
    "audit.evidence.downloaded": "downloaded the evidence pack",
}
# The same of a change that takes an integration out of a place.
REMOVAL_WORDS = {
    "governance.change.dispatched": "wrote it down: nothing of it should run there any more",
    "governance.change.completed": "the change is complete: nothing of it is left where it was to go",
    "governance.change.partial": "the change ended in part: it is not gone everywhere it was to go",
    "runtime_adapters.deployment.requested": "the runtime's desired state was emptied",
    "runtime_adapters.deployment.accepted": "the runtime accepted the removal",
    "runtime_adapters.deployment.recorded": "read back: nothing of it is left in the runtime",
    "runtime_adapters.deployment.succeeded": "it is out of the runtime",
    "runtime_adapters.deployment.failed": "the removal failed",
    "runtime_adapters.deployment.halted": "the removal stopped; a person has to look",
}
VOTES = {
    "approve": "approved",
    "reject": "rejected",
    "request_changes": "asked for changes",
    "abstain": "abstained",
}


def words_of(verb: str, facts: dict[str, object]) -> str:
    """The sentence for one event; an unknown verb reads as its last words."""
    if verb == "governance.vote.cast":
        return VOTES.get(str(facts.get("value")), "voted")
    if verb == "governance.check.recorded":
        return f"check “{str(facts.get('check')).replace('-', ' ')}”: {facts.get('result')}"
    if verb in REMOVAL_WORDS and _takes_out(facts):
        return REMOVAL_WORDS[verb]
    return WORDS.get(verb, verb.rpartition(".")[2].replace("_", " "))


def _takes_out(facts: dict[str, object]) -> bool:
    """A request says what it does; a deployment in a slot without a release empties it."""
    return facts.get("action") == Action.RETIRE or ("slot" in facts and "release" not in facts)
