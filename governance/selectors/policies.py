"""Which policies cover an environment."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
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


def bound_to_each(wanted: Mapping[UUID, Collection[Environment]]) -> dict[UUID, list[Policy]]:
    """`bound_to` for several sets of environments, by their key, in one query."""
    named = Policy.environments.through.objects.filter(policy_id=OuterRef("pk")).values_list("environment_id")
    enabled = list(Policy.objects.filter(is_enabled=True).annotate(named=ArraySubquery(named)).order_by("slug_key", "id"))
    covered = {policy.id: set(policy.named) for policy in enabled}
    return {key: [policy for policy in enabled if _covers(covered[policy.id], environments)] for key, environments in wanted.items()}


def _covers(named: set[UUID], environments: Collection[Environment]) -> bool:
    """Naming an environment covers it; naming none covers every production environment."""
    return any(e.id in named if named else e.is_production for e in environments)


def uncovered(environments: Collection[Environment]) -> list[Environment]:
    """Protected or production environments that no enabled policy covers: nothing may be deployed there."""
    return [e for e in environments if (e.is_production or e.is_protected) and not bound_to([e])]
