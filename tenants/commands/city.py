"""`afterbell city init`: name, districts, calendar, first term and rules of a new city; asks for what is missing."""

import argparse
import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.utils import timezone

from afterbell.services import addresses
from tenants import context, district_actions, founding, hosts, term_actions
from tenants.commands import district_list
from tenants.commands.lists import BadFile
from tenants.founding import CannotFound, Part, Wanted
from tenants.models import Term
from tenants.policies import ready

Read = TypeVar("Read")
TERM = ("term", "first", "last")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    todo = parser.add_subparsers(dest="todo", metavar="init", required=True)
    init = todo.add_parser(
        "init",
        help="a city from nothing; asks on a terminal for what is missing. A second run says what is there and changes "
        "nothing. All is written or nothing.",
    )
    init.add_argument("--name", default="", help="the city's name on every page (CITY_NAME goes before it)")
    init.add_argument(
        "--districts",
        type=Path,
        metavar="CSV",
        help=f"columns {', '.join(district_list.COLUMNS)}, in English or Chinese",
    )
    init.add_argument("--term", metavar="CODE", help="the first term, such as 2026-2027-1")
    init.add_argument("--term-name", default="", help="its name; made of the code when not given")
    init.add_argument("--first", type=_day, metavar="DATE", help="the term's first day, such as 2026-09-01")
    init.add_argument("--last", type=_day, metavar="DATE", help="its last day")
    init.add_argument(
        "--day-off",
        type=_day,
        action="append",
        default=[],
        metavar="DATE",
        help="a holiday in a year that the national calendar here does not know; repeat it",
    )
    init.add_argument(
        "--make-up-day",
        type=_make_up_day,
        action="append",
        default=[],
        metavar="DATE=WEEKDAY",
        help="whose timetable a make-up day runs, 1 Monday to 7 Sunday; repeat it",
    )
    init.add_argument("--profile", choices=ready.codes(), help="the ready rules to put in force")
    init.add_argument(
        "--profile-from", type=_day, metavar="DATE", help="from when; else from the term's first day"
    )


def run(args: argparse.Namespace) -> int:
    """0 done or all there; 1 refused; 2 something was not given."""
    with context.in_city():
        asked_for = founding.missing()
        is_named = bool(addresses.city_name(settings.HOME_FOLDER)) or "CITY_NAME" in os.environ
        gaps = _gaps(args, asked_for, is_named=is_named)
        if gaps and not sys.stdin.isatty():
            print(f"afterbell: still missing: {', '.join(gaps)}. Nothing was written.", file=sys.stderr)
            return 2
        try:
            _ask(args, gaps)
        except EOFError:  # Ctrl-D
            print(f"\nafterbell: still missing: {', '.join(gaps)}. Nothing was written.", file=sys.stderr)
            return 2
        name = _name(args.name.strip())
        try:
            wanted = _wanted(args)
            parts = founding.found(wanted, city=name, now=timezone.now())
        except (BadFile, CannotFound) as error:
            print(f"afterbell: {error} Nothing was written.", file=sys.stderr)
            return 1
    if name != settings.CITY_NAME:
        addresses.note_city(settings.HOME_FOLDER, name=name)
        print("The name shows from the server's next start on.")
    _say(name, parts)
    return 0


def _gaps(args: argparse.Namespace, asked_for: list[str], *, is_named: bool) -> list[str]:
    """The options without which the city would lack something."""
    gaps = [] if is_named or args.name else ["--name"]
    if "districts" in asked_for and args.districts is None:
        gaps.append("--districts")
    if "term" in asked_for or any(getattr(args, name) for name in TERM):
        gaps += [f"--{name}" for name in TERM if not getattr(args, name)]
    if "profile" in asked_for and not args.profile:
        gaps.append("--profile")
    return gaps


def _ask(args: argparse.Namespace, gaps: list[str]) -> None:
    """Only on a terminal; asks again until the answer can be read."""
    questions: dict[str, tuple[str, Callable[[str], object]]] = {
        "--name": ("City's name", _text),
        "--districts": (f"Districts, a CSV file ({', '.join(district_list.COLUMNS)})", Path),
        "--term": ("First term's code, such as 2026-2027-1", _text),
        "--first": ("Its first day, YYYY-MM-DD", _day),
        "--last": ("Its last day, YYYY-MM-DD", _day),
        "--profile": (f"Rules: {', '.join(ready.codes())}", _profile),
    }
    for gap in gaps:
        words, read = questions[gap]
        setattr(args, gap.removeprefix("--"), _answer(words, read))


def _answer(words: str, read: Callable[[str], Read]) -> Read:
    while True:
        try:
            return read(input(f"{words}: ").strip())
        except (argparse.ArgumentTypeError, ValueError) as error:
            print(f"  {error}")


def _wanted(args: argparse.Namespace) -> Wanted:
    districts = district_list.read(args.districts) if args.districts is not None else []
    term = None
    if args.term:
        term = Term(
            code=args.term,
            name=args.term_name or _term_name(args.term),
            first_date=args.first,
            last_date=args.last,
        )
    return Wanted(
        districts=districts,
        term=term,
        days_off=frozenset(args.day_off),
        make_up_days=dict(args.make_up_day),
        profile=args.profile or "",
        profile_from=args.profile_from,
    )


def _name(given: str) -> str:
    """Raises ValueError with what to do."""
    if not given:
        return str(settings.CITY_NAME)
    if len(given) > district_actions.NAME_MOST or not given.isprintable():
        raise ValueError("the city's name is one line of at most 40 characters.")
    if os.environ.get("CITY_NAME", given) != given:
        raise ValueError(
            f"CITY_NAME in the environment is {settings.CITY_NAME!r}: change it there, or leave --name out."
        )
    known = addresses.city_name(settings.HOME_FOLDER)
    if known not in ("", given):
        raise ValueError(
            f"the city is called {known!r} already: to rename it, set CITY_NAME where the server is started."
        )
    return given


def _term_name(code: str) -> str:
    found = term_actions.FORM.fullmatch(code)
    if found is None:
        return code[: term_actions.NAME_MOST]  # add_term says what is wrong with the code
    return f"{found[1]}—{found[2]}学年第{'一' if found[3] == '1' else '二'}学期"


def _say(name: str, parts: list[Part]) -> None:
    print(f"city: {name}")
    for part in parts:
        print(f"{part.name}: {part.new} new, {part.there} there before")
        if part.left:
            print(f"  {part.left}")
    print(
        "\nNext: `afterbell account add --city --role system_admin --login NAME --name PERSON`, then log in at"
    )
    print(hosts.address("/setup/"))


def _text(given: str) -> str:
    if not given:
        raise ValueError("please answer")
    return given


def _profile(given: str) -> str:
    if given not in ready.codes():
        raise ValueError(f"{given!r} is none of them")
    return given


def _day(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{given!r} is no date such as 2026-09-01") from None


def _make_up_day(given: str) -> tuple[date, int]:
    day, _equals, weekday = given.partition("=")
    if weekday not in {"1", "2", "3", "4", "5", "6", "7"}:
        raise argparse.ArgumentTypeError(f"{given!r} is not written like 2026-10-10=3 (3 is Wednesday)")
    return _day(day), int(weekday)
