"""`make bare`: proves that a bare Debian is enough, for root in a private folder and elsewhere, a plain user, an archive.

Each case is a Debian minbase with python3, python3-venv and make (by debootstrap), in a chroot with namespaces of its own:
no git, no compiler, nothing of this machine's. In it runs smoke.py, as the case's user. Where debootstrap or root is
missing, one case runs on this machine instead, and a line says what that does not prove. Standard library alone.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parents[2]
PACKAGES: Final = "python3,python3-venv,make"
ABSENT: Final = ("git", "cc", "gcc", "node", "psql", "redis-server")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
CERTIFICATE_NAMES = ("PIP_CERT", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
LEAST_FREE: Final = 4 * 1024**3
OUR_OWN: Final = (".venv", "node_modules", "staticfiles", ".afterbell", "__pycache__", ".hypothesis")
PREPARE: Final = """
set -e
mount -t proc proc "$1/proc"
mount --bind /dev "$1/dev"
mount -t tmpfs tmpfs "$1/dev/shm"
base=$1; shift
exec chroot "$base" "$@"
"""


@dataclass(frozen=True)
class Case:
    """One machine: who works there, in which folder, with or without .git."""

    name: str
    folder: str
    user: str
    checkout: bool = True
    browser: bool = False
    """A browser is fetched as root's `make test` does; the others say that they skip its tests. Once: it is large."""


CASES: Final = (
    Case("root-private", "/root/afterbell", "root"),
    Case("root-elsewhere", "/srv/afterbell", "root", browser=True),
    Case("plain-user", "/home/afterbell/house", "afterbell"),
    Case("archive", "/root/afterbell", "root", checkout=False),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=[case.name for case in CASES], action="append", help="this case")
    parser.add_argument("--under", type=Path, default=None, help="folder for the machines (a temporary one)")
    parser.add_argument(
        "--base", type=Path, help="the Debian that all cases begin from; made there if it is not"
    )
    args = parser.parse_args()
    under = Path(tempfile.mkdtemp(prefix="afterbell-bare-", dir=args.under))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was made is removed then too
    under.chmod(0o755)  # the plain user of a case works below it
    try:
        if why := missing(under):
            return instead(under, why)
        base = args.base or under / "base"
        if not base.exists():
            make_base(base)
        if furniture := not_bare(base):
            sys.exit(f"bare: the base is not bare, it has {', '.join(furniture)}")
        cases = [case for case in CASES if not args.only or case.name in args.only]
        done = [prove(case, base, under / case.name) for case in cases]
        print(f"bare: {sum(done)} of {len(done)} cases hold", flush=True)
        return 0 if all(done) else 1
    finally:
        shutil.rmtree(under, ignore_errors=True)


def missing(under: Path) -> str:
    """Why bare machines can't be made here; empty when they can."""
    if os.geteuid() != 0:
        return "root is needed for a chroot"
    absent = [name for name in ("debootstrap", "unshare", "chroot", "apt-get") if not shutil.which(name)]
    if absent:
        return f"{' and '.join(absent)} not here (Debian: apt-get install debootstrap)"
    if shutil.disk_usage(under).free < LEAST_FREE:
        return f"less than {LEAST_FREE // 1024**3} GB free in {under}"
    tried = subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True, text=True, check=False
    )
    return f"no namespaces here: {tried.stderr.strip()}" if tried.returncode else ""


def make_base(base: Path) -> None:
    """A minbase from where this machine's own packages come, with what it needs to reach them."""
    started = time.monotonic()
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(CREATED_BY) $(LABEL) $(COMPONENT) $(CODENAME) $(SITE)"],
        capture_output=True,
        text=True,
        check=True,
    )
    wanted = [
        line.split()[3:] for line in listed.stdout.splitlines() if line.startswith("Packages Debian main ")
    ]
    suite, site = wanted[0]
    done = subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, str(base), site],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"bare: debootstrap failed: {' '.join(done.stdout.strip().splitlines()[-2:])}")
    for path in (Path("/etc/resolv.conf"), Path("/etc/hosts"), Path("/etc/pip.conf"), CERTIFICATES):
        if path.exists():  # a company's proxy has a certificate authority of its own
            shutil.copyfile(path, base / path.relative_to("/"))
    (base / "root").chmod(0o700)
    subprocess.run(["chroot", str(base), "useradd", "--create-home", "afterbell"], check=True)
    print(f"bare: {suite} minbase with {PACKAGES} in {time.monotonic() - started:.0f} s", flush=True)


