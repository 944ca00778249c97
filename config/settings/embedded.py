"""`make run`: one machine, one folder. Database addresses come from the launcher, or from what it noted for other terminals."""

import json
import os

from config.embedded.places import kept_secret, places, private_folder

_places = places()
if not os.environ.get("DATABASE_URL") and _places.database_file.exists():
    _addresses = json.loads(_places.database_file.read_text())
    os.environ["DATABASE_URL"] = _addresses["app"]
    os.environ.setdefault("DATABASE_OWNER_URL", _addresses["owner"])

from .base import *  # noqa: E402, F403
from .base import PORTOLAN_KEYS_DIR, env  # noqa: E402

private_folder(PORTOLAN_KEYS_DIR)
SECRET_KEY = env("SECRET_KEY", default="") or kept_secret(PORTOLAN_KEYS_DIR / "django_secret.key")
# Loopback speaks plain HTTP: cookies marked secure would never come back.
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False
