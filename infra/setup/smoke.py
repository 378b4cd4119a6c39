"""The smoke test of one machine: set-up, the demo up and asked, `afterbell verify`, down, and a few tests. For `make bare`.

Runs on the system's Python with the standard library alone; a line for what held, exit 1 at the first that did not.
"""

import argparse
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parents[2]
SCHOOLS: Final = 3  # the least that the demo takes
PATIENCE_SECONDS: Final = 1800
OUTSIDE = Path("/var/lib/afterbell")
TESTS: Final = (
    "tests/architecture/test_house.py",
    "tests/architecture/test_files.py",
    "tests/services/test_health.py",
    "tests/journeys/test_style_guide.py",
)


class Broken(Exception):
    """Something does not hold; the text says what."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--browser", action="store_true", help="fetch a browser first, as `make test` does")
    args = parser.parse_args()
    try:
        set_up()
        demo()
        if args.browser:
            run([sys.executable, "infra/setup/browser.py"], "fetching a browser")
        tests()
    except Broken as trouble:
        print(f"smoke broke: {trouble}", flush=True)
        return 1
    return 0


def set_up() -> None:
    started = time.monotonic()
    run(["make", "setup"], "make setup")
    say(f"set-up {time.monotonic() - started:.0f} s")


def demo() -> None:
    """Up, ready, one page, every promise verified, down; nothing runs and nothing lies outside afterwards."""
    port, log = a_free_port(), ROOT / "smoke.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            ["make", "demo", f"SCHOOLS={SCHOOLS}", f"PORT={port}"],
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until_ready(server, port, log)
        status, page = ask(port, "/disclosure/")
        if status != 200 or "</html>" not in page:
            raise Broken(f"/disclosure/ answers {status}")
        run([str(ROOT / ".venv" / "bin" / "afterbell"), "verify"], "afterbell verify")
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGINT)  # as Ctrl-C at the terminal
        stopped = waits(server)
    if not stopped:
        raise Broken("the demo did not stop within two minutes")
    left = [str(path) for path in OUTSIDE.glob("*")] if OUTSIDE.is_dir() and os.geteuid() == 0 else []
    if left:
        raise Broken(f"left behind: {left}")
    if not (ROOT / ".afterbell" / "postgres" / "PG_VERSION").exists():
        raise Broken("the data is not under .afterbell")
    outside = re.search(rf"work in {OUTSIDE}/\S+", log.read_text(errors="replace"))
    place = "outside its private folder" if outside else "under .afterbell"
    say(f"demo of {SCHOOLS} schools, servers {place}: ready, a page, verified, down")


def waits(server: "subprocess.Popen[bytes]") -> bool:
    try:
        server.wait(timeout=120)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        return False
    return True


def wait_until_ready(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            status, said = ask(port, "/readyz")
        except OSError:
            status, said = 0, ""
        if status == 200 and json.loads(said)["ready"]:
            return
        time.sleep(1)
    raise Broken(
        "the demo did not get ready:\n" + "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    )


def ask(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Host": f"city.localhost:{port}"})
    answer = connection.getresponse()
    return answer.status, answer.read().decode(errors="replace")


def tests() -> None:
    """Those that bare machines have stumbled over; a browser's tests run, or say why they don't."""
    said = run([str(ROOT / ".venv" / "bin" / "python"), "-m", "pytest", "-q", *TESTS], "the tests")
    reasons = sorted(set(re.findall(r"^SKIPPED \[\d+\] [^ ]+ (.*)", said, re.M)))
    closing = said.strip().splitlines()[-1].strip("= ")
    say(f"tests: {closing}" + (f" ({'; '.join(reasons)})" if reasons else ""))


def run(command: list[str], what: str) -> str:
    """What it printed. Raises Broken with its last lines."""
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise Broken(f"{what} ended with {done.returncode}:\n" + "\n".join(done.stdout.splitlines()[-20:]))
    return done.stdout


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def say(text: str) -> None:
    print(f"smoke: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
