"""Boards, policies, and change requests on their way."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from accounts.models import Team, User
from accounts.services import teams, users
from audit.domain.actors import Actor
from audit.models import Event
from catalog.models import Release
from catalog.services import documents, live
from governance.domain.ballots import Choice
from governance.models import Board, ChangeRequest, Policy, Vote
from governance.services import boards, change_requests, policies, review, settlement, votes
from runtime_adapters.domain.states import DeploymentState
from runtime_adapters.models import Deployment, Runtime, Slot

WORKER = Actor.worker()
APPROVE, REJECT, RETRACT = Choice.APPROVE, Choice.REJECT, Choice.RETRACT


def flow(every_s: float = 3, **fields: Any) -> dict[str, Any]:
    """A manifest for the reference agent, which renders without any network."""
    return {
        "runtime_kind": "reference-agent",
        "payload": {"flow": {"kind": "file-to-file", "every_s": every_s, "source": "inbox", "target": "outbox"}, **fields},
    }


class GovernanceGiven:
    """`olga` of the team `payments` asks; `ann`, `bob` and `cid` of the change board decide; `root` administers."""

    now: datetime

    def board(self, slug: str = "change-board", *, members: Iterable[str] = ("ann", "bob", "cid")) -> Board:
        """A board of these people."""
        found = Board.objects.filter(slug=slug).first()
        people = [self.person(name) for name in members]  # type: ignore[attr-defined]
        return found or boards.register_board(slug=slug, title=slug.capitalize(), members=people, **self._root())  # type: ignore[attr-defined]

    def quorum(self, name: str = "board", *, needs: int = 2, boards: Iterable[str] = ("change-board",), **more: Any) -> dict[str, Any]:
        """The requirement of a policy."""
        return {"kind": "quorum", "name": name, "needs": needs, "boards": list(boards), **more}

    def check(self, name: str, **more: Any) -> dict[str, Any]:
        """An automatic check of a policy."""
        return {"kind": "check", "name": name, "check": name, **more}

    def policy(self, slug: str = "default", *requirements: Mapping[str, Any], environments: Iterable[str] = (), **times: int) -> Policy:
        """A policy; naming no environment it covers production. Without requirements: two of the change board."""
        found = Policy.objects.filter(slug=slug).first()
        if found is not None:
            return found
        self.board()
        return policies.register_policy(
            slug=slug,
            title=slug.capitalize(),
            requirements=[dict(r) for r in requirements] or [self.quorum()],
            environments=[self.environment(name) for name in environments],  # type: ignore[attr-defined]
            **self._root(),  # type: ignore[attr-defined]
            **times,
        )

    def tightened(self, slug: str = "default", *requirements: Mapping[str, Any]) -> Policy:
        """The policy asks this from now on."""
        policy = Policy.objects.get(slug=slug)
        changes = {"requirements": [dict(r) for r in requirements]}
        return policies.update_policy(slug=slug, changes=changes, expected_version=policy.version, **self._root())  # type: ignore[attr-defined]

    def agent(self, slug: str = "agent", environment: str = "production") -> Runtime:
        """A reference agent."""
        return self.runtime(slug, kind="reference-agent", environment=environment)  # type: ignore[attr-defined,no-any-return]

    def releasable(self, integration: str = "orders-to-erp", version: str = "1.0.0", *, every_s: float = 3, by: str = "olga") -> Release:
        """A release of an integration of the team `payments`, written by one of its members."""
        self.team("payments", members=["olga", by])  # type: ignore[attr-defined]
        subject = self.integration(integration, by="olga")  # type: ignore[attr-defined]
        return self.release(subject, version, manifest=flow(every_s), by=by)  # type: ignore[attr-defined,no-any-return]

    def asked(self, version: str = "1.0.0", *, integration: str = "orders-to-erp", by: str = "olga", **more: Any) -> ChangeRequest:
        """A submitted request for production."""
        command = {"targets": [{"environment": "production", "runtime": "agent"}], "reason": "Because.", **more}
        return change_requests.draft_and_submit(integration=integration, release=version, **command, **self.by(by))  # type: ignore[attr-defined]

    def retirement(self, *, integration: str = "orders-to-erp", by: str = "olga", **more: Any) -> ChangeRequest:
        """A submitted request to take it out of production."""
        command = {"targets": [{"environment": "production", "runtime": "agent"}], "reason": "Nobody reads it any more.", **more}
        return change_requests.draft_and_submit(action="retire", integration=integration, **command, **self.by(by))  # type: ignore[attr-defined]

    def taken_out(self, *, integration: str = "orders-to-erp") -> ChangeRequest:
        """Two people agreed that it leaves production, and nothing of it is left there."""
        change = self.retirement(integration=integration)
        self.vote(change, "ann")
        self.vote(change, "bob")
        done = self.ended(change, DeploymentState.SUCCEEDED)
        self.later(minutes=1)  # type: ignore[attr-defined]
        return done

    def change_in_review(
        self, *, needs: int = 2, voted: Iterable[str] = (), checks: Iterable[str] = (), version: str = "1.0.0", **more: Any
    ) -> ChangeRequest:
        """An open request under a policy of `needs` approvals and these checks; `voted` have approved already."""
        self.agent()
        self.policy("default", self.quorum(needs=needs), *(self.check(name) for name in checks))
        self.releasable(version=version)
        change = self.asked(version, **more)
        for name in voted:
            change = self.vote(change, name)
        return self.again(change)

    def vote(
        self,
        change: ChangeRequest,
        person: str | User,
        choice: Choice = APPROVE,
        *,
        reason: str = "Seen.",
        shown: str | None = None,
        **by: Any,
    ) -> ChangeRequest:
        """Cast a vote on the content as `change` knows it."""
        who = {**self.by(person), **by}  # type: ignore[attr-defined]
        return votes.cast_vote(number=change.number, choice=choice, shown=shown or change.subject_digest, reason=reason, **who)

    def edited(self, change: ChangeRequest, *, by: str = "olga", expected_version: int | None = None, **changes: Any) -> ChangeRequest:
        """Somebody changes the request."""
        change_requests.edit(number=change.number, changes=changes, expected_version=expected_version, **self.by(by))  # type: ignore[attr-defined]
        return self.again(change)

    def reviewed(self, change: ChangeRequest) -> ChangeRequest:
        """A worker looked at the request now."""
        review.review(number=change.number, actor=WORKER, now=self.now)
        return self.again(change)

    def again(self, change: ChangeRequest) -> ChangeRequest:
        """As it stands in the database."""
        return ChangeRequest.objects.select_related("integration__team", "release", "requester", "caused_by").get(pk=change.pk)

    def slot_of(self, change: ChangeRequest) -> Slot:
        """The one slot the change is for."""
        return change.targets.get().slot

    def ended(self, change: ChangeRequest, state: DeploymentState, *, settle: bool = True) -> ChangeRequest:
        """Every deployment of the change that is on its way ended so, and governance has read it."""
        for row in Deployment.objects.filter(change_id=change.id, settled_at__isnull=True).select_related("slot__runtime"):
            Deployment.objects.filter(pk=row.pk).update(state=state, settled_at=self.now)
            if state is DeploymentState.SUCCEEDED:
                place = {"environment_id": row.slot.environment_id, "runtime_key": row.slot.runtime.slug}
                live.record_live(integration_id=row.slot.integration_id, release_id=row.release_id, at=self.now, **place)
        if settle:
            settlement.settle_due(now=self.now, actor=WORKER)
        return self.again(change)

    def live_change(self, version: str = "1.0.0", *, every_s: float = 3) -> ChangeRequest:
        """A release that two people approved and that succeeded in production."""
        self.agent()
        self.policy()
        self.releasable(version=version, every_s=every_s)
        change = self.asked(version)
        self.vote(change, "ann")
        self.vote(change, "bob")
        done = self.ended(change, DeploymentState.SUCCEEDED)
        self.later(minutes=1)  # type: ignore[attr-defined]
        return done

    def documented(self, integration: str) -> None:
        """Every section a tier asks for is written."""
        for section in ("overview", "runbook", "support"):
            documents.write_document(integration=integration, section=section, body="Words.", expected_version=None, **self.by("olga"))  # type: ignore[attr-defined]

    def empty_team(self, slug: str) -> None:
        """Everybody leaves the team."""
        team = Team.objects.get(slug=slug)
        for user in User.objects.filter(memberships__team=team):
            teams.remove_member(team=team, user=user, actor=WORKER, now=self.now)

    def remove_from_board(self, name: str, slug: str = "change-board") -> None:
        """The person leaves the board."""
        board = Board.objects.get(slug=slug)
        boards.remove_member(board=board, user=self.person(name), **self._root())  # type: ignore[attr-defined]

    def deactivated(self, name: str) -> None:
        """The person's account is closed."""
        users.deactivate_user(username=name, actor=WORKER, now=self.now)  # type: ignore[attr-defined]

    def facts(self, row: Any, verb: str) -> dict[str, Any]:
        """The facts of the newest event of that verb about `row`, as they stand in its leaf."""
        event = Event.objects.filter(subject_id=row.pk, verb=verb).order_by("id").last()
        assert event is not None, f"no {verb} was recorded"
        return dict(json.loads(bytes(event.body))["facts"])

    def votes_on(self, change: ChangeRequest) -> list[tuple[str, str]]:
        """Who said what, in order."""
        return list(Vote.objects.filter(change=change).order_by("sequence").values_list("user__username", "value"))
