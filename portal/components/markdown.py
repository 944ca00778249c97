"""Text written by people: CommonMark in, cleaned HTML out. Raw HTML is shown as text, links never pass on a referrer."""

from functools import cache
from typing import Final

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS: Final = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
_TOP: Final = 3  # a heading inside a document lies below the page's own headings
_LOWEST: Final = 6


@cache
def _parser() -> MarkdownIt:
    # "js-default" ships with html off; images are left out because no request may leave the host.
    return MarkdownIt("js-default", {"html": False, "linkify": False}).disable("image")


def markdown(text: str) -> SafeString:
    """Return `text` (CommonMark with tables) as safe HTML; the tags in TAGS and link targets are all that survives."""
    tokens = _parser().parse(text)
    _outline([token for token in tokens if token.type.startswith("heading_")])
    html = _parser().renderer.render(tokens, _parser().options, {})
    cleaned = nh3.clean(
        html, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"}, link_rel="noopener noreferrer nofollow"
    )
    return mark_safe(cleaned)  # noqa: S308 - cleaned by nh3 in the line above


def _outline(headings: list[Token]) -> None:
    """Renumber the headings so that the highest one used is an h3 and none skips a level, whatever people started with."""
    highest = min((int(token.tag[1]) for token in headings), default=1)
    before = _TOP - 1
    for opening, closing in zip(headings[::2], headings[1::2], strict=True):
        level = min(int(opening.tag[1]) - highest + _TOP, before + 1, _LOWEST)
        opening.tag = closing.tag = f"h{level}"
        before = level
