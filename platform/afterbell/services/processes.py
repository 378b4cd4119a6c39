"""Runs several things under one roof: started together, started again when one dies, stopped together.

Who dies is started again after a pause that grows; who dies five times within a minute has something that no start mends,
and everything ends with the reason in one line.
"""

import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Protocol

import psutil

GRACE_SECONDS: Final = 20.0
ORPHANS_SECONDS: Final = 1.0
"""So long what a dead process has left behind may take to finish by itself."""
WINDOW_SECONDS: Final = 60.0
PAUSES: Final = (0.1, 0.5, 2.0, 5.0)
"""Before each start of a minute, in seconds; one death more ends everything."""
GLANCE_SECONDS: Final = 0.1


class CantStart(Exception):
    """It did not start; the text says why. One more death of it."""


class Kept(Protocol):
    """Something that the roof keeps running."""

    name: str

    def start(self) -> None:
        """Raises CantStart."""

    def died(self) -> str:
        """How it ended, such as 'signal 9'; empty while it lives."""

    def ask_to_stop(self) -> None:
        """Returns at once."""

    def stop(self, seconds: float) -> None:
        """By force when it takes longer."""


@dataclass
class Process:
    """A program of ours with all that it starts itself: one group, in a session of its own, so that Ctrl-C reaches us alone
    and we stop them in order."""

    name: str
    command: list[str]
    environment: dict[str, str]
    _running: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        if self._running is not None:
            _end_group(self._running.pid, ORPHANS_SECONDS)
        self._running = subprocess.Popen(
            self.command, env={**os.environ, **self.environment}, start_new_session=True
        )

    def died(self) -> str:
        code = self._running.poll() if self._running is not None else None
        if code is None:
            return ""
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    def ask_to_stop(self) -> None:
        if self._running is not None and self._running.poll() is None:
            self._running.terminate()

    def stop(self, seconds: float) -> None:
        if self._running is None:
            return
        try:
            self._running.wait(timeout=max(0.1, seconds))
        except subprocess.TimeoutExpired:
            self._running.kill()
            self._running.wait()
        _end_group(self._running.pid, ORPHANS_SECONDS)


@dataclass
class Record:
    """When one of them died within the last minute, and when it is started again (None: it runs)."""

    deaths: deque[float] = field(default_factory=deque)
    due: float | None = None

    def one_more(self, now: float) -> float | None:
        """The pause before the next start, in seconds; None when it has died too often."""
        while self.deaths and self.deaths[0] <= now - WINDOW_SECONDS:
            self.deaths.popleft()
        self.deaths.append(now)
        if len(self.deaths) > len(PAUSES):
            return None
        pause = PAUSES[len(self.deaths) - 1]
        self.due = now + pause
        return pause


class Roof:
    """Keeps what `afterbell up` needs. First named, first started and last stopped."""

    def __init__(self, kept: Iterable[Kept]) -> None:
        self._kept = {one.name: one for one in kept}
        self._records = {name: Record() for name in self._kept}
        self._stopping = False

    def run(self) -> int:
        """Start all, keep them, stop all. 0 after Ctrl-C or TERM; 1 when one of them can't be kept."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._told_to_stop)
        why = ""
        try:
            for one in self._kept.values():
                if not why:
                    why = self._start(one)
            while not self._stopping and not why:
                time.sleep(GLANCE_SECONDS)
                why = self._look()
        finally:
            self._stop_all()
        if why:
            _say(f"{why}; everything was stopped.")
        return 1 if why else 0

    def _look(self) -> str:
        """Starts again what has died. Returns why nothing can go on, or nothing."""
        for name, one in self._kept.items():
            record, now = self._records[name], time.monotonic()
            if record.due is not None:
                if now >= record.due and (why := self._start(one)):
                    return why
            elif (how := one.died()) and (why := self._mourn(name, how)):
                return why
        return ""

    def _start(self, one: Kept) -> str:
        self._records[one.name].due = None
        try:
            one.start()
        except CantStart as trouble:
            return self._mourn(one.name, str(trouble))
        return ""

    def _mourn(self, name: str, how: str) -> str:
        record = self._records[name]
        pause = record.one_more(time.monotonic())
        if pause is None:
            return f"{name} was gone {len(record.deaths)} times within a minute, at last: {how}"
        _say(
            f"{name} is gone ({how}); starting it again in {pause:g} s ({len(record.deaths)} of {len(PAUSES)} in a minute)"
        )
        return ""

    def _told_to_stop(self, *_what: object) -> None:
        self._stopping = True

    def _stop_all(self) -> None:
        deadline = time.monotonic() + GRACE_SECONDS
        inwards = list(reversed(self._kept.values()))
        for one in inwards:
            one.ask_to_stop()
        for one in inwards:
            one.stop(deadline - time.monotonic())


def _say(text: str) -> None:
    print(f"afterbell: {text}", flush=True)


def _end_group(group: int, seconds: float) -> None:
    """What a dead leader left: its children hold ports and tasks. They may finish what they are at, but not for long."""
    deadline = time.monotonic() + seconds
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGTERM)
        while time.monotonic() < deadline and _lives(group):
            time.sleep(0.05)
        os.killpg(group, signal.SIGKILL)


def _lives(group: int) -> bool:
    """Zombies don't count: a container without an init process keeps them."""
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                return True
    return False
