"""Runs several processes under one roof: started together, and when one ends or we are told to stop, all stop."""

import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from types import FrameType

GRACE_SECONDS = 20.0


@dataclass(frozen=True)
class Job:
    """One process: its name in messages and its command."""

    name: str
    command: list[str]


class Roof:
    """Keeps the processes of `afterbell up`."""

    def __init__(self, jobs: list[Job], environment: dict[str, str]) -> None:
        self._jobs = jobs
        self._environment = environment
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._stopping = threading.Event()

    def run(self) -> int:
        """Start all, wait, stop all. 0 after Ctrl-C or TERM; 1 when a process ended by itself."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._told_to_stop)
        try:
            for job in self._jobs:
                # A session of its own: Ctrl-C reaches us alone, and we stop them in order.
                self._running[job.name] = subprocess.Popen(
                    job.command, env={**os.environ, **self._environment}, start_new_session=True
                )
            ended = self._wait()
        finally:
            self._stop_all()
        if ended is not None:
            print(f"afterbell: {ended} ended by itself; everything else was stopped.", flush=True)
        return 0 if ended is None else 1

    def _wait(self) -> str | None:
        """Name of the first process that ends by itself, or None when we were told to stop."""
        while not self._stopping.wait(0.3):
            for name, process in self._running.items():
                if process.poll() is not None:
                    return name
        return None

    def _told_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()

    def _stop_all(self) -> None:
        for process in self._running.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in self._running.values():
            try:
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
