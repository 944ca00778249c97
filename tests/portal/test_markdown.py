"""Text of people becomes HTML that runs nothing, loads nothing and clashes with nothing, in bounded time."""

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from portal.components.markdown import HEADINGS, MAX_CONTENTS, PREFIX, TAGS, article, markdown
from tests.architecture.places import ROOT

HOSTILE = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    '<img src="x" onerror="alert(1)">',
    "<iframe srcdoc='<script>alert(1)</script>'>",
    '<a href="javascript:alert(1)" id="main">x</a>',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    '[x](https://example.org "onmouseover=alert(1)")',
    '[x](<https://example.org" onclick="alert(1)>)',
    "![x](https://evil.example/p.png)",
    "![x](data:image/svg+xml,<svg onload=alert(1)>)",
    "[![x](https://evil.example/p.png)](javascript:alert(1))",
    "[a [b](javascript:x) c](https://example.org)",
    "[[[[x](javascript:a)](javascript:b)](javascript:c)](javascript:d)",
    "<javascript:alert(1)>",
    "<https://example.org/?a=\"onclick='x'>",
    "[ref]: javascript:alert(1)\n\n[ref]",
    "`<script>`",
    "```html\n<script>alert(1)</script>\n```",
    '```js" onclick="alert(1)\nx\n```',
    "| a | <script> |\n|---|---|\n| <img src=x onerror=y> | [x](javascript:y) |",
    "# <script>alert(1)</script>",
    '# x" onclick="alert(1)',
    "# [x](javascript:alert(1)) `id=main`",
    "# \u202e# \u0000",
    "<!-- --><script>alert(1)</script><!-- -->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<style>*{display:none}</style>",
    "<form action=/accounts/logout/><button>x</button></form>",
    "{% csrf_token %}{{ request }}",
    "a\n===\nb\n---\n***\n",
]
LINKS = ("http://", "https://", "mailto:", "#", "/")


class Kept(HTMLParser):
    """Every tag with its attributes, read as a browser would."""

    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def is_safe(html):
    ids = []
    for tag, attrs in Kept(html).tags:
        assert tag in TAGS, tag
        allowed = {"a": {"href", "rel"}, **{heading: {"id"} for heading in HEADINGS}}.get(tag, set())
        assert attrs.keys() <= allowed, (tag, attrs)
        href = attrs.get("href")
        assert href is None or ":" not in href or href.lower().startswith(LINKS), href
        ids += [attrs["id"]] if "id" in attrs else []
    assert len(ids) == len(set(ids))
    assert all(one.startswith(PREFIX) for one in ids)
    return ids


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_runs_and_nothing_loads(text):
    is_safe(markdown(text))
    is_safe(article(text).html)


@settings(max_examples=150, deadline=None)
@drawn(
    st.lists(st.sampled_from([*HOSTILE, "> ", "- ", "    ", "\n", "\n\n", "# ", "## a", "](", "[", "`", "*", "<", "\\", "|"]), max_size=12)
)
def test_no_mixture_of_them_is_any_worse(parts):
    told = article("".join(parts))
    assert [entry.id for entry in told.contents] == [one for one in is_safe(told.html) if one in {entry.id for entry in told.contents}]


def test_headings_are_listed_with_ids_that_stay_and_never_clash():
    told = article("# Über *uns*\n\n## Restart\n\n## Restart\n\n## Restart.2\n\n##### `code` & more\n\n# \n\n# ¿?\n")
    assert [(entry.depth, entry.id, entry.title) for entry in told.contents] == [
        (0, "s-über-uns", "Über uns"),
        (1, "s-restart", "Restart"),
        (1, "s-restart.2", "Restart"),
        (1, "s-restart-2", "Restart.2"),
        (2, "s-code-more", "code & more"),
        (0, "s-part", "¿?"),
    ]
    assert is_safe(told.html) == [entry.id for entry in told.contents]
    assert article("## Restart\n").contents[0].id == "s-restart"
    assert " id=" not in markdown("# Restart")


def test_no_page_has_an_id_that_a_heading_could_have():
    pages = (ROOT / "portal" / "templates").rglob("*.html")
    assert [path for path in pages if f'id="{PREFIX}' in path.read_text(encoding="utf-8")] == []


LONG = 200_000
HEAVY = {
    "open brackets": "[" * LONG,
    "open links": "[a](" * (LONG // 4),
    "balanced": "[" * (LONG // 4) + "]" * (LONG // 4),
    "brackets below the limit": "[a " * 4000,
    "quotes": ">" * LONG,
    "lists in lists": "".join("  " * depth + "- a\n" for depth in range(600)),
    "backticks": "".join("`" * (n % 500 + 1) + " " for n in range(800)),
    "stars": "**a*" * (LONG // 4),
    "underscores": "_a" * (LONG // 2),
    "entities": "&#x" * (LONG // 3),
    "headings": "# a\n" * (LONG // 4),
    "table": "|" * 1000 + "\n" + "|-" * 1000 + "\n" + ("|" * 1000 + "\n") * 150,
}


@pytest.mark.parametrize("name", HEAVY)
def test_the_longest_text_takes_bounded_time(name):
    started = time.process_time()
    told = article(HEAVY[name])
    assert time.process_time() - started < 8
    assert len(told.contents) <= MAX_CONTENTS
