"""Files that nobody of this project wrote: each has an answer, none raises, also when bytes of it are changed."""

import random

import pytest

from catalog.domain.imports import FileDraft, read_file
from catalog.domain.secrets import secret_in_text

FOLDERS = ("n8n", "node-red", "backstage", "openapi", "kafka-connect", "airflow")
pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def found(real_data):
    """{folder: {file name: draft or reason}}"""
    return {
        folder: {path.name: read_file(path.name, path.read_bytes()) for path in sorted((real_data / folder).iterdir())}
        for folder in FOLDERS
    }


@pytest.mark.parametrize(
    ("folder", "least"),
    [("n8n", 0.97), ("node-red", 0.95), ("backstage", 0.2), ("openapi", 0.98), ("kafka-connect", 0.9), ("airflow", 0.8)],
)
def test_most_files_can_be_read(found, folder, least):
    """Backstage's are templates by half: those say so."""
    read = [draft for draft in found[folder].values() if isinstance(draft, FileDraft)]
    assert len(read) >= least * len(found[folder]), [reason for reason in found[folder].values() if isinstance(reason, str)]


def test_every_refusal_is_a_sentence(found):
    reasons = [answer for answers in found.values() for answer in answers.values() if isinstance(answer, str)]
    assert all(20 <= len(reason) + 5 <= 400 and reason.endswith(".") for reason in reasons)


@pytest.mark.parametrize(("folder", "most"), [("n8n", 0.06), ("openapi", 0.0), ("kafka-connect", 0.0), ("node-red", 0.4)])
def test_few_flows_name_no_system(found, folder, most):
    drafts = [draft for answer in found[folder].values() if isinstance(answer, FileDraft) for draft in answer.integrations]
    assert len([draft for draft in drafts if not draft.endpoints]) <= most * len(drafts)


def test_flows_that_call_models_are_marked(found):
    marked = {
        name: answer
        for name, answer in found["n8n"].items()
        if isinstance(answer, FileDraft) and any(i.ai_use for i in answer.integrations)
    }
    named = [name for name in found["n8n"] if "OpenAI" in name and isinstance(found["n8n"][name], FileDraft)]
    assert len(marked) >= 200
    assert len([name for name in named if name in marked]) >= 0.9 * len(named)
    uses = [use for answer in marked.values() for draft in answer.integrations for use in draft.ai_use]
    assert {use.provider for use in uses} >= {"openai", "anthropic", "google-gemini", "mistral", "ollama"}
    assert len([use for use in uses if use.model.startswith("gpt-")]) >= 100
    assert len([use for use in uses if use.data]) >= 0.6 * len(uses)


def test_nothing_kept_looks_like_a_secret(found):
    for answers in found.values():
        for name, answer in answers.items():
            for draft in answer.integrations if isinstance(answer, FileDraft) else ():
                texts = [draft.title, draft.purpose, draft.notes, draft.trigger, *draft.tags, *(end.address for end in draft.endpoints)]
                assert not any(secret_in_text(text) for text in texts), name
                assert not any("?" in end.address or "@" in end.address.partition("/")[0] for end in draft.endpoints), name


def test_changed_bytes_have_an_answer(real_data):
    """Real files with bytes cut out, doubled and changed."""
    rng = random.Random(7)
    for folder in FOLDERS:
        small = [path for path in sorted((real_data / folder).iterdir()) if path.stat().st_size < 40_000]
        for path in rng.sample(small, min(30, len(small))):
            content = bytearray(path.read_bytes())
            for _ in range(4):
                at, size = rng.randrange(len(content)), rng.choice([1, 1, 2, 20])
                content[at : at + size] = rng.choice([b"", b"{", b"]", b'"', b"\n", b": ", b"&a *a", b"\xff", content[at : at + size] * 2])
                assert isinstance(read_file(path.name, bytes(content)), FileDraft | str)
