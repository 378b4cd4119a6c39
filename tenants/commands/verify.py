"""`afterbell verify`: recomputes every promise that can be recomputed, in the city and in each school."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from django.conf import settings

from afterbell.audit import queries as audit
from afterbell.kernel import checking
from afterbell.kernel.checking import Check
from afterbell.kernel.strings import dotted
from tenants import context, queries
from tenants.models import School
from tenants.states import SchoolState

Place = tuple[str, Callable[[], AbstractContextManager[object]]]

PROMISES = ("afterbell.audit.queries.broken_promises",)
"""Checks of every schema; settings.PROMISES adds those of the floors above (ledger, statements, facts)."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--school", metavar="CODE", help="this school only, not the city")
    parser.add_argument(
        "--export-audit", metavar="FOLDER", type=Path, help="also write each audit chain there"
    )


def run(args: argparse.Namespace) -> int:
    """A line for each schema that is OK, else one for each broken promise. 1 when one is broken, 2 for an unknown school."""
    schools = _schools(args.school)
    if schools is None:
        sys.stderr.write(f"afterbell: there is no school {args.school!r}; see `afterbell school list`.\n")
        return 2
    checks: list[Check] = [dotted(path) for path in (*PROMISES, *getattr(settings, "PROMISES", ()))]
    broken = skipped = 0
    for name, door in _places(schools, with_city=args.school is None):
        found = _broken(door, checks, _file(args.export_audit, name))
        for sentence in found or ["OK"]:
            sys.stdout.write(f"{name}: {sentence}\n")
        broken += bool(found)
    for school in schools:
        if school.state != SchoolState.ACTIVE:
            skipped += 1
            sys.stdout.write(f"{school.schema_name}: not checked, it is {school.state}\n")
    if broken:
        sys.stderr.write(f"afterbell: a promise is broken in {broken} place(s).\n")
    return 1 if broken or (args.school and skipped) else 0


def _schools(code: str | None) -> list[School] | None:
    with context.in_city():
        if code is None:
            return list(queries.schools())
        return list(queries.schools().filter(code=code)) or None


def _places(schools: list[School], *, with_city: bool) -> Iterator[Place]:
    if with_city:
        yield "public", context.in_city
    for school in schools:
        if school.state == SchoolState.ACTIVE:
            yield school.schema_name, lambda school=school: context.in_school(school)  # type: ignore[misc]


def _broken(
    door: Callable[[], AbstractContextManager[object]], checks: list[Check], export: Path | None
) -> list[str]:
    """One school's trouble is one school's, and one check's is one check's: it is named, the others go on."""
    found: list[str] = []
    try:
        with door():
            if export is not None:
                found += checking.finished("audit chain, its export", partial(_exported, export))
            for check in checks:
                found += checking.finished(f"check {check.__module__}", check)
    except Exception as error:  # noqa: BLE001  (there is no way in)
        found.append(f"can't be read: {checking.why(error)}")
    return found


def _exported(export: Path) -> list[str]:
    with export.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in audit.export())
    return []


def _file(folder: Path | None, name: str) -> Path | None:
    if folder is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.jsonl"
