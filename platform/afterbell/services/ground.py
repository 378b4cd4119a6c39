"""Where the servers' own files lie: at home in .afterbell, or, while root's servers run, where the plain user may go.

PostgreSQL looks for its programs with access(2), which asks what the real user may: a right lent to a plain user counts for
nothing there. So below a private folder such as /root the servers get a place outside, with programs and data of their
own; a link at home leads to it. When their last user leaves, the data goes home and the place is gone.
"""

import errno
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from afterbell.services import programs

OUTSIDE = Path("/var/lib/afterbell")
LINK: Final = "outside"
OWNER: Final = "home"
"""File of a place: the home whose it is."""
DATA: Final = ("postgres", "redis")


class NoGround(Exception):
    """There is no place for the servers; the text says why and what to do."""


def of(home: Path) -> Path:
    """Where the servers of this home are or were last."""
    return _outside(home) or home


def take(home: Path) -> Path:
    """For servers that are about to start; what a killed run left is taken up. Raises NoGround."""
    place = _outside(home)
    if place is None and programs.may_run(home):
        return home
    try:
        place = place or _claim(home)
        programs.copy_to(place)
        for name in DATA:
            if (home / name).is_dir() and not (place / name).exists():
                _carry(home / name, place / name)
    except OSError as error:
        raise _no_ground(home, str(error)) from error
    if not programs.may_run(place):
        give_back(home)
        raise _no_ground(home, f"{place} is closed to it as well")
    _say(f"{programs.PLAIN_USER} may not go to {home}; PostgreSQL and Redis work in {place} until they stop.")
    _name_strays()
    return place


def give_back(home: Path) -> None:
    """The servers have stopped: their data goes home, and nothing is left outside."""
    place = _outside(home)
    if place is None:
        return
    for name in DATA:
        if (place / name).exists():
            _carry(place / name, home / name)
    (home / LINK).unlink()
    shutil.rmtree(place)


def _outside(home: Path) -> Path | None:
    link = home / LINK
    return link.resolve() if link.is_dir() else None


def _claim(home: Path) -> Path:
    OUTSIDE.mkdir(parents=True, exist_ok=True)
    OUTSIDE.chmod(0o711)  # root's mask may be 077
    place = Path(tempfile.mkdtemp(prefix="", dir=OUTSIDE))
    place.chmod(0o711)
    (place / OWNER).write_text(str(home.resolve()))
    (home / LINK).unlink(missing_ok=True)
    (home / LINK).symlink_to(place)
    return place


def _carry(source: Path, goal: Path) -> None:
    """One rename; between two disks a copy beside the goal first. Wherever this is cut off, one of both is whole."""
    shutil.rmtree(goal, ignore_errors=True)
    try:
        source.rename(goal)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        draft, rest = goal.with_suffix(".new"), source.with_suffix(".old")
        for left in (draft, rest):
            shutil.rmtree(left, ignore_errors=True)
        subprocess.run(["cp", "-a", str(source), str(draft)], check=True)  # with the owner, unlike shutil
        draft.rename(goal)
        source.rename(rest)
        shutil.rmtree(rest)


def _name_strays() -> None:
    """Killed, and then its home was removed or moved: whether anybody needs the data, people know."""
    for owner in OUTSIDE.glob(f"*/{OWNER}"):
        home = Path(owner.read_text())
        if _outside(home) != owner.parent.resolve():
            _say(f"{owner.parent} was left by {home}, which is gone; remove it if nobody needs its data.")


def _no_ground(home: Path, why: str) -> NoGround:
    return NoGround(
        f"PostgreSQL and Redis run as the user {programs.PLAIN_USER}, which may not go to {home}; nor is there a place"
        f" outside: {why}. Put the checkout where all users may go, or set DATABASE_URL and REDIS_URL."
    )


def _say(text: str) -> None:
    """Not on stdout: commands answer there."""
    print(f"afterbell: {text}", file=sys.stderr, flush=True)
