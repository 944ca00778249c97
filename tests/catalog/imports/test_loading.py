"""Whatever bytes come, a draft or a sentence goes out."""

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.domain.imports import FileDraft, as_json, from_json, read_file
from catalog.domain.imports.drafts import NotImported
from catalog.domain.imports.loading import MAX_BYTES, json_of, yaml_of
from catalog.domain.imports.words import listed
from tests.catalog.imports.files import node, only, read, workflow

FLOW = workflow(node("Contacts", "hubspot", {"resource": "contact", "operation": "getAll"}))
NAMES = sorted(
    listed(
        """
        nodes connections type name parameters wires id z tasks operator config connector.class openapi paths get kind apiVersion metadata
        spec servers url default schedule info channels asyncapi
        """
    )
)
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{after}: &{after} [{', '.join([f'*{before}'] * 9)}]\n" for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)


def merges(levels):
    """Each mapping merges the one before it twice."""
    names = ["a", *(f"m{n}" for n in range(levels))]
    return "a: &a {k: v}\n" + "".join(f"{now}: &{now} {{<<: [*{before}, *{before}]}}\n" for before, now in pairwise(names))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"null", "empty"),
        (b"{}", "empty"),
        (b"\x00\x01\x02", "binary"),
        (b"\x89PNG\r\n\xff\xfe", "UTF-8"),
        (b"x" * (MAX_BYTES + 1), "larger"),
        (b"[" * 100_000, "deeply"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "deeply"),
        (b'{"nodes": [', "not JSON"),
        (b'{"a": 1}{"b": 2}', "follows"),
        (b"a: [1, 2", "not YAML"),
        (BOMB.encode(), "too many values"),
        (("- " * 500 + "x").encode(), "deeply"),
        (b"a: &a [*a]", "alias"),
        (b"!!python/object/apply:os.system ['true']", "programming language"),
        (b"name: ${{ values.component_id }}\nkind: {% if x %}", "template"),
        (b"curl -X POST http://localhost:8083/connectors -d '{}'", "shell script"),
        (b"- just\n- a list", "no kind"),
        (b"file\trepo\tpath", "no kind"),
        (b'"just a text"', "not JSON"),
        (b"1" * 10_000, "no kind"),
    ],
)
def test_what_cannot_be_imported_says_why(content, words):
    for path in ("x", "x.yaml", "x.json"):
        told = read_file(path, content)
        assert isinstance(told, str)
    assert words in read_file("x.yaml" if content.lstrip()[:1] not in b'{["' else "x.json", content)


def test_merges_of_merges_cost_what_they_hold():
    assert yaml_of(merges(10))[0]["m9"] == {"k": "v"}
    with pytest.raises(NotImported, match="too many"):
        yaml_of(merges(40))


def test_tags_make_no_objects():
    assert yaml_of("schedule: !or [a, !join [b, c]]\nwhen: 2024-01-01") == [{"schedule": ["a", ["b", "c"]], "when": "2024-01-01"}]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(FLOW),
        json.dumps(json.dumps(FLOW)),
        "\ufeff" + json.dumps(FLOW, indent=1).replace("\n", "\r\n"),
        json.dumps([FLOW]),
        json.dumps({"data": [FLOW], "nextCursor": None}),
        json.dumps(FLOW) + "\n the name of the template",
    ],
    ids=["plain", "encoded twice", "mark and CRLF", "a list", "an answer of the API", "words after it"],
)
def test_one_workflow_in_every_wrapping(content):
    (draft,) = read(content.encode()).integrations
    assert [(end.system, end.data_object) for end in draft.endpoints] == [("hubspot", "contact")]
    assert read(content.encode("utf-16")).integrations == (draft,)


def test_a_draft_survives_its_json():
    draft = read(workflow(node("A", "hubspot"), node("M", "@n8n/n8n-nodes-langchain.lmChatOpenAi", {"model": "gpt-4o"}), tags=["x"]))
    assert from_json(json.loads(json.dumps(as_json(draft)))) == draft


def test_texts_keep_no_secret_and_no_controls():
    flow = workflow(
        node("Note", "stickyNote", {"content": "Use password: hunter22! and ghp_" + "a" * 36 + "\x00\u202e"}),
        node("Call", "httpRequest", {"url": "https://user:pw1234@api.acme.com/bot123456:AAF/x?key=secret#y"}),
        name="Key sk_live_" + "a" * 24,
    )
    told = json.dumps(as_json(read(flow)))
    assert not any(word in told for word in ("hunter22", "ghp_", "sk_live", "pw1234", "123456", "secret#", "\\u0000", "\\u202e"))
    assert [end.address for end in only(flow).endpoints] == ["https://api.acme.com/\N{HORIZONTAL ELLIPSIS}/x"]


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.sampled_from(["n8n-nodes-base.set", "tab", "default"]),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(NAMES),
                inner,
                max_size=6,
            )
        ),
        max_leaves=30,
    )
)
def test_any_json_has_an_answer(value):
    for path in ("a.json", "b.yaml"):
        assert isinstance(read_file(path, json.dumps(value).encode()), FileDraft | str)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_have_an_answer(content):
    assert isinstance(read_file("x", content), FileDraft | str)


def test_numbers_without_end_are_refused():
    with pytest.raises(NotImported):
        json_of("9" * 5000)