def not_bare(base: Path) -> list[str]:
    """What it has that a bare machine has not."""
    programs = [name for name in ABSENT if (base / "usr" / "bin" / name).exists()]
    return programs + [path.name for path in base.glob("usr/lib/*/libatomic.so*")]


def prove(case: Case, base: Path, machine: Path) -> bool:
    """One line: what held, or where it broke with the last lines of what was printed."""
    started = time.monotonic()
    subprocess.run(["cp", "-a", str(base), str(machine)], check=True)
    try:
        house = machine / case.folder.lstrip("/")
        lay(house, checkout=case.checkout)
        if case.user != "root":
            subprocess.run(["chroot", machine, "chown", "-R", case.user, case.folder], check=True)
        command = ["setpriv", f"--reuid={case.user}", f"--regid={case.user}", "--init-groups", "--"]
        home = "/root" if case.user == "root" else f"/home/{case.user}"
        done = subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", PREPARE, "sh", str(machine)]
            + (command if case.user != "root" else [])
            + ["python3", f"{case.folder}/infra/setup/smoke.py"]
            + (["--browser"] if case.browser else []),
            env=environment(home),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return tell(case.name, f"{case.user} in {case.folder}", done, started)
    finally:
        shutil.rmtree(machine, ignore_errors=True)


def environment(home: str) -> dict[str, str]:
    certificates = dict.fromkeys(CERTIFICATE_NAMES, str(CERTIFICATES)) if CERTIFICATES.exists() else {}
    return {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": home,
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        **certificates,
    }


def tell(name: str, where: str, done: "subprocess.CompletedProcess[str]", started: float) -> bool:
    lines = done.stdout.strip().splitlines()
    took = f"{time.monotonic() - started:.0f} s"
    if done.returncode:
        print(
            f"bare: {name}: FAILED ({where}, {took})",
            *(f"  {line}" for line in lines[-25:]),
            sep="\n",
            flush=True,
        )
        return False
    proved = "; ".join(line.removeprefix("smoke: ") for line in lines if line.startswith("smoke: "))
    print(f"bare: {name}: {where}: {proved} ({took})", flush=True)
    return True


def lay(house: Path, *, checkout: bool) -> None:
    """This checkout's files as they lie here, without what set-up and runs have made."""
    house.parent.mkdir(parents=True, exist_ok=True)
    left_out = (*OUR_OWN, *(() if checkout else (".git",)))
    shutil.copytree(ROOT, house, symlinks=True, ignore=shutil.ignore_patterns(*left_out, "*.mo", "*.log"))


def instead(under: Path, why: str) -> int:
    """An unpacked archive as the user at hand, on a PATH without git and compilers: this machine's libraries stay."""
    bin_ = under / "bin"
    bin_.mkdir()
    for folder in ("/usr/local/bin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"):
        for program in Path(folder).iterdir() if Path(folder).is_dir() else ():
            if program.name not in {*ABSENT, "chromium"} and not (bin_ / program.name).is_symlink():
                (bin_ / program.name).symlink_to(program)
    print(
        f"bare: no bare machine here: {why}. Proved instead: an archive without .git, as this user, with no git and no"
        " compiler on the PATH; not proved: other users, private folders, a machine without this one's libraries",
        flush=True,
    )
    started = time.monotonic()
    lay(under / "house", checkout=False)
    done = subprocess.run(
        [sys.executable, str(under / "house" / "infra" / "setup" / "smoke.py")],
        env={**environment(os.environ.get("HOME", "/")), "PATH": str(bin_)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return 0 if tell("instead", "this user", done, started) else 1


if __name__ == "__main__":
    sys.exit(main())
