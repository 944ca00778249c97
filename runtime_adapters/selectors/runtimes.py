"""Runtimes, as people and the runtimes themselves see them."""

from uuid import UUID

from django.db.models import QuerySet

from foundation.text import slug_key
from runtime_adapters.domain.errors import NoSuchRuntime
from runtime_adapters.models import Runtime


def runtimes() -> QuerySet[Runtime]:
    """Every runtime with its environments, in slug order. Runtimes are landscape: any signed-in person sees them."""
    return Runtime.objects.prefetch_related("environments").order_by("slug_key")


def runtime_by_slug(slug: str) -> Runtime:
    """Raises NoSuchRuntime."""
    runtime = runtimes().filter(slug_key=slug_key(slug)).first()
    if runtime is None:
        raise NoSuchRuntime
    return runtime


def runtime_of_user(user_id: UUID | None) -> Runtime | None:
    """The enabled runtime whose service account this is."""
    return Runtime.objects.filter(service_user_id=user_id, is_enabled=True).first()
