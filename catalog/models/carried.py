"""Names of fields that integrations carry, each once, so that the beginning of one finds it."""

from django.db import models


class CarriedName(models.Model):
    """A folded name, `customer.email` or `email`, that some endpoint carried at some time. Only told while a visible one does."""

    name = models.CharField(primary_key=True, max_length=190, db_collation="C")

    class Meta:
        ordering = ["name"]
