"""Template tags of the portal: thin doors to `portal.components`, with the viewer's zone and clock taken from the page."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect
from django.template.context import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone

from portal.components import chart, diff, digests, icons, names, status, times
from portal.components import markdown as prose

register = template.Library()
NO_TIME = "\N{EN DASH}"


def _zone(context: Context) -> tzinfo:
    shell = context.get("shell")
    return getattr(shell, "zone", None) or get_current_timezone()


def _now(context: Context) -> datetime:
    """The page's own `now` (the database clock of the view), else the shell's."""
    now: datetime | None = context.get("now") or getattr(context.get("shell"), "now", None)
    return now or datetime.now(UTC)


@register.simple_tag
def icon(name: str, size: int = 16) -> SafeString:
    """{% icon "ok" 14 %}"""
    return icons.icon(name, size)


@register.simple_tag
def pill(axis: str, state: object, word: str = "") -> SafeString:
    """{% pill "health" row.health %}; axes are the keys of `status.AXES`."""
    return status.pill(axis, state, word)


@register.simple_tag
def tone_pill(tone: str, word: str) -> SafeString:
    """{% tone_pill "warn" "Waiver" %}"""
    return status.tone_pill(tone, word)


@register.simple_tag
def mark(axis: str, state: object) -> SafeString:
    """{% mark "check" check.status %}: a coloured icon that also says its word."""
    return status.mark(axis, state)


@register.simple_tag
def word(axis: str, state: object) -> str:
    """{% word "deployment" row.state %}: the state's word alone."""
    return str(status.face(axis, state).word)


@register.simple_tag
def who(one: object) -> SafeString:
    """{% who row.team %} or {% who owner.person %}: the name of a team or an account, leading to its page."""
    return names.who(one)


@register.simple_tag(takes_context=True)
def when(context: Context, at: datetime | None, style: str = "full") -> SafeString | str:
    """{% when event.at "exact" %}: local time with the exact UTC instant on hover; a dash for no time."""
    return times.moment(at, _zone(context), style=style) if at else NO_TIME


@register.simple_tag(takes_context=True)
def ago(context: Context, at: datetime | None) -> SafeString | str:
    """{% ago row.since %}: "2 hours ago" or "in 3 days"."""
    return times.relative(at, _now(context)) if at else NO_TIME


@register.simple_tag(takes_context=True)
def due(context: Context, at: datetime | None) -> SafeString | str:
    """{% due row.due_at %}: like `ago`, but "2 days late" in red once passed."""
    return times.due(at, _now(context)) if at else NO_TIME


@register.simple_tag
def took(start: datetime | None, end: datetime | None) -> str:
    """{% took attempt.started_at attempt.ended_at %}: "1.4 s" below ten seconds, else in words."""
    if not start or not end:
        return NO_TIME
    span: timedelta = end - start
    return f"{span.total_seconds():.1f} s" if span < timedelta(seconds=10) else times.span_words(span)


@register.simple_tag
def digest(value: str | None, copy: bool = False) -> SafeString:
    """{% digest release.digest copy=True %}"""
    return digests.digest_tag(value or "", copy=copy)


@register.simple_tag(name="diff")
def diff_tag(before: str, after: str, label: str) -> SafeString:
    """{% diff before after label="Payload, 1.0.0 to 2.0.0" %}"""
    return diff.diff_table(before or "", after or "", label=label)


@register.simple_tag
def line_chart(figure: Mapping[str, Any]) -> SafeString:
    """{% line_chart health_chart %} with title, labels, summary, unit?, narrow?, series [{name, values}]."""
    series = [one if isinstance(one, chart.Series) else chart.Series(one["name"], one["values"]) for one in figure["series"]]
    return chart.line_chart(
        title=figure["title"],
        labels=figure["labels"],
        series=series,
        summary=figure["summary"],
        unit=figure.get("unit", ""),
        narrow=figure.get("narrow", False),
    )


