"""The one settings file. Every value comes from the environment and has a default that is safe."""

from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from afterbell.env import Env, database_from_url
from afterbell.services import addresses

ROOT = Path(__file__).resolve().parents[2]
env = Env()

# --- who and where ---------------------------------------------------------------------------------------------
DOMAIN = env.host("DOMAIN", "localhost", "The city's domain: hosts are city.<domain> and s<code>.<domain>")
CITY_NAME = env.text("CITY_NAME", "示范市", "The city's name on every page")
CITY_HOST = f"city.{DOMAIN}"
PUBLIC_URL_SCHEME = env.choice(
    "PUBLIC_URL_SCHEME", "https", "Scheme that people's browsers see", among=("https", "http")
)
PORT = env.whole("PORT", 8000, "Port of the web server", least=1, most=65535)
BIND = env.text("BIND", "127.0.0.1", "Address of the web server")
DEMO = env.flag("DEMO", False, "Demo city: open style guide, visible outbox of codes, demo passwords. Never in production")
DEBUG = env.flag("DEBUG", False, "Django's debug pages. Never in production")

# --- services --------------------------------------------------------------------------------------------------
DATABASE_URL = env.url(
    "DATABASE_URL",
    addresses.database_url(ROOT),
    "PostgreSQL ≥ 15; without it the embedded server",
    schemes=("postgresql", "postgres"),
)
REDIS_URL = env.url(
    "REDIS_URL", addresses.redis_url(ROOT), "Redis ≥ 6; without it the embedded server", schemes=("redis", "rediss", "unix")
)
DB_PROFILE = env.choice(
    "DB_PROFILE", "embedded", "What kind of PostgreSQL it is", among=("embedded", "managed", "citus")
)
DB_POOL_MOST = env.whole("DB_POOL_MOST", 12, "Most database connections a process", least=1, most=200)
DB_POOL_WAIT = env.whole("DB_POOL_WAIT_SECONDS", 5, "Longest wait for a database connection", least=1, most=60)
DATABASES = {
    "default": {
        "ENGINE": "tenants.backend",
        **database_from_url(DATABASE_URL),
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 0,  # the pool keeps connections, Django gives them back after each request
        "ATOMIC_REQUESTS": True,
        "OPTIONS": {
            "connect_timeout": DB_POOL_WAIT,
            # max_lifetime: a backend keeps about 8 kB for each table it touched (architecture §3).
            "pool": {"min_size": 1, "max_size": DB_POOL_MOST, "timeout": DB_POOL_WAIT, "max_lifetime": 600},
        },
    }
}
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_FUNCTION": "tenants.cache.school_key",
    }
}

# --- applications ----------------------------------------------------------------------------------------------
# The same floor in every schema: a school's schema is complete (dump, restore, erase, move).
EVERYWHERE_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "afterbell.accounts",
    "afterbell.audit",
]
CITY_APPS = ["tenants"]
SCHOOL_APPS = ["schools.people"]
TABLELESS_APPS = [
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "django_tenants",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    "django_filters",
    "django_tables2",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "afterbell.pages",
]
SHARED_APPS = [*CITY_APPS, *EVERYWHERE_APPS]
TENANT_APPS = [*EVERYWHERE_APPS, *SCHOOL_APPS]
INSTALLED_APPS = [*TABLELESS_APPS, *CITY_APPS, *EVERYWHERE_APPS, *SCHOOL_APPS]
TENANT_MODEL = "tenants.School"
TENANT_DOMAIN_MODEL = "tenants.Host"
TEMPLATE_SCHEMA = "template_school"

ROOT_URLCONF = "afterbell.urls_school"
PUBLIC_SCHEMA_URLCONF = "afterbell.urls_city"
WSGI_APPLICATION = "afterbell.wsgi.application"
MIDDLEWARE = [
    "afterbell.logs.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "afterbell.health.HealthChecks",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tenants.middleware.SchoolByHost",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "afterbell.accounts.middleware.SecondFactor",
    "afterbell.pages.middleware.RefusedPage",
    "axes.middleware.AxesMiddleware",  # last, as its documentation asks
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "afterbell.pages.context.page",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
COTTON_DIR = "components"

# --- people ----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
SECOND_FACTOR = env.choice(
    "SECOND_FACTOR",
    "optional" if DEMO else "required",
    "One-time codes (TOTP) for staff and city accounts",
    among=("required", "optional"),
)
CODE_SENDER = env.text(
    "CODE_SENDER",
    "afterbell.accounts.senders.VisibleOutbox" if DEMO else "afterbell.accounts.senders.NoSender",
    "Class that sends login codes to guardians' phones",
)

# --- trust -----------------------------------------------------------------------------------------------------
SECRET_KEY = env.secret(
    "SECRET_KEY",
    addresses.local_secret(ROOT),
    "Signs cookies and links; without it one made for this checkout",
    shortest=32,
)
SECURE_COOKIES = PUBLIC_URL_SCHEME == "https"
ALLOWED_HOSTS = [f".{DOMAIN}", "127.0.0.1", "[::1]", "localhost"]  # exact hosts are checked by SchoolByHost
USE_X_FORWARDED_HOST = False
TRUST_PROXY = env.flag("TRUST_PROXY", False, "A proxy in front sets X-Forwarded-Proto and X-Forwarded-For, and strips them from outside")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUST_PROXY else None
SECURE_SSL_REDIRECT = SECURE_COOKIES and TRUST_PROXY
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_COOKIES else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_COOKIES
SECURE_HSTS_PRELOAD = SECURE_COOKIES
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_NAME = "__Host-session" if SECURE_COOKIES else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE_COOKIES else "csrf"
LANGUAGE_COOKIE_NAME = "__Host-language" if SECURE_COOKIES else "language"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- words and time --------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("英文"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"  # what pages show; the database and the wire are UTC

# --- files -----------------------------------------------------------------------------------------------------
NODE_MODULES = ROOT / "node_modules"
STATIC_URL = "/static/"
STATIC_ROOT = ROOT / ".afterbell" / "static"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "afterbell.pages.assets.PackageFiles",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

# --- background work -------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 100
CELERY_WORKER_CONCURRENCY = env.whole("WORKERS", 2, "Processes that do background work", least=1, most=64)
CELERY_TASK_TIME_LIMIT = 600
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"global_keyprefix": "afterbell:", "visibility_timeout": 1800}
CELERY_TIMEZONE = "Asia/Shanghai"

# --- API -------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["afterbell.accounts.rights.DeclaredPermission"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {"TITLE": "Afterbell", "VERSION": "1", "OAS_VERSION": "3.1.1"}

# --- watching --------------------------------------------------------------------------------------------------
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", "Least level that is logged", among=("DEBUG", "INFO", "WARNING", "ERROR"))
LOG_FORMAT = env.choice("LOG_FORMAT", "json", "Log lines for machines or for people", among=("json", "text"))
LOGGING_CONFIG = "afterbell.logs.configure"
LOGGING = {"level": LOG_LEVEL, "format": LOG_FORMAT}
METRICS_TOKEN = env.text("METRICS_TOKEN", "", "Bearer token for /metrics from elsewhere; without it loopback only")
SENTRY_DSN = env.text("SENTRY_DSN", "", "Where error reports go; without it nowhere")
WEB_PROCESSES = env.whole("WEB_PROCESSES", 2, "Web processes", least=1, most=64)
WEB_THREADS = env.whole("WEB_THREADS", 6, "Threads of each web process", least=1, most=64)
