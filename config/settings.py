"""All settings, from the environment. `.env.example` explains each variable; production needs no other file."""

from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- What kind of run this is ------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])[:1]
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "testserver"}
if DEMO and (not set(ALLOWED_HOSTS) <= LOOPBACK or SITE_URL.split("://")[-1].split(":")[0] not in LOOPBACK):
    raise ImproperlyConfigured("DEMO lets anybody sign in as anybody: it runs on the loopback address only.")

# --- Apps and the way of a request -------------------------------------------------------------------------------
INSTALLED_APPS = [
    "partners",
    "awareness",
    "referrals",
    "config.adminapp.PartnershipAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "crispy_forms",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "partners.middleware.HeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "partners.middleware.SessionAgeMiddleware",
    "partners.middleware.SignedInMiddleware",
    "partners.middleware.StandingMiddleware",
    "partners.middleware.LaneMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "partners.context.site",
            ],
            "builtins": ["django.templatetags.static"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["govuk"]
CRISPY_TEMPLATE_PACK = "govuk"
CRISPY_FAIL_SILENTLY = False
SILENCED_SYSTEM_CHECKS = [] if HTTPS else ["security.W004", "security.W008", "security.W012", "security.W016"]

# --- Data: PostgreSQL holds everything, sessions and throttles included -------------------------------------------
# A transaction that somebody forgot gives its locks back. A test is one long transaction, so it may take longer.
IDLE_SECONDS = env.int("DATABASE_IDLE_SECONDS", default=15)
DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"] |= {
    "ATOMIC_REQUESTS": True,
    "CONN_HEALTH_CHECKS": True,
    "OPTIONS": {
        **DATABASES["default"].get("OPTIONS", {}),
        "pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL", default=6), "timeout": 5},
        "connect_timeout": 3,
        "options": f"-c statement_timeout=8000 -c idle_in_transaction_session_timeout={IDLE_SECONDS}s "
        "-c lock_timeout=2000",
    },
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        # Throttles are rows here. With the standard 300, a flood of invented addresses would push out the real counts.
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}
SESSION_ENGINE = "partners.session_store"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SEALING_KEYS = env.str("SEALING_KEYS", default="")
SEALING_KEYS_FILE = env.str("SEALING_KEYS_FILE", default="")

# --- Sign-in: partners/sign_in.py says why -----------------------------------------------------------------------
AUTH_USER_MODEL = "partners.User"
AUTHENTICATION_BACKENDS = ["partners.sign_in.AccountBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "partners.sign_in.SignInAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # the code is the verification
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # partners.sign_in.write_to_stranger does it
ACCOUNT_LOGOUT_REDIRECT_URL = "signed_out"
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_TIMEOUT = 20 * 60
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60
ACCOUNT_RATE_LIMITS = {  # counted in the cache table; generous for an address, because a hospital has only one
    "request_login_code": "60/m/ip,3/m/key,12/h/key",
    "confirm_login_code": "3/20m/key",
    "reauthenticate": "20/m/user",
    "csp_report": "60/m/ip",
}
MFA_ADAPTER = "partners.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
ALLAUTH_TRUSTED_PROXY_COUNT = int(env.bool("BEHIND_PROXY", default=False))
SESSION_IDLE = 30 * 60
SESSION_IDLE_SHORT = 15 * 60  # coordinator, responder, auditor, administrator
SESSION_ABSOLUTE_AGE = 10 * 60 * 60
# Only the net under the three above: partners.middleware ends a session first, and says why.
SESSION_COOKIE_AGE = SESSION_IDLE + 5 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_NAME = "__Host-sid" if HTTPS else "sid"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])

# Seconds for which a process gives strangers a public page as it drew it, without the database: so that a crowd is no
# slower than one visitor. A text, a banner or a line that changes is seen so much later; 0 draws each.
PUBLIC_PAGES_READY = env.int("PUBLIC_PAGES_READY", default=10)
KEPT_FROM = "referrals.holdings.kept_from"  # referrals of which the pages about messages tell somebody nothing
HANGS_ON = ["referrals.holdings.held_by_organisation"]  # what an organisation is still asked to do, before it ends
# What somebody has in hand, and what gives it to a colleague: nobody leaves before that is done (partners/holdings.py).
HOLDINGS = ["referrals.holdings.held_by", "partners.holdings.on_the_rota"]
HAND_ON = ["referrals.hand_on.hand_on"]
COUNTY_TABLES = ["awareness.county.TABLES"]  # tables of a county's folder beside those of `partners`
# When somebody was last trained: `(user) -> datetime | None` each (referrals/recap.py).
LAST_TRAINED: list[str] = []
BOARD_CHECKS = ["referrals.case_words.case_words"]  # what of open cases must not stand on the message board

