"""Names of teams and of people, each leading to its page."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString


@dataclass(frozen=True, slots=True)
class TeamName:
    """A team of which a list has read no more than this."""

    slug: str
    title: str


def url_of(one: Any) -> str:
    """The page of a team or an account; "" for anything else."""
    if username := getattr(one, "username", ""):
        return reverse("portal:person", args=[username])
    return reverse("portal:team", args=[one.slug]) if getattr(one, "slug", "") else ""


def name_of(one: Any) -> str:
    """What a team or an account is called; a plain word is its own name."""
    return str(getattr(one, "display_name", "") or getattr(one, "username", "") or (one.title if hasattr(one, "slug") else one))


def who(one: Any) -> SafeString:
    """The name with the link; a plain word (`Portolan`, a contact) stays one, and nobody is nothing."""
    if not one:
        return SafeString("")
    url = url_of(one)
    return format_html('<a href="{}">{}</a>', url, name_of(one)) if url else conditional_escape(one)
