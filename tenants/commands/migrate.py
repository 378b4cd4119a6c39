"""`afterbell migrate`: brings the city, the template school and every school to this code's migrations."""

import argparse
import sys

from django.utils import timezone

from tenants import context, queries
from tenants.commands.progress import progress
from tenants.fleet import migrating
from tenants.fleet.migrating import Report
from tenants.fleet.plan import Key

SHOWN = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")


def run(args: argparse.Namespace) -> int:
    """0: everything is at this code's migrations. 1: the schools on stderr are not; run again after mending."""
    if args.dry_run:
        report = migrating.look()
        _say(report, "would run")
        if migrating.has_register(report):
            _say_overlaps()
        return 0
    with progress("migrating schools") as tick:
        report = migrating.migrate(now=timezone.now(), progress=tick)
    _say(report, "ran")
    _say_overlaps()
    for failure in report.failures:
        step = f" at {failure.step}" if failure.step else ""
        print(f"{failure.school.code} {failure.school.name}{step}: {failure.reason}", file=sys.stderr)
    if report.failures:
        print(
            f"afterbell: {len(report.failures)} schools could not be migrated and stay out of service (503)."
            " Mend the reason and run `afterbell migrate` again: it goes on with them.",
            file=sys.stderr,
        )
    return 1 if report.failures else 0


def _say(report: Report, did: str) -> None:
    if not (report.city or report.template or report.behind or report.rights):
        print("Nothing to do: the city, the template and all schools are up to date.")
        return
    _say_keys(f"city: {did}", report.city)
    _say_keys(f"template: {did}", report.template)
    done = f"{report.migrated} of {report.behind} migrated" if did == "ran" else f"{report.behind} behind"
    print(f"schools: {done}")
    if report.rights:
        title = "rights that were not the code's" if did == "ran" else "rights that are not the code's"
        print(f"{title}: {len(report.rights)}")
        for gap in report.rights[:SHOWN]:
            print(f"  {gap}")


def _say_overlaps() -> None:
    """Terms that an older version let overlap: nothing here moves one, so they are named until somebody does."""
    with context.as_owner():
        found = queries.overlapping_terms()
    for one, other, days in found:
        print(
            f"terms {one.code} ({one.first_date} to {one.last_date}) and {other.code} ({other.first_date} to "
            f"{other.last_date}) overlap from {days.first} to {days.last}: change the dates of one on the page /terms/."
        )


def _say_keys(title: str, keys: list[Key]) -> None:
    if keys:
        more = f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else ""
        print(f"{title} {len(keys)}: {', '.join('.'.join(key) for key in keys[:SHOWN])}{more}")
