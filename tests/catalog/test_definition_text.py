"""A lifecycle written as text: each place knows its line, and nothing that is sent breaks the reader."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.domain.errors import Invalid
from catalog.domain.default_lifecycle import DEFINITION
from catalog.domain.definition_text import line_of, parse
from foundation.canonical import jcs

YAML = yaml.safe_dump(DEFINITION, sort_keys=False)
JSON = jcs(DEFINITION).decode()
TEXT = """initial: idea
stages:
  - key: idea
    title: Idea
moves:
  - {from: idea, to: end, guards: [{name: friday}]}
"""


def test_every_place_knows_its_line():
    value, lines = parse(TEXT)
    assert value["moves"][0]["guards"][0]["name"] == "friday"
    assert [lines[at] for at in ("", "/initial", "/stages", "/stages/0/title", "/moves/0/guards/0/name")] == [1, 1, 2, 4, 6]
    assert line_of("/stages/0/kind", lines) == 3
    assert line_of("/nowhere", lines) == 1


@pytest.mark.parametrize(
    "text", [yaml.safe_dump(DEFINITION, sort_keys=False), jcs(DEFINITION).decode(), jcs(DEFINITION).decode().replace(",", ",\n\t")]
)
def test_yaml_and_json_say_the_same(text):
    assert parse(text)[0] == DEFINITION


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [1, 2", "Line 1"),
        ("a: 1\nb: *x\n", "Line 2"),
        ("a: &x [1]\nb: *x\n", "aliases"),
        ("a: 1\nb: 2\na: 3\n", "Line 3: a is written twice"),
        ("[" * 30 + "]" * 30, "levels"),
        ("a: !!python/object:os.system x", "Line 1"),
        ("? [1]\n: 2", "unhashable"),
        ("a: 2001-99-99", "neither"),
        ("x" * 100_001, "characters"),
        ("a: \x00", "neither"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text, words):
    with pytest.raises(Invalid) as refused:
        parse(text)
    assert words in refused.value.errors[0].detail


@given(st.text(alphabet=st.sampled_from("ab:-[]{},&*!|>'\"?#%@ \n\t01.~\x00é"), max_size=60) | st.text(max_size=40))
@settings(max_examples=400, deadline=None)
def test_any_text_gets_a_value_or_a_refusal(text):
    value, lines, faults = None, {}, ()
    try:
        value, lines = parse(text)
    except Invalid as refused:
        faults = refused.errors
    assert all(line >= 1 for line in lines.values())
    assert not (faults and lines)
    assert value is None or lines
