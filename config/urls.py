"""The one place where the packages' addresses are mounted."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config import health

api: list[Any] = [
    path("", include("accounts.api.urls")),
    path("", include("catalog.api.urls")),
    path("", include("runtime_adapters.api.urls")),
    path("", include("governance.api.urls")),
    path("audit/", include("audit.api.urls")),
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
]

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("api/v1/", include(api)),
    path("audit/log/", include("audit.api.log_urls")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("admin/", admin.site.urls),
    path("", include("portal.urls")),
]

handler400 = "portal.views.errors.bad_request"
handler403 = "portal.views.errors.permission_denied"
handler404 = "portal.views.errors.not_found"
handler500 = "portal.views.errors.server_error"

if settings.DEBUG:  # pragma: no cover - never in an installation
    raise RuntimeError("Portolan does not run with DEBUG.")
