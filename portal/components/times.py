"""Times as people read them: their own zone, with the exact UTC instant on hover and for machines."""

from datetime import UTC, datetime, timedelta, tzinfo

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

_FORMATS = {"full": "j M Y, H:i", "day": "j M Y", "clock": "H:i:s", "exact": "j M Y, H:i:s"}


def span_words(span: timedelta) -> str:
    """Return a length of time in its largest whole unit: "3 days", "2 hours", "1 minute", "12 seconds"."""
    seconds = abs(int(span.total_seconds()))
    if seconds >= 2 * 86400:
        return ngettext("%(n)d day", "%(n)d days", seconds // 86400) % {"n": seconds // 86400}
    if seconds >= 3600:
        return ngettext("%(n)d hour", "%(n)d hours", seconds // 3600) % {"n": seconds // 3600}
    if seconds >= 60:
        return ngettext("%(n)d minute", "%(n)d minutes", seconds // 60) % {"n": seconds // 60}
    return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}


def _exact(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _machine(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(at: datetime, zone: tzinfo, *, style: str = "full") -> SafeString:
    """Return a <time> in `zone` with the zone's short name; `style` is full, day, clock or exact."""
    local = at.astimezone(zone)
    words = date_format(local, _FORMATS[style])
    name = "" if style == "day" else f" {local.tzname()}"
    return format_html('<time class="num" datetime="{}" title="{}">{}{}</time>', _machine(at), _exact(at), words, name)


def relative(at: datetime, now: datetime) -> SafeString:
    """Return a <time> in words relative to `now`: "2 hours ago", "in 3 days"."""
    gap = at - now
    phrase = _("in %(span)s") if gap > timedelta(0) else _("%(span)s ago")
    words = _("just now") if abs(gap) < timedelta(seconds=5) else phrase % {"span": span_words(gap)}
    return format_html('<time class="num nowrap" datetime="{}" title="{}">{}</time>', _machine(at), _exact(at), words)


def due(at: datetime, now: datetime) -> SafeString:
    """Return a deadline: "in 3 days", or "2 days late" in the late style once it has passed."""
    if at > now:
        return relative(at, now)
    words = _("%(span)s late") % {"span": span_words(now - at)}
    return format_html('<time class="num nowrap late" datetime="{}" title="{}">{}</time>', _machine(at), _exact(at), words)
