"""Keeps the embedded servers running below `afterbell up`: who has died is started again at its own address."""

import fcntl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from afterbell.services import addresses, embedded
from afterbell.services.processes import CantStart


@dataclass
class Guard:
    """Of one server (processes.Kept). Who stops it is embedded.servers, with its last user."""

    name: str
    folder: Path
    begin: Callable[[Path, addresses.Addresses], psutil.Process]
    """Returns its process, started unless it answers."""
    _process: psutil.Process | None = field(default=None, init=False)

    def start(self) -> None:
        """Where several share it, one starts it and the others find it there. Raises CantStart."""
        with (self.folder / "starting.lock").open("w") as door:
            fcntl.flock(door, fcntl.LOCK_EX)
            try:
                self._process = self.begin(self.folder, addresses.read(self.folder))
            except (embedded.ServiceError, psutil.NoSuchProcess) as trouble:
                raise CantStart(str(trouble)) from trouble

    def died(self) -> str:
        process = self._process
        try:
            lives = process is not None and process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            lives = False
        return "" if lives else "a kill or a crash"

    def ask_to_stop(self) -> None:
        """Others may use it."""

    def stop(self, seconds: float) -> None:
        """Others may use it."""


def guards(folder: Path) -> list[Guard]:
    return [Guard("PostgreSQL", folder, embedded.keep_postgres), Guard("Redis", folder, embedded.keep_redis)]
