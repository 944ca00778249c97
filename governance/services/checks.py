"""Run the automatic checks on the content as it stands, and let the verdict follow."""

from datetime import datetime

from django.db.models import Q

from accounts.models import Membership
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.documents import missing_sections
from catalog.models import Document
from catalog.selectors import policies
from governance.domain.checks import CHECKS, CheckFacts
from governance.domain.requirements import Check, CheckName
from governance.models import ChangeRequest, CheckResult
from governance.selectors import situations
from governance.selectors.timelines import CHANGE
from runtime_adapters.selectors import deployments as deployment_selectors
from runtime_adapters.services import deployments


def run_checks(change: ChangeRequest, *, actor: Actor, now: datetime) -> None:
    """Write one finding per required check for the present content; a check that already ran on it is not run again.

    The request must be locked. A finding that repeats the latest one is not written twice.
    """
    known = situations.check_outcomes(change)
    wanted = [r.check for r in situations.effective_requirements(change) if isinstance(r, Check)]
    facts = facts_of(change) if wanted else None
    for name in wanted:
        assert facts is not None  # noqa: S101 - gathered above whenever a check is wanted
        finding = CHECKS[name](facts)
        previous = known.get(name)
        if previous and (previous.digest, previous.passed, previous.detail) == (change.subject_digest, finding.passed, finding.detail):
            continue
        _write(change, name, passed=finding.passed, detail=finding.detail, actor=actor, now=now)


def _write(change: ChangeRequest, name: CheckName, *, passed: bool, detail: str, actor: Actor, now: datetime) -> None:
    CheckResult.objects.create(change=change, name=name, subject_digest=change.subject_digest, passed=passed, detail=detail, at=now)
    record(
        "governance.check.recorded",
        subject=(CHANGE, change.id),
        actor=actor,
        at=now,
        facts={
            "change": change.id,
            "number": change.number,
            "revision": change.revision,
            "check": name.value,
            "result": "passed" if passed else "failed",
            "subject_digest": change.subject_digest,
        },
        texts={"detail": detail},
    )


def facts_of(change: ChangeRequest) -> CheckFacts:
    """Gather what the checks look at."""
    integration = change.integration
    team = Membership.objects.filter(team_id=integration.team_id, user__is_active=True, user__kind="human")
    written = Document.objects.filter(~Q(body=""), integration=integration).values_list("section", flat=True)
    missing = missing_sections(policies.tier_rules(integration.tier).sections, set(written))
    findings: list[str] = []
    quarantined: list[str] = []
    targets = list(change.targets.select_related("slot__runtime", "slot__environment"))
    desired = deployment_selectors.desired_of([target.slot_id for target in targets])
    for target in targets:
        if change.release is not None:
            rendered = deployments.render(slot=target.slot, release=change.release)
            findings += [f"{f.pointer}: {f.detail}" for f in rendered.findings if f.severity == "error"]
        current = desired.get(target.slot_id)
        if current is not None and change.release_digest in current.quarantined:
            quarantined.append(f"{target.slot.environment.slug} / {target.slot.runtime.slug}")
    return CheckFacts(integration.tier, tuple(missing), team.count(), tuple(dict.fromkeys(findings)), tuple(quarantined))