# --- Headers (security, 7.1) -------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
        "report-uri": ["/csp-report/"],
    }
}
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked from inside, behind the proxy
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- Limits: room for a page with several 1 MB answers, so that it gets a clear error and not a dead end ----------
DATA_UPLOAD_MAX_MEMORY_SIZE = 6_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400
DATA_UPLOAD_MAX_NUMBER_FILES = 5
# A log that is carried over (referrals/admin/importing.py) and an attachment (referrals/forms/attachment.py) are files.
# They are held in memory alone: Django's second handler would write one of any size to the disk, for a stranger too.
# What is larger is read past and dropped, and the page says that it was too large.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 6_000_000  # of a whole request; the pages refuse a file over 5 MB
FILE_UPLOAD_PERMISSIONS = 0o600
CSRF_FAILURE_VIEW = "partners.views.errors.csrf_failure"

# --- Mail: the outbox decides what is owed; this is only the way out ---------------------------------------------
vars().update(env.email("EMAIL_URL", default="smtp://127.0.0.1:1025"))
EMAIL_TIMEOUT = 5
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Waymark <referrals@partnership.example.org>")
DEMO_MAIL_DIR = env.str("DEMO_MAIL_DIR", default="")
NOTIFY_API_KEY = env.str("NOTIFY_API_KEY", default="")
NOTIFY_TEMPLATE_ID = env.str("NOTIFY_TEMPLATE_ID", default="")
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
OUTBOX = {  # seconds (security, 3.1). DRAIN + MESSAGE + one step of 15 = soft limit < hard limit < LEASE
    "LEASE": 120,  # how long a claim holds before another process may take the row
    "MESSAGE": 25,  # after so long no further step of the dialogue with the mail server is begun
    "DRAIN": 10,  # after so long one run claims no further message
    "BACKOFF": 30,  # first ceiling of the random wait after a transient error; it doubles with each attempt
    "BACKOFF_CAP": 30 * 60,
    "AMBIGUOUS": 10 * 60,  # shortest wait when a message was probably delivered
    "PAUSE": 60,  # nothing is sent for so long after the mail server refused us
    "GIVE_UP": 48 * 60 * 60,
}

# --- Celery (security, 3.3): it makes things fast, and may be lost entirely ---------------------------------------
CELERY_BROKER_URL = env.str("BROKER_URL", default="redis://127.0.0.1:6379/0")
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT = 50
CELERY_TASK_TIME_LIMIT = 60
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "socket_timeout": env.float("BROKER_SOCKET_TIMEOUT", default=1.0),
    "socket_connect_timeout": env.float("BROKER_SOCKET_TIMEOUT", default=1.0),
    "health_check_interval": 10,
    "retry_on_timeout": False,
    "max_retries": 0,
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = 2
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Europe/London"
CELERY_BEAT_SCHEDULE = {  # each expires before the next is due, so that nothing piles up after an outage
    "drain": {"task": "partners.tasks.tick", "schedule": 15, "options": {"expires": 14}},
    "reconcile": {"task": "referrals.tasks.reconcile", "schedule": 600, "options": {"expires": 590}},
    "escalate": {"task": "referrals.tasks.escalate_unopened", "schedule": 60, "options": {"expires": 55}},
    "chase": {"task": "referrals.tasks.chase_hand_overs", "schedule": 60, "options": {"expires": 55}},
    "nrm-clocks": {"task": "referrals.tasks.tell_of_nrm_clocks", "schedule": 3600, "options": {"expires": 3500}},
    "heartbeat": {"task": "partners.tasks.heartbeat", "schedule": 3600, "options": {"expires": 3500}},
    "sessions": {"task": "partners.tasks.forget_ended_sessions", "schedule": 3600, "options": {"expires": 3500}},
    "cover": {"task": "partners.tasks.tell_covers", "schedule": 300, "options": {"expires": 290}},
    "publish-figures": {"task": "referrals.tasks.publish_figures", "schedule": 3600, "options": {"expires": 3500}},
    "links": {"task": "awareness.tasks.check_links", "schedule": 1200, "options": {"expires": 1100}},
    "texts": {"task": "awareness.tasks.report_texts", "schedule": 86_400, "options": {"expires": 3600}},
    "expire-drafts": {"task": "referrals.tasks.expire_drafts", "schedule": 3600, "options": {"expires": 3500}},
}

# --- Words, time, files, logs ------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = "Europe/London"
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "var" / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
LOGGING = logging_config(env.str("LOG_LEVEL", default="INFO"))
DEFAULT_EXCEPTION_REPORTER_FILTER = "partners.privacy.NothingPersonalFilter"
