"""A server of its own: DATABASE_URL, SECRET_KEY and ALLOWED_HOSTS from the environment, TLS ended by a reverse proxy."""

from django.core.exceptions import ImproperlyConfigured

from .base import *  # noqa: F403
from .base import DATABASE_URL, env

if not DATABASE_URL:
    raise ImproperlyConfigured("Set DATABASE_URL to the application role's address; docs/operations.md shows how to make the two roles.")

SECRET_KEY = env("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[f"https://{host}" for host in ALLOWED_HOSTS if "*" not in host])

SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31536000)
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=False)  # the proxy redirects; health probes speak plain HTTP
# Only where the proxy always sets or removes this header; otherwise a client could claim TLS.
if env.bool("PORTOLAN_BEHIND_PROXY", default=True):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
