"""Django settings: sane by default, everything that differs between a laptop and a cluster comes from the environment."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF

from rongtong.config.embedded_postgres import database_url
from rongtong.config.home import home, secret

PACKAGE = Path(__file__).resolve().parent.parent
HOME = home()


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": parts.port or "",
        "OPTIONS": dict(parse_qsl(parts.query)),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


def _flag(name: str, default: bool) -> bool:
    return os.environ.get(name, str(default)).lower() in {"1", "true", "yes"}


SECRET_KEY = os.environ.get("RONGTONG_SECRET_KEY") or secret("django")
DEBUG = False
ALLOWED_HOSTS = os.environ.get("RONGTONG_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
HTTPS = _flag("RONGTONG_HTTPS", False)
"""Whether a proxy in front speaks HTTPS: cookies are then sent over it only."""
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if HTTPS else []
TRUSTED_PROXIES = [
    one.strip()
    for one in os.environ.get("RONGTONG_TRUSTED_PROXIES", "127.0.0.1,::1" if HTTPS else "").split(",")
    if one.strip()
]
"""Addresses and networks of the proxies in front: only they are believed about who sends a request, and by which scheme."""
WEB_THREADS = 4
"""Requests that one web process works on at once."""
BODY_WAIT_SECONDS = float(os.environ.get("RONGTONG_BODY_WAIT_SECONDS", "10"))
"""How long the next piece of a request's body may take to come."""
SOURCES_URL = os.environ.get("RONGTONG_SOURCES_URL", "")
"""Where the data sources and the lenders' banks answer; empty where none are connected."""
DEMO = _flag("RONGTONG_DEMO", not SOURCES_URL and (HOME / "region" / "demo.json").exists())
"""Whether this is a demonstration: pages say so, the login page names the demo logins, simulated parts may take part.

A home in which one was played and nothing is connected is one for commands, too, that `rongtong up` did not start.
"""
SHOW_LOGINS = DEMO and _flag("RONGTONG_SHOW_LOGINS", True)
"""Whether the login page names the demonstration's logins: only where no other machine can read it."""

DOMAINS = [
    name
    for name in (
        "rulebook",
        "parties",
        "ledger",
        "attest",
        "consent",
        "sources",
        "simulator",
        "records",
        "features",
        "credit",
        "matching",
        "origination",
        "servicing",
        "monitoring",
        "workflows",
        "portals",
    )
    if (PACKAGE / name / "apps.py").exists()
]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_cotton.apps.SimpleAppConfig",
    "django_htmx",
    "js_lib_bootstrap5",
    "procrastinate.contrib.django",
    "rongtong.core",
    *(f"rongtong.{name}" for name in DOMAINS),
    "rongtong.config",
]

MIDDLEWARE = [
    "rongtong.config.headers.HeaderMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "rongtong.config.middleware.ProblemMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "rongtong.config.middleware.TenancyMiddleware",
    "rongtong.config.middleware.IdempotencyMiddleware",
    "rongtong.config.middleware.ErrorMiddleware",
]

ROOT_URLCONF = "rongtong.config.urls"
WSGI_APPLICATION = "rongtong.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": False,
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton", "django.templatetags.i18n", "django.templatetags.static"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                *(["rongtong.portals.context.site"] if "portals" in DOMAINS else []),
            ],
        },
    }
]

DATABASES = {"default": _database(database_url())}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "core_cache"}}
"""In the database, so that rate limits hold across all workers."""

AUTH_USER_MODEL = "parties.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "display_name"), "max_similarity": 0.6},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "rongtong.parties.adapters.accounts.AccountAdapter"
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
"""The key is an account as tried from one address (`parties/adapters/accounts.py`): a stranger locks nobody else out."""
MFA_ADAPTER = "rongtong.parties.adapters.accounts.MfaAdapter"
MFA_FORMS = {"activate_totp": "rongtong.parties.adapters.accounts.ActivateTotpForm"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Rongtong"

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_ENGINE = "rongtong.core.session_store"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 8 * 60 * 60
"""A working day: whoever comes back tomorrow logs in again."""
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024
"""More than any address takes (`config/admission.py` says how much each does): files of strangers never reach the disk."""
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "language"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
LOCALE_PATHS = [PACKAGE / "core" / "locale"]

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STATIC_ROOT.mkdir(mode=0o700, exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": HOME / "files"}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

RECORDS_WAREHOUSE = os.environ.get("RONGTONG_WAREHOUSE", str(HOME / "records"))
"""Where the record tables lie: a local folder or the URL of an object store."""
_anchors = os.environ.get("RONGTONG_INVOICE_ANCHORS", "")
INVOICE_ANCHORS = Path(_anchors).read_text() if _anchors else ""
"""Certificates in PEM, by which the signatures of digital invoices that firms hand in are believed; none: no signature is."""
REGISTERS_URL = os.environ.get("RONGTONG_REGISTERS_URL", "")
"""Where the public registers answer, if not where the sources do."""
REGISTERS_TOKEN = os.environ.get("RONGTONG_REGISTERS_TOKEN", "")
SOURCES_TOKEN = os.environ.get("RONGTONG_SOURCES_TOKEN") or secret("sources")
"""What the platform shows the sources and the lenders' banks as its bearer token."""
DATABASE_SESSION_KEY = os.environ.get("RONGTONG_SESSION_KEY") or secret("database_session")
"""With what the platform's connections prove to the log that they are the platform's; never in the database."""
EVIDENCE_FOLDER = Path(os.environ.get("RONGTONG_EVIDENCE") or HOME / "evidence")
"""Where the checkpoints of the log are kept outside of the database."""
EVIDENCE_WITNESSES = os.environ.get("RONGTONG_WITNESSES", "").split(",")
"""Who gets each checkpoint: see `attest.adapters.witnesses`."""

PROCRASTINATE_ON_APP_READY = None
SILENCED_SYSTEM_CHECKS: list[str] = []

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "rongtong.config.logs.RedactingFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("RONGTONG_LOG", "WARNING")},
}
