"""Settings: defaults for an embedded centre, the environment for the rest (PLAT1).

Everything an operator may set is a ``KEFU_*`` variable; ``docs/operations.md`` lists them.
"""

import os
from typing import Any

import dj_database_url
import django_stubs_ext

from kefu.config import environment

# Generic Django classes may be written with their types (``models.JSONField[Any, Any]``) at run time too.
django_stubs_ext.monkeypatch()

HOME = environment.home()
SECRET_KEY = environment.secret_key(HOME)
DEBUG = environment.flag("KEFU_DEBUG", default=False)
ALLOWED_HOSTS = [host for host in os.environ.get("KEFU_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if host]
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("KEFU_TRUSTED_ORIGINS", "").split(",") if origin]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "kefu.kernel",
    "kefu.people",
    "kefu.handbook",
    "kefu.parcels",
    "kefu.customers",
    "kefu.clocks",
    "kefu.station.areas",
    "kefu.station.scanning",
    "kefu.station.entry",
    "kefu.station.signing",
    "kefu.station.fees",
    "kefu.station.monitors",
    "kefu.station.receipts",
    "kefu.station.tracking",
    "kefu.station.problems",
    "kefu.station.pickups",
    "kefu.station.forwarding",
    "kefu.orders",
    "kefu.notices",
    "kefu.conversations",
    "kefu.recordings",
    "kefu.cases",
    "kefu.claims",
    "kefu.arbitration",
    "kefu.regulator",
    "kefu.shop",
    "kefu.quality",
    "kefu.disputes",
    "kefu.review",
    "kefu.calibration",
    "kefu.penalties",
    "kefu.coaching",
    "kefu.watch",
    "kefu.bench",
    "kefu.desk",
    "kefu.escalations",
    "kefu.presence",
    "kefu.batches",
    "kefu.performance",
    "kefu.ledgers",
    "kefu.intake",
    "kefu.exports",
    "kefu.console",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "kefu.console.compression.CompressionMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "kefu.console.middleware.ActorMiddleware",
    "kefu.console.middleware.CleanTextMiddleware",
    "kefu.console.middleware.ContentSecurityPolicyMiddleware",
    "kefu.console.middleware.ErrorPageMiddleware",
]

ROOT_URLCONF = "kefu.config.urls"
ASGI_APPLICATION = "kefu.config.asgi.application"
WSGI_APPLICATION = "kefu.config.wsgi.application"
AUTH_USER_MODEL = "people.Staff"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": False,
        "DIRS": [str(environment.PACKAGE / "console" / "templates")],
        "OPTIONS": {"environment": "kefu.console.jinja.environment"},
    },
]


def _database() -> dict[str, Any]:
    url = os.environ.get("KEFU_DATABASE_URL") or f"sqlite:///{HOME / 'kefu.sqlite3'}"
    config: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True))
    if config["ENGINE"].endswith("sqlite3"):
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;",
        }
    return config


DATABASES = {"default": _database()}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "/sign-in"
SESSION_ENGINE = "kefu.people.sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = environment.flag("KEFU_HTTPS", default=False)
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
CSRF_FAILURE_VIEW = "kefu.console.failures.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [str(environment.PACKAGE / "locale")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("KEFU_TIME_ZONE") or "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = str(HOME / "static")
STATICFILES_DIRS: list[str] = []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG
MEDIA_ROOT = str(HOME / "files")
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("KEFU_LOG_LEVEL") or "WARNING"},
}

KEFU_HOME = str(HOME)
# Who speaks to carriers for the floor of the station, which knows only its port.
KEFU_CARRIERS = "kefu.integrations.carriers.catalogue.CARRIERS"
# What sends messages to customers, and how it is set up: gateways by channel, the key their requests are signed with, mail.
KEFU_NOTICE_SENDERS = "kefu.integrations.notices.senders.configured"
KEFU_NOTICE_GATEWAYS = {one: os.environ.get(f"KEFU_NOTICE_{one.upper()}_URL", "") for one in ("sms", "wechat", "platform")}
KEFU_NOTICE_SECRET = os.environ.get("KEFU_NOTICE_SECRET", "")
# Messages of channels without a gateway are written to a folder of the home instead of being sent: the demo.
KEFU_NOTICE_FOLDER = environment.flag("KEFU_NOTICE_FOLDER", default=False)
EMAIL_HOST = os.environ.get("KEFU_SMTP_HOST", "")
EMAIL_PORT = environment.number("KEFU_SMTP_PORT", default=25)
EMAIL_HOST_USER = os.environ.get("KEFU_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("KEFU_SMTP_PASSWORD", "")
EMAIL_USE_TLS = environment.flag("KEFU_SMTP_TLS", default=False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("KEFU_MAIL_FROM") or EMAIL_HOST_USER or "kefu@localhost"
# How others reach this centre from outside: carriers call back there.
KEFU_PUBLIC_URL = (os.environ.get("KEFU_PUBLIC_URL") or "http://{0.host}:{0.port}".format(environment.address())).rstrip("/")
# Sources of addresses a proxy may speak for; empty: the peer's own address counts.
KEFU_TRUSTED_PROXIES = [address for address in os.environ.get("KEFU_TRUSTED_PROXIES", "").split(",") if address]
# Recordings: room for them in megabytes (0: the disk's), days they are kept where no handbook says so, the folder that is watched.
KEFU_RECORDINGS_MB = environment.number("KEFU_RECORDINGS_MB", default=0)
KEFU_RECORDINGS_DAYS = environment.number("KEFU_RECORDINGS_DAYS", default=180)
KEFU_RECORDINGS_INBOX = os.environ.get("KEFU_RECORDINGS_INBOX", "")
# The engine that writes down what was said (empty: none), its model folder, and how long it may take for a second of sound.
KEFU_SPEECH_ENGINE = os.environ.get("KEFU_SPEECH_ENGINE", "")
KEFU_SPEECH_MODEL = os.environ.get("KEFU_SPEECH_MODEL", "")
KEFU_SPEECH_FAMILY = os.environ.get("KEFU_SPEECH_FAMILY", "sense_voice")
KEFU_SPEECH_THREADS = environment.number("KEFU_SPEECH_THREADS", default=2)
KEFU_SPEECH_PATIENCE = environment.number("KEFU_SPEECH_PATIENCE", default=3)
KEFU_SPEECH_LEAST_SECONDS = environment.number("KEFU_SPEECH_LEAST_SECONDS", default=60)
