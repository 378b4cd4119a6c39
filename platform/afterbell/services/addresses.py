"""Where this checkout keeps its own servers and their passwords: files under .afterbell/, readable by us alone."""

import json
import os
import secrets
from pathlib import Path
from typing import TypedDict

HOME = ".afterbell"


class Addresses(TypedDict):
    """Ports change when they are taken; passwords are made once."""

    database_password: str
    redis_password: str
    database_port: int
    redis_port: int
    secret_key: str


class Served(TypedDict):
    """How this checkout was served last: what people's browsers see."""

    scheme: str
    port: int


def home(root: Path) -> Path:
    """The folder of this checkout's servers; AFTERBELL_HOME moves it (tests use one of their own)."""
    return Path(os.environ.get("AFTERBELL_HOME") or root / HOME)


def read(folder: Path) -> Addresses:
    """Passwords and last ports; made on first use."""
    file = folder / "services.json"
    if file.exists():
        known: Addresses = json.loads(file.read_text())
        return known
    made = Addresses(
        database_password=secrets.token_urlsafe(24),
        redis_password=secrets.token_urlsafe(24),
        database_port=0,
        redis_port=0,
        secret_key=secrets.token_urlsafe(48),
    )
    write(folder, made)
    return made


def write(folder: Path, addresses: Addresses) -> None:
    """Replace the file in one move, so that a reader never sees half of it."""
    _replace(folder, "services.json", addresses)


def note_served(folder: Path, *, scheme: str, port: int) -> None:
    """For commands that print addresses: they run beside the server, without its environment."""
    _replace(folder, "served.json", Served(scheme=scheme, port=port))


def served(folder: Path) -> Served | None:
    """None where nothing was served from here."""
    file = folder / "served.json"
    known: Served | None = json.loads(file.read_text()) if file.exists() else None
    return known


def note_city(folder: Path, *, name: str) -> None:
    """The name that `afterbell city init` was told; CITY_NAME goes before it."""
    _replace(folder, "city.json", {"name": name})


def city_name(folder: Path) -> str:
    """Empty where nobody has said it."""
    file = folder / "city.json"
    return str(json.loads(file.read_text(encoding="utf-8"))["name"]) if file.exists() else ""


def _replace(folder: Path, name: str, content: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{name}.{os.getpid()}"
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content, indent=2, ensure_ascii=False), encoding="utf-8")
    draft.replace(folder / name)


def database_url(root: Path) -> str:
    known = read(home(root))
    return f"postgresql://afterbell:{known['database_password']}@127.0.0.1:{known['database_port'] or 5432}/afterbell"


def redis_url(root: Path) -> str:
    known = read(home(root))
    return f"redis://:{known['redis_password']}@127.0.0.1:{known['redis_port'] or 6379}/0"


def local_secret(root: Path) -> str:
    return read(home(root))["secret_key"]
