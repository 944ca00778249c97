"""The pieces pages are built from: what they promise, without a browser."""

import hashlib
import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import RequestFactory, override_settings

from accounts.adapters import MFAAdapter
from portal.components import chart, diff, digests, icons, status, times
from portal.components.markdown import markdown
from portal.context import Shell
from portal.views import errors

REPO = Path(__file__).resolve().parents[3]
NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)


def _rebuilt(before: str, after: str, side: str) -> str:
    """One side of a difference, put together again from its rows."""
    return "".join(re.sub(r"</?(ins|del)>", "", row.text) + "\n" for row in diff.diff_rows(before, after) if row.kind in {"same", side})


@pytest.mark.parametrize(
    ("before", "after"),
    [("a\nb\nc\n", "a\nB\nc\n"), ("", "x\n"), ("x\n", ""), ("one two\n", "one three\nfour\n"), ("v 1\nv 2\n", "v 2\nv 1\n")],
    ids=["changed", "all new", "all gone", "uneven", "swapped"],
)
def test_difference_loses_no_line(before: str, after: str) -> None:
    assert _rebuilt(before, after, "del") == before
    assert _rebuilt(before, after, "add") == after


def test_difference_marks_only_what_changed_in_a_line() -> None:
    table = diff.diff_table('  "rate": 10,\n', '  "rate": 25,\n', label="x")
    assert "<del>10</del>" in table
    assert "<ins>25</ins>" in table
    assert "<del>rate" not in table


def test_difference_folds_far_lines_and_says_how_many() -> None:
    lines = [f"line {n}" for n in range(40)]
    changed = [*lines[:20], "other", *lines[21:]]
    gaps = [row.text for row in diff.diff_rows("\n".join(lines), "\n".join(changed)) if row.kind == "gap"]
    assert gaps == ["17 unchanged lines", "16 unchanged lines"]


def test_difference_numbers_each_side_by_its_own_lines() -> None:
    rows = [(row.kind, row.old, row.new) for row in diff.diff_rows("a\nb\n", "a\nx\ny\nb\n")]
    assert rows == [("same", 1, 1), ("add", None, 2), ("add", None, 3), ("same", 2, 4)]


def test_difference_never_lets_content_become_markup() -> None:
    table = diff.diff_table("<b>old</b>\n", "<script>new</script>\n", label='"><img>')
    assert "<script>" not in table
    assert "<b>" not in table
    assert "<img>" not in table


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "![x](https://example.org/p.png)",
        '<a href="x" onclick="y()">z</a>',
        "<img src=x onerror=y>",
    ],
    ids=["script", "javascript link", "remote image", "handler", "broken image"],
)
def test_markdown_yields_nothing_that_runs_or_loads(text: str) -> None:
    html = markdown(text)
    assert not re.search(r"<(script|img)|<[^>]+(javascript:|onclick|onerror)", html)


def test_markdown_keeps_structure_below_the_page_headings() -> None:
    html = markdown("# Runbook\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[docs](https://example.org)")
    assert "<h3>Runbook</h3>" in html
    assert "<td>2</td>" in html
    assert 'rel="noopener noreferrer nofollow"' in html


def test_chart_says_its_figures_in_words_and_as_a_table() -> None:
    figure = chart.line_chart(title="Runs", labels=["a", "b"], series=[chart.Series("good", [3, None])], summary="It stopped at b.")
    assert 'aria-label="Runs. It stopped at b."' in figure
    assert "<td>b</td>" in figure
    assert "NaN" not in figure
    assert "style=" not in figure


def test_chart_refuses_lines_that_do_not_fit_the_labels() -> None:
    with pytest.raises(ValueError, match="one value per label"):
        chart.line_chart(title="x", labels=["a"], series=[chart.Series("s", [1, 2])], summary="x")


@pytest.mark.parametrize("axis", status.AXES)
def test_every_state_has_an_icon_that_exists_and_a_word(axis: str) -> None:
    for state, look in status.AXES[axis].items():
        assert look.icon in icons.PATHS
        assert str(look.word) in status.pill(axis, state)


