"""One Chromium and one sample site for all look tests."""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.wsgi import get_wsgi_application
from django.test import override_settings

REPO = Path(__file__).resolve().parents[3]
AXE = Path(os.environ.get("PORTOLAN_AXE", REPO / ".cache" / "axe" / "axe.min.js"))
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """No access lines between the dots."""


@pytest.fixture(scope="session")
def axe() -> str:
    """The accessibility checker's source."""
    if not AXE.is_file():
        pytest.skip(f"no axe-core at PORTOLAN_AXE ({AXE})")
    return AXE.read_text()


@pytest.fixture(scope="session")
def look_site() -> Iterator[str]:
    """The address of the sample site, under the product's own settings apart from the URLs and what would ask the database."""
    middleware = [
        "foundation.middleware.RequestContextMiddleware",
        "foundation.middleware.ContentSecurityPolicyMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
    ]
    with override_settings(ROOT_URLCONF="tests.browser.look.site", MIDDLEWARE=middleware):
        server = make_server("127.0.0.1", 0, StaticFilesHandler(get_wsgi_application()), handler_class=_Quiet)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(5)
        server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium from PORTOLAN_CHROMIUM or the PATH."""
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
