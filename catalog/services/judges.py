"""The view of those who must judge a change, for as long as they may vote."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from catalog.models import Integration, IntegrationGroupObjectPermission, IntegrationUserObjectPermission

CODENAME = "judge_release"


@transaction.atomic
def open_view(*, integration_id: UUID, group_ids: Iterable[int] = (), user_ids: Iterable[UUID] = ()) -> None:
    """Let these groups and accounts see the integration and what is inside. Kept apart from grants that people make."""
    permission = _permission()
    common = {"permission": permission, "content_object_id": integration_id}
    IntegrationGroupObjectPermission.objects.bulk_create(
        [IntegrationGroupObjectPermission(group_id=group, **common) for group in group_ids], ignore_conflicts=True
    )
    IntegrationUserObjectPermission.objects.bulk_create(
        [IntegrationUserObjectPermission(user_id=user, **common) for user in user_ids], ignore_conflicts=True
    )


@transaction.atomic
def close_view(*, integration_id: UUID, group_ids: Iterable[int] = (), user_ids: Iterable[UUID] = ()) -> None:
    """End it for these. The caller keeps those who still judge another change of the same integration."""
    held = {"permission": _permission(), "content_object_id": integration_id}
    IntegrationGroupObjectPermission.objects.filter(group_id__in=list(group_ids), **held).delete()
    IntegrationUserObjectPermission.objects.filter(user_id__in=list(user_ids), **held).delete()


def _permission() -> Permission:
    return Permission.objects.get(content_type=ContentType.objects.get_for_model(Integration), codename=CODENAME)
