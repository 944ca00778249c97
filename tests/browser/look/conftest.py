"""One sample site for all look tests."""

import threading
from collections.abc import Iterator
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.wsgi import get_wsgi_application
from django.test import override_settings


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """No access lines between the dots."""


@pytest.fixture(scope="module")
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
