"""Policies: what a change must satisfy. Saved only when well formed; the digest of each state is in the log."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.domain.inputs import Reading, line_of
from accounts.domain.viewers import Viewer
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.models import Environment
from foundation.canonical import digest_of
from foundation.errors import FieldError
from foundation.text import slug_key
from governance.domain.errors import InvalidPolicy, SlugTaken, VersionMoved
from governance.domain.requirements import Quorum, as_spec, parse_requirements
from governance.models import Board, Policy
from governance.selectors.situations import boards_of
from governance.services.boards import require_administrator


def _checked(requirements: Any) -> list[dict[str, Any]]:
    """Parse, insist that the boards exist, and write every member out."""
    parsed = parse_requirements(requirements)
    known = set(Board.objects.filter(slug__in=boards_of(parsed)).values_list("slug", flat=True))
    faults = [
        FieldError(f"/requirements/{index}/boards", "unknown-board", f"There is no board “{board}”.")
        for index, requirement in enumerate(parsed)
        if isinstance(requirement, Quorum)
        for board in requirement.boards
        if board not in known
    ]
    if faults:
        raise InvalidPolicy("The policy names boards that do not exist.", errors=faults)
    return [as_spec(requirement) for requirement in parsed]


@transaction.atomic
def register_policy(
    *,
    slug: str,
    title: str,
    requirements: Any,
    environments: Sequence[Environment] = (),
    actor: Actor,
    viewer: Viewer,
    now: datetime,
    **times: int,
) -> Policy:
    """Create a policy for the environments named (none: every production environment).

    `times`: review_ttl_s, execution_ttl_s. Raises Invalid and InvalidPolicy with pointers, SlugTaken, NotAllowed.
    """
    require_administrator(viewer)
    reading = Reading()
    slug, title = reading.slug("slug", slug), reading.line("title", title, most=120)
    reading.close()
    specs = _checked(requirements)
    try:
        with transaction.atomic():
            policy = Policy.objects.create(slug=slug, slug_key=slug_key(slug), title=title, requirements=specs, **times)
    except IntegrityError as error:
        raise SlugTaken(f"A policy “{slug}” exists.") from error
    policy.environments.set(environments)
    _record_policy("governance.policy.registered", policy, actor=actor, now=now)
    return policy


@transaction.atomic
def update_policy(*, slug: str, changes: dict[str, Any], expected_version: int, actor: Actor, viewer: Viewer, now: datetime) -> Policy:
    """Change title, requirements, times or whether it is enabled. A tightened rule applies to open requests at once."""
    require_administrator(viewer)
    policy = Policy.objects.select_for_update().get(slug_key=slug_key(slug))
    if policy.version != expected_version:
        raise VersionMoved(f"The policy is at version {policy.version}.")
    if "title" in changes:
        changes = {**changes, "title": line_of("title", changes["title"], most=120)}
    if "requirements" in changes:
        changes = {**changes, "requirements": _checked(changes["requirements"])}
    for name, value in changes.items():
        setattr(policy, name, value)
    policy.version += 1
    policy.save()
    _record_policy("governance.policy.updated", policy, actor=actor, now=now)
    return policy


def _record_policy(verb: str, policy: Policy, *, actor: Actor, now: datetime) -> None:
    record(
        verb,
        subject=("governance.policy", policy.id),
        actor=actor,
        at=now,
        version=policy.version,
        facts={"policy_digest": digest_of(policy.requirements), "requirements": len(policy.requirements)},
        texts={"slug": policy.slug, "title": policy.title, "requirements": policy.requirements},
    )
