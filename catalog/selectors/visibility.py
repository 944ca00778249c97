"""The visibility rule part by part, for lists: each part is read in the order of an index of its own.

`catalog.models.integration.visible_q` is the rule; a test holds these parts against it.
"""

from collections.abc import Sequence

from accounts.domain.viewers import Viewer
from foundation.scopes import Scope

_OPEN = "catalog_integration.visibility = 'organisation'"
_KEPT = "catalog_integration.visibility = 'restricted'"
_OF_TEAM = f"{_KEPT} AND catalog_integration.team_id = scope.value"
_GRANTED = f"""{_KEPT} AND catalog_integration.id = ANY(ARRAY(
  SELECT content_object_id FROM catalog_integrationuserobjectpermission WHERE user_id = %s
  UNION SELECT content_object_id FROM catalog_integrationgroupobjectpermission WHERE group_id = ANY(%s)
)) AND catalog_integration.team_id <> ALL(%s::uuid[])"""  # noqa: S608 - constants
_UNIQUE = {"slug_key", "pk", "id", "relevance"}


def scopes_of(viewer: Viewer, order: Sequence[str]) -> tuple[Scope, ...]:
    """What the viewer sees of the integrations that were not deleted, in disjoint parts; none where everything is seen at once.

    Who sees all still reads open and restricted ones apart in orders whose index begins with the visibility.
    """
    if viewer.sees_all:
        return () if order[0].lstrip("-") in _UNIQUE else (Scope(_OPEN), Scope(_KEPT))
    own = sorted(viewer.team_ids)
    granted = Scope(_GRANTED, (viewer.user_id, sorted(viewer.group_ids), own))
    of_teams = (Scope(_OF_TEAM, each=("uuid[]", own)),) if own else ()
    return (Scope(_OPEN), *of_teams, granted)
