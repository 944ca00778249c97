"""What the log says about a thing."""

from typing import Any

from audit.models import Event


class EventsGiven:
    """Reading back what was recorded."""

    def events(self, row: Any) -> list[str]:
        """The verbs recorded on `row`, oldest first."""
        return list(Event.objects.filter(subject_id=row.pk).order_by("at", "id").values_list("verb", flat=True))
