"""Text written by people: CommonMark in, cleaned HTML out. Raw HTML is shown as text, links never pass on a referrer."""

from functools import cache
from typing import Final

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

TAGS: Final = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
# A heading inside a document lies below the page's own headings.
_LEVELS: Final = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6", "h6": "h6"}


@cache
def _parser() -> MarkdownIt:
    # "js-default" ships with html off; images are left out because no request may leave the host.
    return MarkdownIt("js-default", {"html": False, "linkify": False}).disable("image")


def markdown(text: str) -> SafeString:
    """Return `text` (CommonMark with tables) as safe HTML; the tags in TAGS and link targets are all that survives."""
    tokens = _parser().parse(text)
    for token in tokens:
        token.tag = _LEVELS.get(token.tag, token.tag)
    html = _parser().renderer.render(tokens, _parser().options, {})
    cleaned = nh3.clean(
        html, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"}, link_rel="noopener noreferrer nofollow"
    )
    return mark_safe(cleaned)  # noqa: S308 - cleaned by nh3 in the line above
