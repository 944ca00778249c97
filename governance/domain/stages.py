"""The guards of the lifecycle: plain facts in, one finding out. What each asks, what to do when it fails, and who can do it.

A finding is read by everybody who sees the integration, so it names nothing that they might not see.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta

from catalog.domain.lifecycle import Guard
from governance.domain.stage_facts import Facts, Finding

TEAM = "the owning team"
ADMINISTRATORS = "administrators"


Check = Callable[[Facts, Guard], Finding]
SUPPORT_NEEDED = ("channel", "hours")


def _passed(guard: Guard, detail: str) -> Finding:
    return Finding(guard.name, passed=True, detail=detail)


def _failed(guard: Guard, detail: str, remedy: str, who: str = TEAM) -> Finding:
    return Finding(guard.name, passed=False, detail=detail, remedy=remedy, who=who)


def listing(words: Sequence[str], most: int = 5) -> str:
    """The first few in words, and how many more."""
    shown = ", ".join(words[:most])
    return shown if len(words) <= most else f"{shown} and {len(words) - most} more"


def _owning_team(facts: Facts, guard: Guard) -> Finding:
    if facts.active_members:
        return _passed(guard, "The owning team has active people.")
    return _failed(guard, "Nobody active is in the owning team.", "Add a person to the team, or hand the integration over.", ADMINISTRATORS)


def _owner_roles(facts: Facts, guard: Guard) -> Finding:
    if not facts.missing_roles:
        return _passed(guard, f"Every owner that tier {facts.tier} asks for is named and active.")
    lacking = listing([role.replace("-", " ") for role in facts.missing_roles])
    return _failed(
        guard, f"Tier {facts.tier} asks for owners that are missing or no longer active: {lacking}.", "Name them on the integration."
    )


def _systems_and_data(facts: Facts, guard: Guard) -> Finding:
    if not {"source", "target"} <= facts.roles:
        lacking = " and ".join(f"no {role}" for role in ("source", "target") if role not in facts.roles)
        return _failed(guard, f"The endpoints name {lacking}.", "Add the endpoint: its system, its data object and what is done there.")
    if facts.without_object:
        return _failed(guard, f"No data object is named for {listing(facts.without_object)}.", "Say what flows there.")
    return _passed(guard, f"Systems and data objects are named: {listing(facts.systems)}.")


def _reuse(facts: Facts, guard: Guard) -> Finding:
    if facts.reuse_answered:
        return _passed(guard, "The reuse check is answered.")
    return _failed(
        guard, "The reuse check is not answered.", "Say what was looked at before building something new, and why it did not do."
    )


def _classification(facts: Facts, guard: Guard) -> Finding:
    if facts.without_object or not facts.systems:
        return _failed(guard, "Not every endpoint names a data object, so what it carries has no classification.", "Name the data objects.")
    if facts.unconfirmed_objects:
        told = f"Nobody has confirmed the classification of {listing(facts.unconfirmed_objects)}: an import named them."
        return _failed(guard, told, "Set their classification.", ADMINISTRATORS)
    return _passed(guard, "Every data object it carries has a classification. Contracts and schemas are not looked at yet.")


def _connections(facts: Facts, guard: Guard) -> Finding:
    if facts.systems and not facts.unconnected_systems:
        return _passed(guard, "Every system it joins has a connection in use.")
    if facts.manifest_connections:
        return _passed(guard, f"Release {facts.release} names its connections in its manifest.")
    where = listing(facts.unconnected_systems) if facts.systems else "the systems, of which none is named"
    return _failed(
        guard, f"There is no connection for {where}.", "Register one from a template, or name connections in a release's manifest."
    )


def _release(facts: Facts, guard: Guard) -> Finding:
    if facts.release:
        return _passed(guard, f"Release {facts.release} is published.")
    return _failed(guard, "No release is published.", "Publish one.")


def _checks(facts: Facts, guard: Guard) -> Finding:
    if not facts.release:
        return _failed(guard, "There is no release to check.", "Publish one.")
    faults = (*facts.manifest_faults, *facts.failed_checks)
    if faults:
        return _failed(guard, f"Release {facts.release} does not pass: {listing(faults, 3)}.", "Publish a release that does.")
    return _passed(guard, f"The manifest of {facts.release} passes today's rules, and no check or evidence of it has failed or run out.")


def _documents(facts: Facts, guard: Guard) -> Finding:
    if facts.missing_sections:
        told = f"Tier {facts.tier} asks for documentation that nobody has written: {listing(facts.missing_sections)}."
        return _failed(guard, told, "Write these sections.")
    if facts.stale_sections:
        told = f"The documentation has fallen behind the newest release: {listing(facts.stale_sections)}."
        return _failed(guard, told, "Read these sections again, correct them and mark them as verified.")
    return _passed(guard, f"Every section that tier {facts.tier} asks for is written and up to date.")


def _production_change(facts: Facts, guard: Guard) -> Finding:
    if facts.completed_change is not None:
        return _passed(guard, f"CR-{facts.completed_change} brought it into production.")
    remedy = (
        "Request a change into production." if facts.production else "Mark an environment as production, then request a change into it."
    )
    who = f"{TEAM}, then those who judge it" if facts.production else ADMINISTRATORS
    return _failed(guard, "No change into production has been completed.", remedy, who)


def _observed(facts: Facts, guard: Guard) -> Finding:
    if facts.live_in_production:
        return _passed(guard, f"Its runtime reported it in {listing(facts.live_in_production)}.")
    told = "No runtime has reported it running in production."
    return _failed(guard, told, "Wait for the deployment to succeed, or look at why it has not.", f"{TEAM} and operators")


def _expectation(facts: Facts, guard: Guard) -> Finding:
    if facts.expected_in:
        return _passed(guard, f"A report is expected regularly in {listing(facts.expected_in)}.")
    told = "Nothing says how often it should report in production, so silence would not be noticed."
    return _failed(guard, told, "Put health.every_s into the manifest of the release that goes live.")


def _support(facts: Facts, guard: Guard) -> Finding:
    lacking = [name for name in SUPPORT_NEEDED if name not in facts.support]
    if not lacking:
        return _passed(guard, "The support model says whom to reach and when.")
    return _failed(guard, f"The support model does not say: {listing(lacking)}.", "Fill in the support model of the integration.")


def _roadmap_or_breach(facts: Facts, guard: Guard) -> Finding:
    if facts.open_items:
        return _passed(guard, f"Open roadmap items: {facts.open_items}.")
    if facts.breaches:
        return _passed(guard, f"It is not well in {listing(facts.breaches)}.")
    return _failed(guard, "There is nothing to improve: no open roadmap item, and it is well where it runs.", "Add a roadmap item.")


def _roadmap_done(facts: Facts, guard: Guard) -> Finding:
    if facts.items_under_work:
        told = f"Roadmap items still under work: {facts.items_under_work}."
        return _failed(guard, told, "Finish them, drop them or plan them for later.")
    if facts.breaches:
        return _failed(guard, f"It is not well in {listing(facts.breaches)}.", "Bring it back to health first.")
    return _passed(guard, "No roadmap item is under work, and it is well where it runs.")


def _dates(facts: Facts, guard: Guard) -> Finding:
    lacking = [
        word for word, day in (("when it takes effect", facts.effective_on), ("when it is removed", facts.removal_on)) if day is None
    ]
    if lacking:
        return _failed(guard, f"The deprecation does not say {' and '.join(lacking)}.", "Set both days.")
    return _passed(guard, f"It is deprecated from {facts.effective_on} and removed on {facts.removal_on}.")


def _alternative(facts: Facts, guard: Guard) -> Finding:
    if facts.has_alternative:
        return _passed(guard, "The deprecation names an alternative.")
    return _failed(guard, "The deprecation names no alternative.", "Name the integration to use instead.")


def _notified(facts: Facts, guard: Guard) -> Finding:
    if facts.deaf_consumers or facts.hidden_deaf:
        return _failed(
            guard,
            f"Nobody active is in {_whose(facts.deaf_consumers)}, so nobody there can be told.",
            "Add a person there.",
            ADMINISTRATORS,
        )
    return _passed(guard, "Every team known to rely on it can be told, and is told by this move.")


def _removal(facts: Facts, guard: Guard) -> Finding:
    if facts.removal_on is None:
        return _failed(guard, "No removal day is set.", "Set it in the deprecation.")
    if facts.today < facts.removal_on:
        return _failed(guard, f"It is to be removed on {facts.removal_on}.", "Wait for that day, or agree on an earlier one.")
    return _passed(guard, f"The removal day, {facts.removal_on}, has come.")


def _nothing_live(facts: Facts, guard: Guard) -> Finding:
    if facts.live_in:
        return _failed(
            guard, f"It runs in {listing(facts.live_in)}.", "Ask for a change that takes it out of there.", f"{TEAM} and operators"
        )
    return _passed(guard, "It runs nowhere.")


def _acknowledged(facts: Facts, guard: Guard) -> Finding:
    if facts.waiting_consumers or facts.hidden_waiting:
        told = f"The deprecation is not acknowledged yet by {_whose(facts.waiting_consumers)}."
        return _failed(guard, told, "Ask one of its members to acknowledge it.", "members of the consuming teams")
    return _passed(guard, "Every team known to rely on it has acknowledged the deprecation.")


def _no_traffic(facts: Facts, guard: Guard) -> Finding:
    days = guard.params["days"]
    quiet = timedelta(days=days)
    if facts.last_run_at is not None:
        if facts.now - facts.last_run_at < quiet:
            told = f"It last ran on {facts.last_run_at:%Y-%m-%d}, which is less than {days} days ago."
            return _failed(guard, told, f"Wait until {facts.last_run_at + quiet:%Y-%m-%d} without a run.")
        return _passed(guard, f"Its last reported run was on {facts.last_run_at:%Y-%m-%d}, at least {days} days ago.")
    if facts.live_in:
        return _failed(guard, "It runs, and nothing reports whether it is used: silence is not evidence.", "Take it out of use, then wait.")
    if facts.last_delivery_at is not None and facts.now - facts.last_delivery_at < quiet:
        told = f"Nothing was ever reported, and it was last delivered on {facts.last_delivery_at:%Y-%m-%d}, less than {days} days ago."
        return _failed(guard, told, f"Wait until {facts.last_delivery_at + quiet:%Y-%m-%d}.")
    return _passed(guard, f"It runs nowhere, and no run was reported in the last {days} days.")


def _whose(named: Sequence[str]) -> str:
    return listing(named) if named else "a team whose integration you may not see"


GUARDS: Mapping[str, Check] = {
    "owning-team": _owning_team,
    "owner-roles": _owner_roles,
    "systems-and-data-named": _systems_and_data,
    "reuse-check-answered": _reuse,
    "contract-or-classification-set": _classification,
    "connection-templates-chosen": _connections,
    "release-exists": _release,
    "checks-pass": _checks,
    "documents-complete": _documents,
    "production-change-completed": _production_change,
    "observed-in-production": _observed,
    "health-expectation-set": _expectation,
    "support-model-set": _support,
    "roadmap-or-breach": _roadmap_or_breach,
    "roadmap-done": _roadmap_done,
    "deprecation-dates": _dates,
    "alternative-named": _alternative,
    "consumers-notified": _notified,
    "removal-date-passed": _removal,
    "nothing-live": _nothing_live,
    "consumers-acknowledged": _acknowledged,
    "no-traffic-for-days": _no_traffic,
}


def findings(guards: Iterable[Guard], facts: Facts) -> list[Finding]:
    """What every one of the guards finds, in their order: all are asked, so that one refusal names all that is missing."""
    return [GUARDS[guard.name](facts, guard) for guard in guards]
