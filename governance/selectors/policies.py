"""Which policies cover an environment."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from catalog.models import Environment
from governance.models import Policy


def policies() -> QuerySet[Policy]:
    """Every policy; any signed-in person may see them."""
    return Policy.objects.order_by("slug_key", "id").prefetch_related("environments")


def bound_to(environments: Collection[Environment]) -> list[Policy]:
    """Enabled policies that cover any of the environments: by name, or, naming none, every production environment."""
    ids = [environment.id for environment in environments]
    named = Policy.environments.through.objects.filter(policy_id=OuterRef("pk"))
    rule = Q(Exists(named.filter(environment_id__in=ids)))
    if any(environment.is_production for environment in environments):
        rule |= ~Q(Exists(named))
    return list(Policy.objects.filter(rule, is_enabled=True).order_by("slug_key", "id"))


def uncovered(environments: Collection[Environment]) -> list[Environment]:
    """Protected or production environments that no enabled policy covers: nothing may be deployed there."""
    return [e for e in environments if (e.is_production or e.is_protected) and not bound_to([e])]


def policy_ids(slugs: Collection[str]) -> list[UUID]:
    """The ids of the policies named."""
    return list(Policy.objects.filter(slug__in=slugs).values_list("id", flat=True))
