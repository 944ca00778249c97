"""Icons as inline SVG: drawn on a 16-unit grid, coloured by the text around them, hidden from screen readers."""

from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

PATHS: Final[dict[str, str]] = {
    "ok": "M3 8.5l3.2 3.2L13 5",
    "bad": "M4 4l8 8M12 4l-8 8",
    "warn": "M8 2.5L14.5 13.5h-13zM8 6.5v3.4M8 11.8v.1",
    "neutral": "M13 8A5 5 0 1 1 3 8a5 5 0 0 1 10 0",
    "info": "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0M8 7.2v4M8 4.8v.1",
    "clock": "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0M8 4.5V8l2.5 1.5",
    "dash": "M4 8h8",
    "pause": "M6 4v8M10 4v8",
    "back": "M6.5 3.5L2.5 7l4 3.5M2.5 7H10a3.5 3.5 0 0 1 0 7H7",
    "sync": "M13.5 8A5.5 5.5 0 0 1 4 12M2.5 8A5.5 5.5 0 0 1 12 4M12 1.500V4h-2.500M4 14.500V12h2.5",
    "lock": "M3.5 7.500h9v6h-9zM5.5 7.500V5a2.5 2.5 0 0 1 5 0v2.5",
    "home": "M2.5 7.500L8 2.500l5.5 5M4 6.500v7h8v-7",
    "review": "M3 2.500h10v11H3zM5.5 8l1.7 1.700L10.7 6",
    "link": "M5.2 8.800h5.600M4.5 5.500a2.5 2.5 0 1 0 0 5M11.5 5.500a2.5 2.5 0 1 1 0 5M5.2 7.200h5.6",
    "deploy": "M8 11V2.500M4.5 6L8 2.5 11.5 6M2.5 10.500v3h11v-3",
    "runtime": "M2.5 3h11v4.200h-11zM2.5 8.800h11V13h-11zM5 5.100v.1M5 10.900v.1",
    "log": "M4.5 2.500v11M4.5 4h8M4.5 8h6M4.5 12h7",
    "search": "M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0M10.3 10.300l3.2 3.2",
    "menu": "M2.5 4h11M2.5 8h11M2.5 12h11",
    "theme": "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12",
    "copy": "M5.5 5.500h8v8h-8zM10.5 5.500v-3h-8v8h3",
    "plus": "M8 3v10M3 8h10",
    "person": "M10.5 5a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0M3 13.500c0-2.8 2.2-4 5-4s5 1.2 5 4",
    "out": "M9.5 2.500h-6v11h6M6.5 8h7M11 5.500L13.5 8 11 10.5",
    "key": "M7.5 5.500a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0M6.8 7.300L12.5 13M10.5 11l1.5-1.5",
    "box": "M2.5 5L8 2.5 13.5 5v6L8 13.5 2.5 11zM2.5 5L8 7.5 13.5 5M8 7.500v6",
    "graph": "M2 2.5h3.500v3H2zM10.500 2.500H14v3h-3.500zM6.200 10.500h3.500v3H6.200zM5.500 4h5M4 5.500l3.200 5M12 5.500l-3.500 5",
    "bell": "M4 11V7a4 4 0 0 1 8 0v4l1.500 1.500h-11zM6.5 14.200h3",
    "layers": "M8 2L14 5 8 8 2 5zM2 8l6 3 6-3M2 11l6 3 6-3",
    "doc": "M4 2.500h5.500L12 5v8.500H4zM6 8h4M6 10.500h4",
}


def icon(name: str, size: int = 16) -> SafeString:
    """Return the icon as SVG of `size` CSS pixels; KeyError for an unknown name, so a typing error never ships."""
    return format_html(
        '<svg width="{0}" height="{0}" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.6"'
        ' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="{1}"/></svg>',
        size,
        mark_safe(PATHS[name]),  # noqa: S308 - our own constant above
    )
