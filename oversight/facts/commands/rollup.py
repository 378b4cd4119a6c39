"""`afterbell rollup`: brings the facts up to date now; prints rows, seconds and drift."""

import argparse
import sys
import time

from django.utils import timezone

from oversight.facts import actions, full, rollups
from tenants import queries
from tenants.commands.progress import progress
from tenants.states import SchoolState


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--school", metavar="CODE", help="this school only")
    parser.add_argument(
        "--full", action="store_true", help="recompute everything, and count what had drifted"
    )


def run(args: argparse.Namespace) -> int:
    """0 done, 1 when facts had drifted (--full), 2 for an unknown school."""
    schools = queries.schools().filter(state=SchoolState.ACTIVE)
    chosen = list(schools.filter(code=args.school) if args.school else schools)
    if args.school and not chosen:
        sys.stderr.write(
            f"afterbell: there is no active school {args.school!r}; see `afterbell school list`.\n"
        )
        return 2
    started, rows, drift = time.perf_counter(), 0, 0
    with progress("rolling up") as tick:
        for number, school in enumerate(chosen, start=1):
            if args.full:
                found = actions.take_stock(school=school, now=timezone.now())
                rows, drift = rows + found.rows, drift + found.changed
            else:
                rows += actions.drain(school=school, now=timezone.now()).rows
            tick(number, len(chosen))
    if args.full:
        days = full.all_days(schools=chosen, now=timezone.now())
        rows, drift = rows + days.rows, drift + days.changed
        rollups.roll_all_areas(now=timezone.now())
        actions.after_full_pass(now=timezone.now())
    else:
        rollups.roll_areas(now=timezone.now())
    print(f"{rows} rows of {len(chosen)} schools in {time.perf_counter() - started:.2f} s, drift {drift}")
    return 1 if drift else 0
