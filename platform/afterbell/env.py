"""Reads settings from the environment: each has a type, a safe default and a sentence for the README."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


class BadSetting(ImproperlyConfigured):
    """A value of the environment can't be used; the text names it and says what would do."""


@dataclass(frozen=True)
class Setting:
    """One line of the configuration table in the README."""

    name: str
    default: str
    about: str


class Env:
    """Typed access to the environment. `settings` lists what was asked for, for the documentation."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self.settings: list[Setting] = []

    def text(self, name: str, default: str, about: str) -> str:
        value = self._read(name, default, about)
        if "\x00" in value or "\n" in value:
            raise BadSetting(f"{name} must be one line of text.")
        return value

    def flag(self, name: str, default: bool, about: str) -> bool:  # noqa: FBT001  (a setting's default is its value)
        value = self._read(name, "true" if default else "false", about).lower()
        if value in {"1", "true", "yes", "on"}:
            return True
        if value in {"0", "false", "no", "off"}:
            return False
        raise BadSetting(f"{name}={value!r} is neither true nor false.")

    def whole(self, name: str, default: int, about: str, *, least: int, most: int) -> int:
        value = self._read(name, str(default), about)
        try:
            number = int(value)
        except ValueError:
            raise BadSetting(f"{name}={value!r} is not a whole number.") from None
        if not least <= number <= most:
            raise BadSetting(f"{name}={number} is out of range: {least} to {most}.")
        return number

    def choice(self, name: str, default: str, about: str, *, among: tuple[str, ...]) -> str:
        value = self._read(name, default, about)
        if value not in among:
            raise BadSetting(f"{name}={value!r} is unknown; choose one of {', '.join(among)}.")
        return value

    def host(self, name: str, default: str, about: str) -> str:
        value = self._read(name, default, about).lower()
        labels = value.split(".")
        if len(value) > 200 or not all(label and label.replace("-", "").isalnum() for label in labels):
            raise BadSetting(f"{name}={value!r} is not a host name such as afterbell.example.")
        return value

    def url(self, name: str, default: str, about: str, *, schemes: tuple[str, ...]) -> str:
        """A server's address. The message never repeats the value: it may hold a password."""
        value = self._read(name, default, about)
        try:
            parts = urlsplit(value)
            port_is_fine = parts.port is None or parts.port > 0
        except ValueError:
            port_is_fine = False
        if not port_is_fine or parts.scheme not in schemes or not parts.hostname:
            raise BadSetting(f"{name} must look like {schemes[0]}://user:password@host:port/name.")
        return value

    def secret(self, name: str, default: str, about: str, *, shortest: int) -> str:
        value = self._read(name, default, about)
        if len(value) < shortest:
            raise BadSetting(f"{name} must have at least {shortest} characters.")
        return value

    def _read(self, name: str, default: str, about: str) -> str:
        self.settings.append(Setting(name=name, default=default, about=about))
        return self._environ.get(name, "").strip() or default


def database_from_url(url: str) -> dict[str, str]:
    """NAME, USER, PASSWORD, HOST and PORT of a postgresql:// address; raises BadSetting without a name."""
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if not name or "/" in name:
        raise BadSetting(
            "DATABASE_URL must end with the name of the database: postgresql://user:password@host:port/name."
        )
    return {
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or 5432),
    }