@register.filter
def markdown(text: str | None) -> SafeString:
    """{{ document.body|markdown }}"""
    return prose.markdown(text or "")


@register.filter
def pretty_json(value: object) -> str:
    """{{ leaf|pretty_json }}: indented, in the order given; a text that is already JSON is re-indented."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return str(value)
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


@register.filter
def breakable(name: str) -> SafeString:
    """{{ row.verb|breakable }}: a dotted name that may wrap after its dots, so that no word is cut."""
    return format_html_join(SafeString(".<wbr>"), "{}", ((part,) for part in name.split(".")))


@register.filter
def initials(name: str | None) -> str:
    """{{ shell.person_name|initials }}: at most two letters."""
    words = (name or "").split()
    return "".join(part[0] for part in ([*words[:1], *words[-1:]] if len(words) > 1 else words)).upper()


@register.filter
def seats(needed: int, taken: int) -> list[bool]:
    """{% for taken in needed|seats:have %}: one entry per seat, True where somebody sits."""
    return [n < taken for n in range(needed or 0)]


@register.inclusion_tag("portal/parts/timeline.html", takes_context=True)
def timeline(context: Context, entries: list[Mapping[str, Any]]) -> dict[str, Any]:
    """{% timeline entries %} with entries {at, title, by?, note?, tone?, icon?, url?, index?}, in the order given."""
    return {"entries": entries, "shell": context.get("shell"), "now": context.get("now")}


@register.inclusion_tag("portal/parts/track.html", takes_context=True)
def track(context: Context, facts: list[Mapping[str, Any]]) -> dict[str, Any]:
    """{% track facts %} with five facts {key, at?, status: done|now|waiting|failed|absent, note?} in delivery order."""
    return {"facts": facts, "shell": context.get("shell"), "now": context.get("now")}


@register.inclusion_tag("portal/parts/empty.html")
def empty(icon_name: str, title: str, text: str = "", url: str = "", action: str = "") -> dict[str, str]:
    """{% empty "box" title text url action %}: nothing here, and what to do next."""
    return {"icon_name": icon_name, "title": title, "text": text, "url": url, "action": action}


@register.inclusion_tag("portal/parts/tabs.html")
def tabs(label: str, entries: list[Mapping[str, Any]]) -> dict[str, Any]:
    """{% tabs "Pages of this integration" tabs %} with entries {url, label, is_current}."""
    return {"label": label, "tabs": entries}


@register.inclusion_tag("portal/parts/pager.html", takes_context=True)
def pager(context: Context, next_cursor: str | None) -> dict[str, Any]:
    """{% pager next_cursor %}: a link to the next page that keeps the filters in the query string."""
    return {"next_cursor": next_cursor, "request": context.get("request")}


_CHOICES = (CheckboxSelectMultiple, RadioSelect)


@register.inclusion_tag("portal/parts/field.html")
def field(bound: BoundField, kind: str = "") -> dict[str, Any]:
    """{% field form.title %}: label, control, hint and errors, tied together for assistive technology.

    Django itself adds aria-describedby and aria-invalid when the field has help text or errors (5.0, 5.2).
    `kind` adds a class ("mono tall" for a manifest).
    """
    widget = bound.field.widget
    attrs: dict[str, str | bool] = {"class": kind} if kind else {}
    return {
        "bound": bound,
        "control": bound.as_widget(attrs=attrs),
        "is_check": isinstance(widget, CheckboxInput),
        "is_group": isinstance(widget, _CHOICES),
        "is_file": isinstance(widget, FileInput),
        "wide": "tall" in kind or widget.__class__.__name__ == "Textarea",
    }


@register.simple_tag
def attribute(name: str, value: object) -> SafeString | str:
    """{% attribute "aria-current" value %}: name="value", or nothing for an empty value."""
    return format_html('{}="{}"', name, value) if value else ""
