"""Settings of the tests: the production settings on servers of their own, with cheap password hashing."""

import os

os.environ.setdefault("PUBLIC_URL_SCHEME", "http")
os.environ.setdefault("LOG_LEVEL", "WARNING")

from afterbell.settings import *  # noqa: F403  (a settings file is a list of names)

WATCH_LOCKS = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
