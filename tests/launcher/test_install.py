"""Installing promises one clear sentence for what can go wrong, and nothing to do the second time."""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from config.embedded import install
from config.embedded.errors import CannotStart

ROOT = Path(install.ROOT)


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    (tmp_path / "requirements").mkdir()
    for name in ("runtime", "dev"):
        (tmp_path / "requirements" / f"{name}.txt").write_text(f"# {name}\n")
    monkeypatch.setattr(install, "ROOT", tmp_path)
    monkeypatch.setattr(install, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(install, "STAMP", tmp_path / ".venv" / "portolan-lock.sha256")
    return tmp_path


def stamp(folder, *names):
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "python").touch()
    (folder / ".venv" / "portolan-lock.sha256").write_text("\n".join(install.lock_digest(name) for name in names))


def test_a_missing_venv_module_is_one_sentence(elsewhere, tmp_path):
    broken = tmp_path / "broken" / "venv"
    broken.mkdir(parents=True)
    (broken / "__init__.py").touch()
    (broken / "__main__.py").write_text("import sys; print('ensurepip is not available.'); sys.exit(1)")
    code = f"import config.embedded.install as i, pathlib; i.ROOT = pathlib.Path({str(tmp_path)!r}); i.VENV = i.ROOT / '.venv'; "
    code += "i.STAMP = i.VENV / 'stamp'; import sys; sys.argv = ['install', 'runtime']; sys.exit(i.main())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PYTHONPATH": str(broken.parent), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Python's venv module is missing.")
    assert done.stderr.count("\n") == 1


def test_a_full_disk_is_told_before_anything_is_written(elsewhere, monkeypatch):
    monkeypatch.setattr(install.shutil, "disk_usage", lambda _path: Usage(1, 1, 0))
    with pytest.raises(CannotStart, match="The disk is full"):
        install.install("runtime")
    assert not (elsewhere / ".venv").exists()


def test_an_old_python_is_told(elsewhere, monkeypatch):
    monkeypatch.setattr(install.sys, "version_info", (3, 9, 2))
    with pytest.raises(CannotStart, match=r"needs Python 3\.11"):
        install.install("runtime")


def test_the_second_time_does_nothing(elsewhere, monkeypatch):
    stamp(elsewhere, "runtime")
    monkeypatch.setattr(install.subprocess, "Popen", lambda *_a, **_k: pytest.fail("installed again"))
    install.install("runtime")


def test_a_changed_lock_is_noticed(elsewhere):
    stamp(elsewhere, "runtime")
    (elsewhere / "requirements" / "runtime.txt").write_text("# another\n")
    assert not install.is_current("runtime")


def test_the_runtime_environment_is_not_enough_for_development(elsewhere):
    stamp(elsewhere, "runtime")
    assert not install.is_current("dev")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "The disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "does not match the hash"),
        ("ERROR: No matching distribution found for nothing==1", "No matching distribution"),
    ],
)
def test_why_pip_failed_is_a_sentence(said, sentence):
    assert sentence in install._why_pip_failed(["noise", said])
