"""Settings of the Django project. docs/operators.md lists every variable that is read here."""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONCE, SELF

from lab import env
from lab.hosts import loopback_only
from lab.paths import Paths
from lab.secrets import secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
PATHS = Paths.from_env()

DEBUG = env.flag("LAB_DEBUG", False)
SECRET_KEY = secret_key(PATHS.secret)

HOST = env.text("HOST", "127.0.0.1")
PORT = env.integer("PORT", 8000, low=1, high=65535)
TRUST_PROXY = env.flag("LAB_TRUST_PROXY", False)
"""A proxy before the lab says who visits and whether by TLS; without one, anybody could say it."""
if TRUST_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    CSRF_TRUSTED_ORIGINS = env.origins("LAB_HOSTS")

ACCESS_CODE_REQUIRED = TRUST_PROXY or not loopback_only(HOST)
"""A proxy, or HOST beyond loopback, gives strangers compute: they need the code that `make up` prints."""

# On loopback only these names lead here, which also keeps DNS rebinding out; an operator who opens
# the lab to others may name the hosts it answers to.
ALLOWED_HOSTS = env.listing("LAB_HOSTS") or (
    ["localhost", "127.0.0.1", "[::1]"] if loopback_only(HOST) else ["*"]
)
if env.listing("LAB_HOSTS"):  # set-up itself asks by a loopback name, always
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]

PREVIEW_PORT = env.integer("LAB_PREVIEW_PORT", PORT + 1 if PORT < 65535 else PORT - 1, low=1, high=65535)
PREVIEW_DOMAIN = env.domain("LAB_PREVIEW_DOMAIN")
PREVIEW_PORTS = env.span("LAB_PREVIEW_PORTS")
"""Where what runs in sandboxes opens: see docs/previews.md and sandbox/preview/origins.py."""
LAB_COOKIES = ("learner", "lab_access", "csrftoken", "sessionid", "messages")
"""Cookies that no sandbox may see or set."""

SANDBOX_LIFETIME = env.integer("LAB_SANDBOX_MINUTES", 240, low=5, high=100_000) * 60
"""Seconds without any use after which a sandbox is removed."""
SANDBOX_LIMIT = env.integer("LAB_SANDBOX_LIMIT", 0, low=0, high=1000)
"""How many sandboxes at once; 0: as many as memory allows."""
SANDBOXES_PER_NETWORK = env.integer("LAB_SANDBOXES_PER_NETWORK", 0, low=0, high=1000)
"""How many sandboxes at once for visitors from one network address; 0: four fifths of all."""
SANDBOX_IDLE = env.integer("LAB_IDLE_MINUTES", 15, low=0, high=100_000) * 60
"""Seconds without use and without a visible page after which a sandbox is frozen; 0: never."""
POOL_SIZE = env.amounts("LAB_POOL_SIZE", ("docker", "kubernetes"), low=0, high=1000)
"""By profile, how many sandboxes are kept ready; those that are not named: by memory and cores."""
POOL_REFILL = env.integer("LAB_POOL_REFILL", 0, low=0, high=64)
"""How many of them are made at once; 0: by cores."""
DISK_RESERVE = env.integer("LAB_DISK_RESERVE", 2048, low=0, high=1 << 30) << 20
"""Bytes of the data folder's disk that sandboxes leave free."""

LESSONS_CONTENT = Path(env.text("LAB_LESSONS", str(BASE_DIR / "lessons" / "content")))
"""Where the course lies; authors may name a folder of their own."""

INSTALLED_APPS = [
    "daphne",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "lab",
    "sandbox",
    "lessons",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "lab.access.AccessMiddleware",
    "lessons.learners.LearnerMiddleware",
]

ROOT_URLCONF = "lab.urls"
ASGI_APPLICATION = "lab.asgi.application"
ASGI_SERVER = env.choice("LAB_ASGI_SERVER", "daphne", "uvicorn")
"""What serves it; see lab/web.py."""

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "csp.context_processors.nonce",
            ],
        },
    }
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": PATHS.database,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 10,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("LAB_REDIS", f"unix://{PATHS.redis_socket}")
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL]},
    }
}

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL},
}
"""Counters of rate limits, shared by all processes."""

CELERY_BROKER_URL = env.text("LAB_BROKER", REDIS_URL.replace("unix://", "redis+socket://"))
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "lifecycle"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "staticfiles": {
        "BACKEND": "lab.static.Static"
        if not DEBUG
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
    },
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "filters": {"brief": {"()": "lab.logs.Brief"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "daphne": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},  # a line for each task, every few seconds
        "celery.app.trace": {"level": "WARNING"},
        "django.security.DisallowedHost": {"filters": ["brief"]},
    },
}
