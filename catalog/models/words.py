"""Integrations whose words to search by tell of a name that has changed since. The row is the queue."""

from django.db import models

from catalog.models.integration import Integration


class StaleWords(models.Model):
    """Present while the words of one integration wait to be written anew."""

    integration = models.OneToOneField(Integration, models.CASCADE, primary_key=True, related_name="+")
    since = models.DateTimeField()
