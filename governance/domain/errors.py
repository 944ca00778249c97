"""What governance refuses, named for the fact."""

from foundation.errors import DomainError, Kind


class ChangeMissing(DomainError):
    """There is no such change request, or the viewer may not see it."""

    kind, code = Kind.MISSING, "change-missing"


class RequestClosed(DomainError):
    """The request is no longer open to this."""

    kind, code = Kind.CONFLICT, "request-closed"


class NotEligible(DomainError):
    """No requirement of the request gives this person a vote."""

    kind, code = Kind.FORBIDDEN, "not-eligible"


class ContentMoved(DomainError):
    """The vote was cast on content that has changed since."""

    kind, code = Kind.PRECONDITION, "content-moved"


class VersionMoved(DomainError):
    """The entity was changed since it was read."""

    kind, code = Kind.PRECONDITION, "version-moved"


class NothingToRetract(DomainError):
    """There is no vote of this person on this content."""

    kind, code = Kind.CONFLICT, "nothing-to-retract"


class Unsatisfiable(DomainError):
    """Even if everybody who may vote approved, a requirement would stay open."""

    kind, code = Kind.INVALID, "unsatisfiable"


class NoPolicy(DomainError):
    """No policy covers a target, and what nothing governs is not allowed."""

    kind, code = Kind.INVALID, "no-policy"


class InvalidPolicy(DomainError):
    """The policy is not well formed."""

    kind, code = Kind.INVALID, "invalid-policy"


class InvalidChange(DomainError):
    """The change request names something that cannot be changed so."""

    kind, code = Kind.INVALID, "invalid-change"


class NotAllowed(DomainError):
    """The viewer has no right to this command."""

    kind, code = Kind.FORBIDDEN, "not-allowed"


class NotReady(DomainError):
    """The gate is not open."""

    kind, code = Kind.CONFLICT, "not-ready"


class ReasonNeeded(DomainError):
    """This decision needs a reason."""

    kind, code = Kind.INVALID, "reason-needed"


class SlugTaken(DomainError):
    """Another entity has this slug, or one that reads the same."""

    kind, code = Kind.CONFLICT, "slug-taken"


class NothingToRollBackTo(DomainError):
    """No earlier release succeeded on the slot and may run there again."""

    kind, code = Kind.INVALID, "nothing-to-roll-back-to"


class NobodyAnswers(DomainError):
    """Nobody active answers for the integration: it keeps running, but nothing new is sent until somebody does."""

    kind, code = Kind.CONFLICT, "nobody-answers"


class NoTeamAnswers(DomainError):
    """Only people in their own name answer for the integration: nothing new goes to production until its team has an active member."""

    kind, code = Kind.CONFLICT, "no-team-answers"


class CampaignMissing(DomainError):
    """There is no such campaign."""

    kind, code = Kind.MISSING, "campaign-missing"


class CampaignClosed(DomainError):
    """The campaign is closed; attest without it."""

    kind, code = Kind.CONFLICT, "campaign-closed"


class InvalidCampaign(DomainError):
    """The campaign cannot be opened so."""

    kind, code = Kind.INVALID, "invalid-campaign"


class InvalidAnswer(DomainError):
    """The answer lacks something, or says something that does not belong to it."""

    kind, code = Kind.INVALID, "invalid-answer"


class NotAsked(DomainError):
    """The campaign does not ask about this integration, or it was answered already."""

    kind, code = Kind.CONFLICT, "not-asked"


class StillHolding(DomainError):
    """The person still answers for something: make a reassignment plan first."""

    kind, code = Kind.CONFLICT, "still-holding"


class PlanStale(DomainError):
    """What the person holds is not what the plan listed: make a new one."""

    kind, code = Kind.CONFLICT, "reassignment-plan-stale"


class InvalidReassignment(DomainError):
    """Somebody named cannot take over, or something has nobody to take it over."""

    kind, code = Kind.INVALID, "invalid-reassignment"


class NotificationMissing(DomainError):
    """You were told no such thing, or may not see what it is about any more."""

    kind, code = Kind.MISSING, "notification-missing"


class NoSuchMove(DomainError):
    """The integration's lifecycle has no move from its present stage to this one."""

    kind, code = Kind.CONFLICT, "no-such-move"


class GuardsNotMet(DomainError):
    """The move asks for more than there is; `errors` names every guard that failed, what to do and who can do it."""

    kind, code = Kind.CONFLICT, "guards-not-met"


class NotLeaving(DomainError):
    """Only the deprecation of an integration is acknowledged, and this one is not deprecated."""

    kind, code = Kind.CONFLICT, "not-leaving"


class NotAConsumer(DomainError):
    """This team is not known to rely on the integration."""

    kind, code = Kind.INVALID, "not-a-consumer"


class NotYourTeam(DomainError):
    """Only members of the team may acknowledge in its name."""

    kind, code = Kind.FORBIDDEN, "not-your-team"


class PlanMoved(DomainError):
    """What stands by this entity is not what the plan showed: look at the plan again."""

    kind, code = Kind.CONFLICT, "plan-moved"


class DeletionBlocked(DomainError):
    """Something stands in the way; `blockers` says what, and who can clear it."""

    kind, code = Kind.CONFLICT, "deletion-blocked"


class AlreadyRetired(DomainError):
    """It is retired already: the next step is its tombstone."""

    kind, code = Kind.CONFLICT, "already-retired"


class NotRetired(DomainError):
    """Only what is retired can be deleted: retire it first."""

    kind, code = Kind.CONFLICT, "not-retired"
