"""The `afterbell` command: finds the command's module by name, sets Django up and lets it run.

A command's module has `add_arguments(parser)` and `run(args) -> int`. Exit codes: 0 done, 1 failed or something is
wrong, 2 wrong usage. What went wrong is one plain line on stderr, never a traceback (LOG_LEVEL=DEBUG shows it).
"""

import argparse
import importlib
import os
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import django
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from psycopg import Error as DriverError
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError

from afterbell.kernel.errors import Refused
from afterbell.services import embedded

ROOT = Path(__file__).resolve().parents[2]


class CommandModule(Protocol):
    """What a command's module offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, args: argparse.Namespace) -> int: ...


@dataclass(frozen=True)
class Command:
    """One word of the command line. `serves` commands start their own processes before Django is set up."""

    module: str
    about: str
    serves: bool = False


COMMANDS = {
    "up": Command("afterbell.services.up", "serve: web, worker and beat under one roof", serves=True),
    "demo": Command("infra.demo.command", "fill a demo city, then serve it", serves=True),
    "status": Command("tenants.commands.status", "services and the schema of every school"),
    "city": Command("tenants.commands.city", "a city from nothing: name, districts, calendar, term, rules"),
    "school": Command("tenants.commands.school", "open, add, archive, restore and list schools"),
    "account": Command("tenants.commands.account", "the first accounts of the city and of a school"),
    "migrate": Command("tenants.commands.migrate", "bring the city and every school to this code"),
    "rollup": Command("oversight.facts.commands.rollup", "bring the city's facts up to date now"),
    "cost-summary": Command("oversight.costs.commands.cost_summary", "the price bureau's file of a term"),
    "verify": Command("tenants.commands.verify", "check every promise that can be recomputed"),
    "bench": Command("infra.bench.command", "the benchmarks"),
}


def main(argv: list[str] | None = None) -> int:
    """Entry of the console command."""
    words = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(
        prog="afterbell", description="放学后 Afterbell: after-school care of a city"
    )
    names = parser.add_subparsers(dest="command", metavar="command", required=True)
    for name, command in COMMANDS.items():
        names.add_parser(name, help=command.about, add_help=False)
    chosen, rest = parser.parse_known_args(words)
    try:
        return _run(chosen.command, rest)
    except KeyboardInterrupt:
        return 130
    except (embedded.ServiceError, ImproperlyConfigured, Refused, ValueError) as error:
        return _trouble(str(error), error)
    except (PoolTimeout, DatabaseError, DriverError) as error:
        first = (str(error).strip().splitlines() or ["no answer"])[0]
        return _trouble(
            f"the database does not do what was asked: {first} (check DATABASE_URL, or `afterbell status`)",
            error,
        )
    except (RedisError, ConnectionError) as error:
        return _trouble(f"Redis does not answer: {error} (check REDIS_URL, or `afterbell status`)", error)


def _run(name: str, rest: list[str]) -> int:
    command = COMMANDS[name]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "afterbell.settings")
    sys.path.insert(0, str(ROOT))  # infra/ is part of the checkout, not of the package
    if command.serves:
        return _finish(name, rest, command)
    needs_help = {"-h", "--help"} & set(rest)
    with nullcontext() if needs_help else embedded.embedded_unless_named(ROOT):
        django.setup()
        return _finish(name, rest, command)


def _finish(name: str, rest: list[str], command: Command) -> int:
    module: CommandModule = importlib.import_module(command.module)
    parser = argparse.ArgumentParser(prog=f"afterbell {name}", description=command.about)
    module.add_arguments(parser)
    return module.run(parser.parse_args(rest))


def _trouble(text: str, error: BaseException) -> int:
    if os.environ.get("LOG_LEVEL") == "DEBUG":
        raise error
    print(f"afterbell: {text}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
