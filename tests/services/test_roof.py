"""Who dies below `afterbell up` is started again after a growing pause; who can't be kept ends everything, and says why."""

import os
import signal
import sys
import threading

import psutil
import pytest

from afterbell.services import processes
from afterbell.services.processes import CantStart, Process, Roof


def until(condition):
    for _ in range(100):
        if condition():
            return
        threading.Event().wait(0.1)
    raise AssertionError("it did not happen in time")


class Stub:
    """Something to keep, that dies as often as it is told to."""

    def __init__(self, name, deaths=0, cannot_start=0):
        self.name, self.deaths, self.cannot_start = name, deaths, cannot_start
        self.started, self.stopped = 0, []

    def start(self):
        if self.cannot_start:
            self.cannot_start -= 1
            raise CantStart("its folder is gone")
        self.started += 1

    def died(self):
        if self.deaths and self.started:
            self.deaths -= 1
            return "signal 9"
        return ""

    def ask_to_stop(self):
        self.stopped.append("asked")

    def stop(self, seconds):
        self.stopped.append("stopped")


@pytest.fixture
def clock(monkeypatch):
    """Time goes by in sleeps alone; what was slept is kept. After an hour somebody says stop."""

    class Clock:
        now, slept = 1000.0, 0.0

        def sleep(self, seconds):
            self.now, self.slept = self.now + seconds, self.slept + seconds
            if self.slept > 3600:
                os.kill(os.getpid(), signal.SIGTERM)

    clock = Clock()
    monkeypatch.setattr(processes.time, "monotonic", lambda: clock.now)
    monkeypatch.setattr(processes.time, "sleep", clock.sleep)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield clock
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_who_dies_four_times_in_a_minute_is_started_again_each_time_after_a_longer_pause(clock, capsys):
    worker, web = Stub("worker", deaths=4), Stub("web")
    assert Roof([worker, web]).run() == 0
    assert worker.started == 5
    assert web.started == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" in ")[1].split(" s ")[0] for line in lines] == ["0.1", "0.5", "2", "5"]
    assert all(line.startswith("afterbell: worker is gone (signal 9); starting it again") for line in lines)


def test_the_fifth_death_in_a_minute_ends_everything_with_its_reason_in_one_line(clock, capsys):
    web, worker = Stub("web"), Stub("worker", deaths=5)
    assert Roof([web, worker]).run() == 1
    assert web.stopped == worker.stopped == ["asked", "stopped"]
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == (
        "afterbell: worker was gone 5 times within a minute, at last: signal 9; everything was stopped."
    )


def test_deaths_of_another_minute_and_of_others_are_not_counted(clock):
    class Slow(Stub):
        def died(self):
            return super().died() if clock.slept > 61 * (self.started - 1) else ""

    one, other = Slow("web", deaths=12), Stub("worker", deaths=4)
    assert Roof([one, other]).run() == 0
    assert one.started == 13


def test_what_does_not_start_is_tried_again(clock):
    late = Stub("PostgreSQL", cannot_start=2)
    assert Roof([late]).run() == 0
    assert late.started == 1


def test_what_never_starts_ends_everything_with_its_reason(clock, capsys):
    never = Stub("PostgreSQL", cannot_start=99)
    assert Roof([never]).run() == 1
    assert never.started == 0
    assert "at last: its folder is gone; everything was stopped." in capsys.readouterr().out


def test_the_last_started_is_asked_to_stop_first(clock):
    order = []

    class Noted(Stub):
        def ask_to_stop(self):
            order.append(self.name)

    assert Roof([Noted("PostgreSQL"), Noted("web"), Noted("worker")]).run() == 0
    assert order == ["worker", "web", "PostgreSQL"]


def test_a_dead_leader_is_followed_only_when_its_children_are_gone():
    """A killed web master leaves workers that hold the port."""
    child = "import time; time.sleep(60)"
    leader = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}]).wait()"
    one = Process("web", [sys.executable, "-c", leader], {})
    one.start()
    first = psutil.Process(one._running.pid)
    until(first.children)
    children = first.children()
    first.kill()
    until(one.died)
    assert one.died() == "signal 9"
    assert children[0].is_running()
    one.start()
    assert not children[0].is_running() or children[0].status() == psutil.STATUS_ZOMBIE
    assert one.died() == ""
    one.ask_to_stop()
    one.stop(5)
    assert one.died() == "signal 15"
