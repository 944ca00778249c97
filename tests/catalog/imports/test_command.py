"""The command: its arguments, its report, and the real folders end to end."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from audit.models import Event
from catalog.models import ImportBatch, ImportSource, Integration, System
from config.integrity import findings
from tests.catalog.imports.files import node, workflow
from tests.catalog.imports.test_real_files import FOLDERS

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(given):
    """Import paths for the team `payments` as olga; the report."""
    given.team("payments", members=["olga"])

    def ran(*paths, **options):
        out = io.StringIO()
        call_command(
            "import_catalog", *map(str, paths), stdout=out, **{"team": "payments", "username": "olga", "report": "json", **options}
        )
        return json.loads(out.getvalue()) if options.get("report", "json") == "json" else out.getvalue()

    return ran


@pytest.fixture
def folder(tmp_path):
    """Two flows, a broken file and hidden ones."""
    root = tmp_path / "exports"
    (root / "below").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / ".git" / "config").write_text("x")
    (root / "a.json").write_text(json.dumps(workflow(node("Get", "hubspot"), name="First")))
    (root / "below" / "b.json").write_text(json.dumps(workflow(node("Get", "slack"), name="Second")))
    (root / "c.json").write_text("{")
    return root


def test_a_folder_is_read_with_everything_below(run, folder):
    told = run(folder)
    assert [(each["path"], each["verdict"]) for each in told] == [
        (str(folder / "a.json"), "created"),
        (str(folder / "c.json"), "needs attention"),
        (str(folder / "below" / "b.json"), "created"),
    ]
    assert told[0]["created"] == [{"kind": "system", "slug": "hubspot"}, {"kind": "integration", "slug": "first"}]
    assert "reason" not in told[0]
    assert told[1]["reason"].startswith("This is not JSON")
    assert set(ImportSource.objects.values_list("label", "path")) == {("exports", "a.json"), ("exports", "below/b.json")}


def test_a_file_alone_has_the_same_identity(run, folder):
    run(folder)
    assert run(folder / "a.json")[0]["verdict"] == "unchanged"
    assert run(folder / "a.json", label="other")[0]["verdict"] == "created"


def test_a_dry_run_writes_nothing_and_says_the_same(run, folder):
    before = Event.objects.count()
    told = run(folder, dry_run=True)
    assert (Integration.objects.count(), ImportBatch.objects.count(), Event.objects.count()) == (0, 0, before)
    assert run(folder) == told


def test_names_that_are_no_text_are_told(run, folder):
    (folder / "\udcff.json").write_text("{}")
    told = run(folder)
    assert [each["reason"][:28] for each in told if each["path"].endswith("/?.json")] == ["Its name cannot be kept: The"]


def test_the_summary_for_people(run, folder):
    told = run(folder, report="text")
    assert "c.json: needs attention: This is not JSON" in told
    assert "3 files: 2 created, 0 updated, 0 unchanged, 1 needs attention." in told
    assert "Registered: 2 integration, 2 system." in told


def test_attention_is_a_failure_only_when_strict(run, folder):
    with pytest.raises(SystemExit) as ended:
        run(folder, strict=True)
    assert ended.value.code == 1
    (folder / "c.json").unlink()
    run(folder, strict=True)


@pytest.mark.parametrize(
    ("options", "words"),
    [({"username": "nobody"}, "no account"), ({"team": "nothing"}, "no such team"), ({"username": "eve"}, "owning team")],
)
def test_who_may_not_is_told(run, folder, given, options, words):
    given.person("eve")
    with pytest.raises(CommandError, match=words):
        run(folder, **options)
    with pytest.raises(CommandError, match="no file or folder"):
        run(folder / "missing")


@pytest.mark.real
@pytest.mark.slow
def test_every_real_file_gets_a_verdict_and_the_second_time_nothing_changes(run, real_data):
    few = [path for name in FOLDERS for path in sorted((real_data / name).iterdir())[::9]]
    told = run(*few)
    assert len(told) == len(few)
    verdicts = [each["verdict"] for each in told]
    assert set(verdicts) == {"created", "needs attention"} | ({"unchanged"} & set(verdicts))
    assert verdicts.count("created") >= 0.8 * len(few)
    assert all(each["reason"] for each in told if each["verdict"] == "needs attention")
    again = run(*few)
    assert {each["verdict"] for each in again} == {"unchanged", "needs attention"}
    assert [each["path"] for each in again if each["verdict"] == "needs attention"] == [
        each["path"] for each in told if each["verdict"] == "needs attention"
    ]
    assert System.objects.filter(slug="openai", is_discovered=True).exists()
    assert findings() == []
