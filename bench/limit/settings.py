"""Settings of the limit app, from the same environment as the project's."""

import os
from pathlib import Path

import environ

env = environ.Env()

SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "bench.limit.urls"
WSGI_APPLICATION = "bench.limit.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "bench.limit",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
    }
]
# The fastest way to a database from a sync worker: one connection for the life of the process, never looked after.
DATABASES = {"default": env.db("LIMIT_DATABASE_URL") | {"CONN_MAX_AGE": None}}
# Tables straight from the models: nothing here has a past.
MIGRATION_MODULES = dict.fromkeys(("auth", "contenttypes", "sessions"))
SESSION_ENGINE = "django.contrib.sessions.backends.db"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "form"
USE_TZ = True
FIELDS_FILE = os.environ["LIMIT_FIELDS_FILE"]
