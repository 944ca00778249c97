"""What every set-up shares. Values come from the environment; docs/operations.md lists each name."""

from pathlib import Path

import environ

from foundation.logs import logging_config

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent.parent
PORTOLAN_VAR = Path(env("PORTOLAN_VAR", default=str(BASE_DIR / "var"))).resolve()
PORTOLAN_KEYS_DIR = Path(env("PORTOLAN_KEYS_DIR", default=str(PORTOLAN_VAR / "keys")))
PORTOLAN_LOG_ORIGIN = env("PORTOLAN_LOG_ORIGIN", default="portolan.local/log")
PORTOLAN_LOG_PUBLIC = env.bool("PORTOLAN_LOG_PUBLIC", default=False)
PORTOLAN_APP_ROLE = env("PORTOLAN_APP_ROLE", default="portolan_app")

DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "config",
    "portal",
    "governance",
    "runtime_adapters",
    "catalog",
    "accounts",
    "audit",
    "foundation",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.admin",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "guardian",
    "simple_history",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "django_prometheus",
]

MIDDLEWARE = [
    "foundation.middleware.RequestContextMiddleware",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "foundation.middleware.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.shell",
            ],
        },
    },
]

# The application role cannot change the log; migrations and grants run as the owner (PORTOLAN_AS_OWNER=1).
DATABASE_URL = env("DATABASE_URL", default="")
DATABASE_OWNER_URL = env("DATABASE_OWNER_URL", default=DATABASE_URL)
PORTOLAN_AS_OWNER = env.bool("PORTOLAN_AS_OWNER", default=False)
_database_url = DATABASE_OWNER_URL if PORTOLAN_AS_OWNER else DATABASE_URL
DATABASES = {
    "default": {
        **(environ.Env.db_url_config(_database_url) if _database_url else {"NAME": "portolan"}),
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=600),
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": False,
    }
}
ATOMIC_REQUESTS = False

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ANONYMOUS_USER_NAME = None
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_USER_DISPLAY = "accounts.adapters.user_display"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ADAPTER = "accounts.adapters.MFAAdapter"
MFA_FORMS = {"add_webauthn": "accounts.adapters.AddKeyForm", "edit_webauthn": "accounts.adapters.RenameKeyForm"}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.TokenAuthentication",
        "accounts.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["foundation.edge.rendering.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["foundation.edge.parsing.StrictJSONParser"],
    "EXCEPTION_HANDLER": "foundation.edge.problems.exception_handler",
    "DEFAULT_SCHEMA_CLASS": "foundation.edge.schema.EdgeSchema",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Portolan",
    "DESCRIPTION": "Integration governance and catalog: register, decide, deliver, observe, prove.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SORT_OPERATION_PARAMETERS": False,
    "ENUM_NAME_OVERRIDES": {
        "UserKindEnum": "accounts.models.user.UserKind",
        "SystemKindEnum": "catalog.api.shapes.SYSTEM_KINDS",
        "ComponentKindEnum": "catalog.api.component_shapes.COMPONENT_KINDS",
        "RoleEnum": "accounts.api.shapes.ROLES",
        "OwnerRoleEnum": "catalog.api.policies.ROLES",
        "SectionEnum": "catalog.api.policies.SECTIONS",
        "CampaignStateEnum": "governance.api.stewardship_shapes.CAMPAIGN_STATES",
        "StageKindEnum": "catalog.api.lifecycles.STAGE_KINDS",
        "EndpointRoleEnum": "catalog.api.integration_shapes.ENDPOINT_ROLES",
        "ScopeEnum": "accounts.api.shapes.SCOPES",
        "IntegrationTypeEnum": "catalog.api.integration_shapes.INTEGRATION_TYPES",
        "EntityKindEnum": "catalog.api.product_shapes.ENTITY_KINDS",
        "RelationTypeEnum": "catalog.api.product_shapes.RELATION_TYPES",
        "RoadmapStateEnum": "catalog.api.product_shapes.ROADMAP_STATES",
        "ImportStateEnum": "catalog.api.import_shapes.IMPORT_STATES",
        "VerdictEnum": "catalog.api.bulk_shapes.VERDICT_CHOICES",
        "IsDryRunEnum": "catalog.api.bulk_shapes.FORM_FLAGS",
        "ImportVerdictEnum": "catalog.api.import_shapes.VERDICTS",
        "DivergenceStateEnum": "catalog.api.import_shapes.DIVERGENCE_STATES",
        "VisibilityEnum": "catalog.models.integration.Visibility",
    },
}

# Edges that lower layers must not import are named here as plain dotted paths and task names.
PORTOLAN_REFUSAL_RECORDER = "audit.services.refusals.record_refusal"
PORTOLAN_COMMAND_CONTEXT = "audit.services.context.command_context"
PORTOLAN_DEACTIVATION = "governance.services.reassignment.deactivate_idle"  # refuses while something depends on the person
PORTOLAN_FIRST_EVENT_ID = "audit.services.context.first_event_id"
PORTOLAN_SEES_ALL = "accounts.selectors.viewers.sees_all"
PORTOLAN_WAKE_ON_DEPLOYMENT = "governance.settle_due"
PORTOLAN_WAKE_ON_HEALTH = "runtime_adapters.reconcile"
PORTOLAN_ADAPTER_DISTRIBUTIONS = env.list("PORTOLAN_ADAPTER_DISTRIBUTIONS", default=["portolan"])
# Our own adapters by dotted path, so that a checkout works without being installed.
PORTOLAN_BUILTIN_ADAPTERS = {
    "node-red": "runtime_adapters.adapters.node_red.adapter:NodeRedAdapter",
    "reference-agent": "runtime_adapters.adapters.reference_agent.adapter:ReferenceAgentAdapter",
}
# Hosts a runtime adapter may call besides public addresses ("127.0.0.1:1880"); every private address is refused otherwise.
PORTOLAN_EGRESS_ALLOW = env.list("PORTOLAN_EGRESS_ALLOW", default=[])
# Delivery, in seconds: how long one worker holds a slot, one call to a runtime may take, between two looks, until a deployment is halted.
PORTOLAN_LEASE_S = env.int("PORTOLAN_LEASE_S", default=30)
PORTOLAN_CALL_TIMEOUT_S = env.int("PORTOLAN_CALL_TIMEOUT_S", default=10)
PORTOLAN_LOOK_EVERY_S = env.int("PORTOLAN_LOOK_EVERY_S", default=30)
PORTOLAN_GIVE_UP_AFTER_S = env.int("PORTOLAN_GIVE_UP_AFTER_S", default=24 * 3600)

CELERY_BROKER_URL = env("CELERY_BROKER_URL", default="")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600} if CELERY_BROKER_URL.startswith("redis") else {}

LOGGING = logging_config(env("PORTOLAN_LOG_LEVEL", default="INFO"))

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(env("PORTOLAN_STATIC_ROOT", default=str(PORTOLAN_VAR / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 200
FILE_UPLOAD_HANDLERS = [
    "portal.uploads.QuotaUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "portal.views.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS: list[str] = []
