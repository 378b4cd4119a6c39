"""The one settings file. Every value comes from the environment and has a default that is safe."""

from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from afterbell.env import Env, database_from_url
from afterbell.services import addresses

ROOT = Path(__file__).resolve().parents[2]
HOME_FOLDER = addresses.home(ROOT)
env = Env()

# --- who and where ---------------------------------------------------------------------------------------------
DOMAIN = env.host("DOMAIN", "localhost", "The city's domain: hosts are city.<domain> and s<code>.<domain>")
CITY_NAME = env.text(
    "CITY_NAME", addresses.city_name(HOME_FOLDER) or "示范市", "The city's name on every page"
)
CITY_HOST = f"city.{DOMAIN}"
PUBLIC_URL_SCHEME = env.choice(
    "PUBLIC_URL_SCHEME", "https", "Scheme that people's browsers see", among=("https", "http")
)
PORT = env.whole("PORT", 8000, "Port of the web server", least=1, most=65535)
BIND = env.text("BIND", "127.0.0.1", "Address of the web server")
DEMO = env.flag(
    "DEMO", False, "Demo city: open style guide, visible outbox of codes, demo passwords. Never in production"
)
DEBUG = env.flag("DEBUG", False, "Django's debug pages. Never in production")

# --- services --------------------------------------------------------------------------------------------------
DATABASE_URL = env.url(
    "DATABASE_URL",
    addresses.database_url(ROOT),
    "PostgreSQL ≥ 15; without it the embedded server",
    schemes=("postgresql", "postgres"),
)
REDIS_URL = env.url(
    "REDIS_URL",
    addresses.redis_url(ROOT),
    "Redis ≥ 6; without it the embedded server",
    schemes=("redis", "rediss", "unix"),
)
DB_POOL_MOST = env.whole("DB_POOL_MOST", 12, "Most database connections a process", least=1, most=200)
DB_POOL_WAIT = env.whole(
    "DB_POOL_WAIT_SECONDS", 5, "Longest wait for a database connection", least=1, most=60
)
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
            # timeout: of one look at the pool; DB_POOL_WAIT is the whole wait (tenants.backend).
            # reconnect_timeout: nobody tries in the background, with pauses that grow; the next page tries at once.
            "pool": {
                "min_size": 1,
                "max_size": DB_POOL_MOST,
                "timeout": 0.3,
                "max_lifetime": 600,
                "reconnect_timeout": 0,
            },
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
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
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
    "allauth.usersessions",
    "axes",
    "afterbell.accounts",
    "allauth",  # no tables; behind accounts, so that our templates go before its own
    "afterbell.audit",
    "tenants.exchange",
]
CITY_APPS = [
    "tenants",
    "tenants.letterbox",
    "tenants.anchors",
    "knox",
    "afterbell.tokens",
    "oversight.facts",
    "oversight.redlines",
    "oversight.cases",
    "oversight.disclosure",
]
SCHOOL_APPS = [
    "afterbell.outbox",
    "schools.people",
    "schools.notices",
    "schools.committee",
    "schools.planning",
    "schools.enrolment",
    "schools.staffing",
    "schools.care",
    "schools.finance",
    "schools.voice",
]
TABLELESS_APPS = [
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_tenants",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    "django_filters",
    "django_tables2",
    "csp",
    "rest_framework",
    "afterbell.pages",
    "dashboards.register",
    "oversight.costs",
    "oversight.providers",
    "oversight.setup",
    "oversight.reports",
    "oversight.hearings",
    "oversight.trail",
    "oversight.api",
    "dashboards.frame",
    "dashboards.overview",
    "dashboards.participation",
    "dashboards.complaints",
    "dashboards.satisfaction",
    "dashboards.fees",
    "dashboards.districts",
    "dashboards.schoolpage",
    "dashboards.own",
    "dashboards.indicators",
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
    "afterbell.pages.text.WholeText",
    "afterbell.pages.middleware.OnlyTheirs",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "afterbell.pages.middleware.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "afterbell.accounts.middleware.SecondFactor",
    "afterbell.pages.middleware.WrongMethodPage",
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
COTTON_ISOLATE_BY_DEFAULT = True  # a component sees what it is given and the context processors, nothing else
DJANGO_TABLES2_TEMPLATE = "pages/parts/table.html"

# --- people ----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUDIT_RECORD = "afterbell.audit.actions.record"  # accounts stand below audit: wired by name
ACCOUNT_ENDS_WITH = ["afterbell.tokens.actions.end_all"]  # done in the transaction in which an account ends
ACCOUNT_MANAGED = [
    "schools.people.ties.refuse_other_parent"
]  # asked in a school before somebody manages an account
ACCOUNT_WAITING = ["afterbell.tokens.queries.waiting_for"]  # what somebody is told who has logged in
NAVIGATION_CITY = [
    "dashboards.overview.navigation.ENTRIES",
    "dashboards.participation.navigation.ENTRIES",
    "dashboards.satisfaction.navigation.ENTRIES",
    "dashboards.fees.navigation.ENTRIES",
    "dashboards.complaints.navigation.ENTRIES",
    "dashboards.indicators.navigation.ENTRIES",
    "dashboards.register.navigation.ENTRIES",
    "oversight.redlines.navigation.ENTRIES",
    "oversight.cases.navigation.ENTRIES",
    "oversight.reports.navigation.ENTRIES",
    "oversight.hearings.navigation.ENTRIES",
    "oversight.providers.navigation.ENTRIES",
    "oversight.setup.navigation.ENTRIES",
    "oversight.costs.navigation.ENTRIES",
    "oversight.disclosure.navigation.ENTRIES",
    "oversight.trail.navigation.ENTRIES",
    "afterbell.tokens.navigation.ENTRIES",
    "afterbell.accounts.navigation.ENTRIES",
]
NAVIGATION_SCHOOL = [
    "afterbell.accounts.navigation.ENTRIES",
    "schools.people.navigation.ENTRIES",
    "schools.notices.navigation.ENTRIES",
    "schools.committee.navigation.ENTRIES",
    "schools.planning.navigation.ENTRIES",
    "dashboards.own.navigation.ENTRIES",
    "schools.enrolment.navigation.ENTRIES",
    "schools.staffing.navigation.ENTRIES",
    "schools.care.navigation.ENTRIES",
    "schools.finance.navigation.ENTRIES",
    "schools.voice.navigation.ENTRIES",
]
NAVIGATION_RIGHT = "afterbell.accounts.rights.holds"
MAY_OPEN = "afterbell.accounts.rights.may_open"
# What roles are narrowed to, as (code, name): on a day, or ever. Districts and classes stand above accounts.
ACCOUNT_SCOPES = {
    "district": "tenants.queries.district_scopes",
    "class": "schools.people.class_queries.scopes",
}
# What lower floors reach above themselves, by name: the exchange tells rooms the bureau's answers, committees tell them
# decisions, and the desk asks every room what waits and which gates of the term it keeps.
EXCHANGE_CHILDREN = ("people.Pupil", "name")
EXCHANGE_NAMES = "schools.people.named.unsettled"
EXCHANGE_ANSWERED = {
    "plan_filing": "schools.planning.answers.filing_answered",
    "complaint": "schools.voice.passed_on.bureau_answered",
}
EXCHANGE_ARRIVED = {"complaint": "tenants.letterbox.arrivals.complaint_arrived"}
EXCHANGE_ROUNDS = ["schools.voice.carrying.carry"]
RESOLUTION_CLOSED = {
    "plan": "schools.planning.answers.resolution_closed",
    "hire": "schools.staffing.actions.resolution_closed",
    "settlement": "schools.finance.actions.settlement.resolution_closed",
}
SEAT_HOLDS = "schools.committee.queries.still_a_parent"
PLACES_ADDED = "schools.enrolment.places.move_up"
RESOLUTION_CARRIES = {"settlement": "schools.finance.carrying.no_longer_carries"}
FAMILY_TOLD = "schools.care.telling.adults"
SIGNER_GONE = ["schools.enrolment.signers.gone", "schools.care.homeward_telling.gone"]
ACCOUNT_ENDED = "schools.people.account_actions.ended"
ACCOUNT_OPENED = "schools.people.account_actions.opened"
NUMBER_CLAIMED = "schools.people.telling.number_claimed"
NUMBER_REFUSED = "schools.people.telling.number_refused"
NUMBER_CHANGED = "schools.people.correction_actions.number_changed"
NUMBER_CONFIRMED = "schools.voice.letters.follow_number"
WORD_WRITERS = [
    "schools.notices.queries.writer_of",
    "schools.finance.queries.spending.writer_of",
    "schools.planning.writers.writer_of",
]
STAFF_NUMBERS = "schools.staffing.queries.numbers_of"
PLAN_ROOMS = "schools.care.room_queries.rooms_in_use"
TERM_IS_SETTLED = "schools.finance.queries.is_settled"
"""A term whose books are settled has no place for another plan."""
DUTY_RELEASE = (
    "schools.care.duty_actions.release"  # duties stand above staffing: a dismissal takes them away by name
)
WAITING = [
    "afterbell.accounts.waiting.waiting_for",
    "schools.people.waiting.waiting_for",
    "schools.committee.queries.waiting_for",
    "schools.planning.queries.waiting_for",
    "schools.planning.amendment_queries.waiting_for",
    "schools.staffing.waiting.waiting_for",
    "schools.care.waiting.waiting_for",
    "schools.enrolment.queries.waiting_for",
    "schools.enrolment.supplement_queries.waiting_for",
    "schools.finance.queries.waiting_for",
    "schools.voice.complaint_queries.waiting_for",
    "schools.notices.waiting.waiting_for",
]
LIVE_ALARMS = "/alarms/"
FAMILY_NEWS = ["schools.enrolment.news.news", "schools.finance.news.news"]
TERM_GATES: list[str] = [
    "schools.staffing.gates.gates",
    "schools.care.gates.gates",
    "schools.enrolment.gates.gates",
    "schools.finance.gates.gates",
]
AFTER_EXIT = ["schools.finance.actions.after_exit"]
AFTER_EXIT_CORRECTED = ["schools.finance.actions.exit_corrected"]
SEEN_UNDER = "schools.care.queries.seen_under"
LESSONS_BEGUN = "schools.care.queries.lessons_begun"
LAST_SEEN = ["schools.care.queries.last_seen"]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_HOME_URL = "/accounts/me/"
ACCOUNT_ADAPTER = "afterbell.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "afterbell.accounts.forms.LoginForm",
    "request_login_code": "afterbell.accounts.forms.RequestCodeForm",
    "confirm_login_code": "afterbell.accounts.forms.ConfirmCodeForm",
    "change_password": "afterbell.accounts.forms.ChangePasswordForm",
    "set_password": "afterbell.accounts.forms.SetPasswordForm",
    "reauthenticate": "afterbell.accounts.forms.ReauthenticateForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_PRESERVE_USERNAME_CASING = False  # logins are lower-case (a constraint); found through their index
ACCOUNT_LOGIN_METHODS = {"username", "phone"}
ACCOUNT_SIGNUP_FIELDS = [
    "username*",
    "password1*",
]  # nobody signs up (adapter, addresses); password1: there are passwords
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True  # as long as SESSION_COOKIE_AGE; nobody is asked
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 300
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
# A whole school sits behind one address in the morning, and phones behind their carrier's: limits by address are wide.
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": "60/m/ip,10/300s/key",
    "request_login_code": "120/m/ip,5/900s/key",
    "reauthenticate": "10/m/user",
    "change_password": "10/m/user",
    "own_number": "5/d/key",  # names guessed for one number, by whichever link
}
MFA_ADAPTER = "afterbell.accounts.adapters.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "afterbell.accounts.forms.SecondFactorForm",
    "reauthenticate": "afterbell.accounts.forms.SecondFactorAgainForm",
    "activate_totp": "afterbell.accounts.forms.ActivateSecondFactorForm",
}
MFA_TOTP_TOLERANCE = 1  # phones' clocks are not exact: one step of 30 s each way
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
AXES_FAILURE_LIMIT = 5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # nobody locks somebody else out from another address
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "afterbell.accounts.lockout.name_of"
AXES_CLIENT_IP_CALLABLE = "afterbell.accounts.lockout.address_of"
AXES_LOCKOUT_CALLABLE = "afterbell.accounts.lockout.locked_page"
AXES_SENSITIVE_PARAMETERS = [
    "username",
    "login",
    "phone",
    "ip_address",
    "code",
    "next",
    "csrfmiddlewaretoken",
]
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
PASSWORD_RESET_TIMEOUT = 24 * 3600  # setting links that an administrator hands out
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("login", "name", "phone")},
    },
    {"NAME": "afterbell.accounts.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
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

MESSAGE_SENDER = env.text(
    "MESSAGE_SENDER",
    "schools.notices.senders.DemoSender" if DEMO else "schools.notices.senders.NoSender",
    "Class that sends urgent notices to phones",
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
TRUST_PROXY = env.flag(
    "TRUST_PROXY",
    False,
    "A proxy in front sets X-Forwarded-Proto and X-Forwarded-For, and strips them from outside",
)
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if TRUST_PROXY else 0  # whose X-Forwarded-For limits and lock-outs believe
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUST_PROXY else None
SECURE_SSL_REDIRECT = SECURE_COOKIES and TRUST_PROXY
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_COOKIES else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_COOKIES
SECURE_HSTS_PRELOAD = SECURE_COOKIES
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "afterbell.pages.errors.csrf_failure"
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
LOCALE_PATHS = [
    ROOT / "platform" / "afterbell" / "pages" / "locale"
]  # .mo files: python -m afterbell.pages.words compile
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"  # what pages show; the database and the wire are UTC

# --- files -----------------------------------------------------------------------------------------------------
NODE_MODULES = ROOT / "node_modules"
STATIC_URL = "/static/"
STATIC_ROOT = HOME_FOLDER / "static"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "afterbell.pages.assets.PackageFiles",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [
    "jpg",
    "jpeg",
    "png",
    "gif",
    "webp",
    "zip",
    "gz",
    "br",
    "woff",
    "woff2",
    "map",
]
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

TERM_USES = "oversight.facts.terms.uses"
TERM_CHANGED = "oversight.facts.terms.changed"
AFTER_ROLL_UP = ["oversight.redlines.actions.evaluate"]
AFTER_FULL_PASS = ["oversight.redlines.actions.evaluate_all", "oversight.disclosure.actions.publish"]
AFTER_SCHOOL_MOVES = ["oversight.facts.rollups.mark_areas_of"]
ROLL_UP_AGE = "oversight.facts.status.roll_up"
OUTBOX_WAKE = "oversight.facts.wake.wake"  # what stands above is wired by name
LOCK_ORDER = [
    "tenants.District",
    "tenants.Term",
    "tenants.CalendarOverride",
    "tenants.Provider",
    "letterbox.BureauComplaint",
    "exchange.Envelope",
    "people.SchoolClass",
    "people.Pupil",
    "people.Guardian",
    "people.Tie",
    "committee.Committee",
    "committee.Resolution",
    "planning.Consultation",
    "planning.Plan",
    "planning.Amendment",
    "enrolment.Application",
    "enrolment.Agreement",
    "enrolment.Supplement",
    "staffing.Candidate",
    "staffing.Contract",
    "staffing.Clearance",
    "care.Room",
    "care.Session",
    "care.Duty",
    "care.Incident",
    "accounts.User",
    "tokens.Token",
    "notices.Draft",
    "voice.Survey",
    "voice.Complaint",
    "people.WordQuestion",
    "finance.Books",
    "anchors.ChainState",
    "oversight.Night",
    "oversight.Pulse",
    "redlines.Alert",
]
"""In this order rows are locked (afterbell.kernel.locks); the end of the audit chain comes last by itself.

The relay's envelope first, for what follows from an answer; accounts near the end, because many deeds of the school
end in one that is opened or closed; the books last of all that a school has.
"""
WATCH_LOCKS = False
"""Tests look whether the order is kept."""
PROMISES = [
    "tenants.anchors.promises.broken_promises",
    "schools.finance.promises.broken_promises",
    "oversight.facts.promises.broken_promises",
]
SEALS = [
    "afterbell.accounts.seals",
    "afterbell.audit.own_tables",
    "afterbell.outbox.seals",
    "afterbell.tokens.seals",
    "tenants.seals",
    "tenants.exchange.seals",
    "tenants.letterbox.seals",
    "tenants.anchors.seals",
    "schools.people.seals",
    "schools.notices.seals",
    "schools.committee.seals",
    "schools.planning.seals",
    "schools.enrolment.seals",
    "schools.staffing.seals",
    "schools.care.seals",
    "schools.finance.seals",
    "schools.voice.seals",
    "oversight.facts.seals",
    "oversight.redlines.seals",
    "oversight.disclosure.seals",
]
"""Each says which tables of its room are sealed, and why others are not (afterbell.kernel.seals)."""

# --- API -------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "afterbell.tokens.login.TokenLogin",
        "afterbell.accounts.rights.SessionLogin",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "afterbell.accounts.rights.DeclaredPermission",
        "afterbell.pages.parameters.OnlyDeclared",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["afterbell.tokens.limits.PerToken"],
    "DEFAULT_THROTTLE_RATES": {"token": "300/min"},
    "DEFAULT_PARSER_CLASSES": [
        "afterbell.pages.text.WholeJSON",
        "afterbell.pages.text.WholeForm",
        "afterbell.pages.text.WholeMultiPart",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "afterbell.pages.problems.for_api",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
API_DESCRIBED_WITH = [  # what the description has to have learnt before it is written: our logins and fields
    "afterbell.pages.description.LocalTime",
    "afterbell.pages.description.ChoiceOrNone",
    "afterbell.accounts.openapi.SessionLoginScheme",
    "afterbell.tokens.openapi.TokenLoginScheme",
]
KNOX_TOKEN_MODEL = "tokens.Token"  # noqa: S105  (a model)
MIGRATION_MODULES = {"knox": None}  # its migrations would make a table that nobody uses
REST_KNOX = {"TOKEN_PREFIX": "afb_"}  # so that people, and scanners of source code, know one when they see it
SPECTACULAR_SETTINGS = {
    "TITLE": "Afterbell",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "POSTPROCESSING_HOOKS": [  # without its own for enums: each stands at its field, not under a name made of a hash
        "afterbell.pages.description.with_problems",
        "oversight.api.schema.introduced",
    ],
}

# --- watching --------------------------------------------------------------------------------------------------
LOG_LEVEL = env.choice(
    "LOG_LEVEL", "INFO", "Least level that is logged", among=("DEBUG", "INFO", "WARNING", "ERROR")
)
LOG_FORMAT = env.choice("LOG_FORMAT", "json", "Log lines for machines or for people", among=("json", "text"))
LOGGING_CONFIG = "afterbell.logs.configure"
METRICS_TOKEN = env.text(
    "METRICS_TOKEN", "", "Bearer token for /metrics from elsewhere; without it loopback only"
)
SENTRY_DSN = env.text("SENTRY_DSN", "", "Where error reports go; without it nowhere")
LOGGING = {"level": LOG_LEVEL, "format": LOG_FORMAT, "sentry_dsn": SENTRY_DSN}
WEB_PROCESSES = env.whole("WEB_PROCESSES", 2, "Web processes", least=1, most=64)
WEB_THREADS = env.whole("WEB_THREADS", 6, "Threads of each web process", least=1, most=64)
