"""`afterbell school`: open many schools from a list, add one, archive, restore, list."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from django.utils import timezone

from afterbell.kernel.strings import dotted
from tenants import district_actions, provisioning, queries
from tenants.commands import school_list
from tenants.commands.lists import BadFile, Flaw
from tenants.commands.progress import progress
from tenants.commands.school_list import Row
from tenants.models import District, Kind, School, SizeClass, Stage
from tenants.stamps import code_stamp

ROSTER = "schools.people.commands.roster"  # schools stand above tenants: wired by name
FACTS = ("name", "stage", "kind", "size_class")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    todo = parser.add_subparsers(
        dest="todo", required=True, metavar="open | add | archive | restore | list | import"
    )
    many = todo.add_parser("open", help="open all schools of a list; run again to go on after a stop")
    many.add_argument(
        "--from",
        dest="file",
        type=Path,
        required=True,
        metavar="CSV",
        help=f"columns {', '.join(school_list.COLUMNS)}, in English or Chinese",
    )
    many.add_argument("--dry-run", action="store_true", help="only check the list")
    one = todo.add_parser("add", help="open one school")
    for name in ("code", "name", "district-code", "district-name"):
        one.add_argument(f"--{name}", required=name != "district-name", help=_about(name))
    one.add_argument("--stage", required=True, choices=Stage.values)
    one.add_argument("--kind", required=True, choices=Kind.values)
    one.add_argument("--size-class", required=True, choices=SizeClass.values)
    for name, about in (
        ("archive", "take a school out of service; deletes nothing"),
        ("restore", "and back"),
    ):
        todo.add_parser(name, help=about).add_argument("code", help="its national code, ten digits")
    todo.add_parser("list", help="all schools with their state")
    dotted(f"{ROSTER}.add_arguments")(
        todo.add_parser("import", help="a roster (.xlsx, .xls, CSV) into one school")
    )


def run(args: argparse.Namespace) -> int:
    """0 done; 1 refused or not whole; 2 the list can't be read."""
    match args.todo:
        case "open":
            return _open(args.file, dry_run=args.dry_run)
        case "add":
            return _add(args)
        case "list":
            return _list()
        case "import":
            done: int = dotted(f"{ROSTER}.run")(args)
            return done
        case _:
            return _move(args.todo, args.code)


def _open(file: Path, *, dry_run: bool) -> int:
    try:
        rows, flaws = school_list.read(file)
    except BadFile as error:
        print(f"afterbell: {error}", file=sys.stderr)
        return 2
    known = {school.code: school for school in queries.schools().filter(code__in=[row.code for row in rows])}
    districts = {district.code: district for district in District.objects.all()}
    flaws += _quarrels(rows, known, districts)
    if flaws:
        return _say_flaws(file, flaws)
    new = [row for row in rows if row.code not in known]
    print(f"{len(rows)} schools in the list: {len(known)} already open, {len(new)} to open.")
    if dry_run:
        return 0
    _open_all(new, districts)
    print(f"{len(new)} schools opened.")
    return 0


def _open_all(rows: Sequence[Row], districts: dict[str, District]) -> None:
    opened = 0
    try:
        with progress("opening schools") as tick:
            for row in rows:
                district = districts.get(row.district_code) or district_actions.add_district(
                    code=row.district_code, name=row.district_name, by=None, now=timezone.now()
                )
                districts[district.code] = district
                provisioning.open_school(
                    code=row.code,
                    name=row.name,
                    district=district,
                    stage=row.stage,
                    kind=row.kind,
                    size_class=row.size_class,
                    now=timezone.now(),
                )
                opened += 1
                tick(opened, len(rows))
    except BaseException:
        print(f"{opened} of {len(rows)} opened. Run the same command again: it goes on.", file=sys.stderr)
        raise


def _quarrels(rows: Sequence[Row], known: dict[str, School], districts: dict[str, District]) -> list[Flaw]:
    """Where the list says something else than the register."""
    flaws = []
    for row in rows:
        district = districts.get(row.district_code)
        if district is not None and district.name != row.district_name:
            reason = f"{row.district_code} is {district.name!r} in the register, {row.district_name!r} here"
            flaws.append(Flaw(row.line, "district_name", reason))
        school = known.get(row.code)
        if school is None:
            continue
        if school.district.code != row.district_code:
            reason = f"{row.code} is open already, in district {school.district.code}"
            flaws.append(Flaw(row.line, "district_code", reason))
        flaws += [
            Flaw(row.line, name, f"{row.code} is open already, with {getattr(school, name)!r}")
            for name in FACTS
            if getattr(school, name) != getattr(row, name)
        ]
    return flaws


def _say_flaws(file: Path, flaws: list[Flaw]) -> int:
    for flaw in sorted(flaws, key=lambda flaw: flaw.line):
        column = f", {flaw.column}" if flaw.column else ""
        print(f"line {flaw.line}{column}: {flaw.reason}", file=sys.stderr)
    lines = len({flaw.line for flaw in flaws})
    print(
        f"afterbell: {lines} bad rows in {file}; no school was opened. Mend them and run again.",
        file=sys.stderr,
    )
    return 1


def _add(args: argparse.Namespace) -> int:
    district = District.objects.filter(code=args.district_code).first()
    if district is None:
        if not args.district_name:
            print(
                f"afterbell: district {args.district_code} is new: give --district-name too.", file=sys.stderr
            )
            return 1
        district = district_actions.add_district(
            code=args.district_code, name=args.district_name, by=None, now=timezone.now()
        )
    school = provisioning.open_school(
        code=args.code,
        name=args.name,
        district=district,
        stage=args.stage,
        kind=args.kind,
        size_class=args.size_class,
        now=timezone.now(),
    )
    print(f"{school.code} {school.name} is open: {school.domains.get(is_primary=True).domain}")
    return 0


def _move(todo: str, code: str) -> int:
    school = queries.schools().filter(code=code).first()
    if school is None:
        print(f"afterbell: there is no school {code!r} (`afterbell school list`).", file=sys.stderr)
        return 1
    action = provisioning.archive_school if todo == "archive" else provisioning.restore_school
    action(school=school, now=timezone.now())
    print(f"{school.code} {school.name}: {school.get_state_display()}")
    return 0


def _list() -> int:
    stamp = code_stamp()
    for school in queries.schools():
        behind = "" if school.schema_stamp == stamp else "  behind: run `afterbell migrate`"
        print(f"{school.code}  {school.state:<9} {school.district.name}  {school.name}{behind}")
    return 0


def _about(name: str) -> str:
    return {
        "code": "national code, ten digits",
        "name": "name",
        "district-code": "six digits",
        "district-name": "needed for a district that is not there yet",
    }[name]
