"""The files of the house: by git where it knows this checkout, else by a walk that leaves out what .gitignore names."""

import subprocess
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def tracked(root: Path = ROOT) -> list[Path]:
    """Every file that git tracks or would track, in order. A machine without git, an unpacked archive and a checkout of
    another user's have the same ones."""
    found = _by_git(root)
    return sorted(_by_walk(root) if found is None else found)


def _by_git(root: Path) -> list[Path] | None:
    """None: git is not there, or this folder is not the top of a checkout of its own."""
    top = _git(root, "rev-parse", "--show-toplevel")
    if top is None or Path(top.strip()).resolve() != root.resolve():
        return None
    listed = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return None if listed is None else [root / n for n in listed.split("\0") if n and (root / n).is_file()]


def _git(root: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None


def _by_walk(root: Path) -> list[Path]:
    folders, files = ignored(root)
    found, waiting = [], [root]
    while waiting:
        for path in waiting.pop().iterdir():
            if path.is_dir() and not path.is_symlink():
                if path.name != ".git" and not any(fnmatch(path.name, pattern) for pattern in folders):
                    waiting.append(path)
            elif path.is_file() and not any(fnmatch(path.name, pattern) for pattern in files):
                found.append(path)
    return found


def ignored(root: Path) -> tuple[list[str], list[str]]:
    """Patterns of .gitignore: of folders (they end in /), and of names of both kinds. Others than these two forms raise
    ValueError: the walk would not understand them."""
    lines = [line.strip() for line in (root / ".gitignore").read_text().splitlines()]
    patterns = [line for line in lines if line and not line.startswith("#")]
    strange = [line for line in patterns if line.startswith("!") or "/" in line.rstrip("/") or "**" in line]
    if strange:
        raise ValueError(f".gitignore: tests/files.py does not understand {strange}")
    names = [line for line in patterns if not line.endswith("/")]
    return [*(line.rstrip("/") for line in patterns if line.endswith("/")), *names], names
