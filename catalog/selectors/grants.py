"""Who was let into an integration, besides its team."""

from dataclasses import dataclass

from django.contrib.auth.models import Group

from accounts.models import Team, User
from catalog.models import Integration, IntegrationGroupObjectPermission, IntegrationUserObjectPermission

PERMISSIONS = {"view": "view_integration", "propose": "propose_release"}
_RIGHTS = {codename: right for right, codename in PERMISSIONS.items()}


@dataclass(frozen=True, slots=True)
class Grant:
    """One holder (a user name or a team's slug) and one right."""

    holder_type: str
    holder: str
    title: str
    right: str


def grants_on(integration: Integration) -> list[Grant]:
    """Grants that people made, users first; views of voters are not among them."""
    held = {"content_object": integration, "permission__codename__in": list(_RIGHTS)}
    users = IntegrationUserObjectPermission.objects.filter(**held).order_by("user__username_key", "permission__codename")
    groups = IntegrationGroupObjectPermission.objects.filter(**held).order_by("permission__codename")
    by_group = {team.group_id: team for team in Team.objects.filter(group_id__in=groups.values("group_id"))}
    found = [
        Grant("user", name, title, _RIGHTS[codename])
        for name, title, codename in users.values_list("user__username", "user__display_name", "permission__codename")
    ]
    teams = [
        Grant("team", by_group[group].slug, by_group[group].title, _RIGHTS[codename])
        for group, codename in groups.values_list("group_id", "permission__codename")
        if group in by_group
    ]
    return found + sorted(teams, key=lambda grant: (grant.holder, grant.right))


def rights_of(integration: Integration, holder: User | Group) -> list[str]:
    """The rights that `holder` was granted by name on `integration`."""
    held = {"content_object": integration, "permission__codename__in": list(_RIGHTS)}
    rows = (
        IntegrationUserObjectPermission.objects.filter(user=holder, **held)
        if isinstance(holder, User)
        else IntegrationGroupObjectPermission.objects.filter(group=holder, **held)
    )
    return sorted(_RIGHTS[codename] for codename in rows.values_list("permission__codename", flat=True))
