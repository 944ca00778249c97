"""Tests: a database of their own, made by tests/conftest.py unless DATABASE_URL names a server."""

import atexit
import os
import shutil
import tempfile

# Processes that run tests side by side keep their keys and files apart; what one of them starts shares its folder.
if os.environ.get("PORTOLAN_TEST_VAR_OF") != os.environ.get("PYTEST_XDIST_WORKER", "alone"):
    os.environ["PORTOLAN_TEST_VAR_OF"] = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    os.environ["PORTOLAN_VAR"] = tempfile.mkdtemp(prefix="portolan-test-")
    atexit.register(shutil.rmtree, os.environ["PORTOLAN_VAR"], ignore_errors=True)

from .base import *  # noqa: F403
from .base import DATABASES, env

SECRET_KEY = "test-only"  # noqa: S105 - no session outlives the test run
DATABASES["default"]["TEST"] = {"NAME": env("PORTOLAN_TEST_DB", default="test_portolan")}
DATABASES["default"]["CONN_MAX_AGE"] = 0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PORTOLAN_EGRESS_ALLOW = ["127.0.0.1:*", "[::1]:*"]
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405 - WhiteNoise warns of a missing folder, and warnings are errors
