"""Reading teams and who is in them."""

from django.db.models import Prefetch, QuerySet

from accounts.domain.errors import TeamMissing
from accounts.models import Membership, Team
from foundation.text import slug_key

_MEMBERS = Prefetch("memberships", Membership.objects.select_related("user").order_by("user__username_key"))


def teams() -> QuerySet[Team]:
    """All teams with their parents, by slug."""
    return Team.objects.select_related("parent").order_by("slug_key", "id")


def team_by_slug(slug: str) -> Team:
    """The team of any spelling of the slug. Raises TeamMissing."""
    team = teams().filter(slug_key=slug_key(slug)).first()
    if team is None:
        raise TeamMissing
    return team


def detail_of(slug: str) -> Team:
    """The same team with its members at hand. Raises TeamMissing."""
    team = teams().prefetch_related(_MEMBERS).filter(slug_key=slug_key(slug)).first()
    if team is None:
        raise TeamMissing
    return team
