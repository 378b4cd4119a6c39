"""Sees to a Chromium for the browser tests: takes the one that is there, or installs Debian's when it may."""

import os
import shutil
import subprocess
import sys


def main() -> int:
    """Never fails: without a browser the tests that need one are skipped, and say so."""
    if shutil.which("chromium"):
        return 0
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(
            "browser tests will be skipped: no chromium here, and it can't be installed without root and apt-get"
        )
        return 0
    print("installing Debian's chromium for the browser tests …", flush=True)
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "chromium", "fonts-noto-cjk"],
    ):
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )
        if done.returncode:
            print(
                f"browser tests will be skipped: {' '.join(command)} failed: {done.stderr.strip().splitlines()[-1:]}"
            )
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
