"""Chromium and the accessibility checker, for every test that opens a page."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

REPO = Path(__file__).resolve().parents[2]
AXE = Path(os.environ.get("PORTOLAN_AXE", REPO / ".cache" / "axe" / "axe.min.js"))
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]


@pytest.fixture(scope="session")
def axe() -> str:
    """The accessibility checker's source."""
    if not AXE.is_file():
        pytest.skip(f"no axe-core at PORTOLAN_AXE ({AXE})")
    return AXE.read_text()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium from PORTOLAN_CHROMIUM or the PATH. It ends with the module: its event loop must not reach tests of the database."""
    path = (
        os.environ.get("PORTOLAN_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    )
    if not path:
        pytest.skip("no Chromium at PORTOLAN_CHROMIUM or on the PATH")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()