def test_unknown_state_is_shown_as_itself_and_never_as_good() -> None:
    assert status.face("health", "brand_new").tone == "neutral"
    assert "Brand new" in status.pill("health", "brand_new")
    assert status.face("health", None).tone == "neutral"


def test_time_is_local_with_zone_and_exact_utc_on_hover() -> None:
    shown = times.moment(NOON, ZoneInfo("Europe/Berlin"))
    assert "13:00 CET" in shown
    assert 'title="2026-11-16 12:00:00 UTC"' in shown
    assert 'datetime="2026-11-16T12:00:00Z"' in shown


@pytest.mark.parametrize(
    ("gap", "words"),
    [(timedelta(hours=2), "in 2 hours"), (timedelta(seconds=-1), "1 second late"), (timedelta(days=-2, hours=-1), "2 days late")],
)
def test_deadline_says_when_it_has_passed(gap: timedelta, words: str) -> None:
    assert words in times.due(NOON + gap, NOON)


def test_digest_is_short_to_read_and_whole_to_copy() -> None:
    whole = "sha256:" + "ab" * 32
    shown = digests.digest_tag(whole, copy=True)
    assert f'title="{whole}"' in shown
    assert f'data-copy="{whole}"' in shown
    assert ">abababababab<" in shown


def test_vendored_files_are_listed_and_unchanged() -> None:
    listed = dict(re.findall(r"^\| `([^`]+)` \|.*`([0-9a-f]{64})` \|$", (REPO / "THIRD_PARTY.md").read_text(), re.MULTILINE))
    kept = {str(path.relative_to(REPO)) for path in (REPO / "portal" / "static" / "vendor").rglob("*") if path.is_file()}
    assert set(listed) == kept
    assert {path: hashlib.sha256((REPO / path).read_bytes()).hexdigest() for path in listed} == listed


def test_templates_hold_no_inline_style_or_script() -> None:
    for path in (REPO / "portal" / "templates").rglob("*.html"):
        text = path.read_text()
        assert not re.search(r"\sstyle=|\son(click|submit|load|change)=|<style", text), path
        assert all("src=" in tag or "application/json" in tag for tag in re.findall(r"<script[^>]*>", text)), path


def test_mfa_secret_is_unreadable_at_rest_and_its_key_is_private(tmp_path: Path) -> None:
    with override_settings(PORTOLAN_KEYS_DIR=tmp_path / "keys"):
        kept = MFAAdapter().encrypt("JBSWY3DP")
        assert "JBSWY3DP" not in kept
        assert MFAAdapter().decrypt(kept) == "JBSWY3DP"
        key = Path(settings.PORTOLAN_KEYS_DIR) / "mfa.key"
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert [path.name for path in key.parent.iterdir()] == ["mfa.key"]


def test_missing_page_is_a_page_a_fragment_or_a_problem_document() -> None:
    factory = RequestFactory()
    page = errors.not_found(factory.get("/nowhere"), Exception())
    fragment = errors.not_found(factory.get("/nowhere", headers={"hx-request": "true"}), Exception())
    document = errors.not_found(factory.get("/api/v1/nowhere"), Exception())
    assert [page.status_code, fragment.status_code, document.status_code] == [404, 404, 404]
    assert page.content.startswith(b"<!doctype html>")
    assert b"<html" not in fragment.content
    assert document["Content-Type"] == "application/problem+json"


def test_broken_page_needs_no_database_and_tells_nothing_of_the_inside() -> None:
    answer = errors.server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert b"Traceback" not in answer.content


def test_csrf_reason_stays_off_the_page() -> None:
    answer = errors.csrf_failure(RequestFactory().post("/"), reason="CSRF token from POST has incorrect length.")
    assert answer.status_code == 403
    assert b"incorrect length" not in answer.content


def test_theme_cookie_is_an_allow_list() -> None:
    request = RequestFactory().get("/")
    request.COOKIES["theme"] = '"><script>'
    assert Shell(request).theme == ""
    request.COOKIES["theme"] = "dark"
    assert Shell(request).theme == "dark"
