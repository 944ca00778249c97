"""Text written by people: CommonMark in, cleaned HTML out. Raw HTML is shown as text, links never pass on a referrer."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

HEADINGS: Final = ("h2", "h3", "h4", "h5", "h6")
TAGS: Final = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *(*HEADINGS, "table", "thead", "tbody", "tr", "th", "td"),
}
PREFIX: Final = "s-"  # of the ids of headings; no id of a page begins so
MAX_BRACKETS: Final = 4000
MAX_CONTENTS: Final = 200
_TOP: Final = 3  # a heading inside a document lies below the page's own headings
_LOWEST: Final = 6
_ID_CHARS: Final = 60
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Entry:
    """A heading of a text: how deep it lies (0 for the outermost), its id and its words."""

    depth: int
    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Article:
    """A text as safe HTML, and its contents."""

    html: SafeString
    contents: list[Entry]


@cache
def _parser(*, links: bool = True) -> MarkdownIt:
    # "js-default" ships with html off; images are left out because no request may leave the host.
    parser = MarkdownIt("js-default", {"html": False, "linkify": False}).disable("image")
    return parser if links else parser.disable("link")


def _fit_for(text: str) -> MarkdownIt:
    """Each opening bracket that is no link is looked at anew from every one before it: beyond a book's worth none is a link."""
    return _parser(links=text.count("[") <= MAX_BRACKETS)


def markdown(text: str) -> SafeString:
    """Return `text` (CommonMark with tables) as safe HTML; the tags in TAGS and link targets are all that survives."""
    return _rendered(_parsed(text))


def article(text: str) -> Article:
    """The same for a page of its own: its headings have ids that stay while their words do, and are listed (the first 200).

    Only one text of a page may be an article: ids are unique within it.
    """
    tokens = _parsed(text)
    contents = list(_contents(tokens))
    return Article(_rendered(tokens), contents[:MAX_CONTENTS])


def _parsed(text: str) -> list[Token]:
    tokens = _fit_for(text).parse(text)
    _outline([token for token in tokens if token.type.startswith("heading_")])
    return tokens


def _rendered(tokens: list[Token]) -> SafeString:
    html = _parser().renderer.render(tokens, _parser().options, {})
    cleaned = nh3.clean(
        html,
        tags=TAGS,
        attributes={"*": set(), "a": {"href"}, **{tag: {"id"} for tag in HEADINGS}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
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


def _contents(tokens: list[Token]) -> Iterator[Entry]:
    """Give each heading with words in it an id, and list it."""
    taken: dict[str, int] = {}
    for opening, inline in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        title = "".join(child.content for child in inline.children or () if child.type in {"text", "code_inline"}).strip()
        if title:
            opening.attrSet("id", _unique(_slugged(title), taken))
            yield Entry(int(opening.tag[1]) - _TOP, str(opening.attrGet("id")), title)


def _slugged(title: str) -> str:
    words = _WORD.findall(unicodedata.normalize("NFKC", title).casefold())
    return "-".join(words)[:_ID_CHARS].strip("-") or "part"


def _unique(slug: str, taken: dict[str, int]) -> str:
    """`s-restart`, then `s-restart.2`: a slug holds no dot, so a counted id is never another heading's own."""
    taken[slug] = taken.get(slug, 0) + 1
    return f"{PREFIX}{slug}" if taken[slug] == 1 else f"{PREFIX}{slug}.{taken[slug]}"
