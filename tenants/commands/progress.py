"""Progress of long commands: a bar on a terminal, now and then a plain line elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Tick = Callable[[int, int], None]
"""Called with how many are done and how many there are."""
SECONDS_BETWEEN_LINES = 2.0


@contextmanager
def progress(title: str) -> Iterator[Tick]:
    """Use: `with progress("opening schools") as tick: tick(3, 500)`."""
    if sys.stdout.isatty():
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(file=sys.stdout)) as bar:
            task = bar.add_task(title, total=None)
            yield lambda done, of: bar.update(task, completed=done, total=of)
    else:
        yield _lines(title)


def _lines(title: str) -> Tick:
    last = 0.0

    def tick(done: int, of: int) -> None:
        nonlocal last
        if done == of or time.monotonic() - last >= SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            print(f"{title}: {done} of {of}", flush=True)

    return tick
