"""Names: what each entity is called now, and what it was called before. One table, so that the database decides races."""

from django.db import models

from catalog.domain.vocabulary import EntityKind


def live_name_once(table: str) -> models.UniqueConstraint:
    """Among rows that were not deleted a name exists once; a deleted one's name may be given to a new identity."""
    return models.UniqueConstraint(fields=["slug_key"], condition=models.Q(tombstoned_at__isnull=True), name=f"{table}_live_name_once")


class Name(models.Model):
    """A name that leads to one entity: its present one, or an alias kept from before a rename. Gone while the entity is deleted."""

    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in EntityKind])
    key = models.CharField(max_length=63, db_collation="C")
    slug = models.CharField(max_length=63, db_collation="C")
    entity_id = models.UUIDField(db_index=True)
    is_current = models.BooleanField(default=True)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="name_once_per_kind")]
