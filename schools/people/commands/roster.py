"""`afterbell school import`: a roster into one school; with --dry-run only the preview and the error workbook."""

import argparse
import sys
from pathlib import Path

from django.utils import timezone

from afterbell.kernel.dates import local_date
from afterbell.kernel.ids import uuid7
from schools.people.roster import actions, intake
from schools.people.roster.archive import MOST_BYTES, BadWorkbook, TooLarge
from schools.people.roster.plans import Plan
from tenants import queries
from tenants.commands.progress import progress
from tenants.context import in_school

SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, metavar="ROSTER.xlsx", help=".xlsx, .xls or CSV, as the school keeps it"
    )
    parser.add_argument("--school", required=True, metavar="CODE", help="its national code, ten digits")
    parser.add_argument(
        "--dry-run", action="store_true", help="only say what would change, and what is wrong"
    )
    parser.add_argument(
        "--good-rows",
        action="store_true",
        help="import the rows without a flaw; the others come back as a workbook to mend",
    )
    parser.add_argument("--verbose", action="store_true", help="also who is on the roll and not in the file")


def run(args: argparse.Namespace) -> int:
    """0 done; 1 the roster has flaws: nothing was written, or with --good-rows not all; 2 no such file or school, or no
    roster at all."""
    school = queries.schools().filter(code=args.school).first()
    if school is None:
        return _trouble(f"there is no school {args.school!r} (`afterbell school list`)")
    try:
        data = _bytes(args.file)
        with in_school(school):
            return _import(data, args)
    except OSError as error:
        return _trouble(f"{args.file}: {error.strerror or error}")
    except BadWorkbook as refusal:
        return _trouble(f"{args.file}: {refusal}")


def _import(data: bytes, args: argparse.Namespace) -> int:
    file: Path = args.file
    with progress("checking rows") as tick:
        found = intake.take(data, today=local_date(timezone.now()), tick=tick)
    plan = found.plan
    _say(plan)
    in_part = args.good_rows and plan.is_in_part
    if plan.flaws or plan.questions or plan.left_out:
        marked = file.with_name(f"{file.stem}-errors.xlsx")
        marked.write_bytes(found.rest_workbook() if in_part else found.error_workbook())
        print(
            f"Marked workbook: {marked} (mend it, answer 同一人 or 另一人 in its column 核对, and import it)"
        )
    if args.verbose:
        _say_missing(plan)
    if plan.flaws and not in_part:
        more = " (--good-rows imports the others)" if plan.is_in_part else ""
        return _flawed(f"{len(plan.flaws)} flaws; nothing was written{more}")
    if args.dry_run:
        print("Dry run: nothing was written.")
        return 1 if plan.flaws else 0
    with progress("writing rows") as tick:
        source = actions.Source(uuid7(), file.name, intake.digest(data))
        done = actions.apply(
            plan=plan, source=source, in_part=in_part, by=None, now=timezone.now(), tick=tick
        )
    print(f"Imported: {done.pk}")
    return _flawed(f"{len(plan.turned_back)} rows were not written") if plan.flaws else 0


def _say(plan: Plan) -> None:
    """What changes comes first; what is not written after it, what is wrong last: it is what is mended next."""
    roster = plan.roster
    print(
        f"{len(plan.created)} new, {len(plan.updated)} updated, {len(plan.moved)} moved, {plan.unchanged} unchanged; "
        f"{len(plan.new_guardians) - len(plan.contacts)} new adults, {len(plan.contacts)} contacts without a number, "
        f"{len(plan.renamed)} renamed. {roster.rows} rows, {len(plan.lines)} pupils, {roster.repeated} repeated rows."
    )
    _list([f"{m.pupil.number} {m.before} → {m.after}" for m in plan.moved])
    _list([f"{u.pupil.number} {'；'.join(u.what)}" for u in plan.updated])
    if plan.open_questions:
        print(
            f"{len(plan.open_questions)} numbers are known under another name; until they are answered nobody is tied or "
            "renamed by them:"
        )
        _list([f"{q.spot.sheet}!{q.spot.cell} {q.text}" for q in plan.open_questions])
    if plan.left_out:
        print(f"{len(plan.left_out)} people stand in the file and are not written as it says:")
        _list(
            [
                f"{out.spot.sheet}!{out.spot.cell} {out.pupil_number} {out.adult} {out.detail or out.why.label}"
                for out in plan.left_out
            ]
        )
    for what, names in (("Columns not used", roster.unused), ("Sheets not read", roster.unread)):
        if names:
            print(f"{what}: {'、'.join(names[:SHOWN])}{' …' if len(names) > SHOWN else ''}")
    _list([f"{flaw.spot.sheet}!{flaw.spot.cell} {flaw.reason}" for flaw in plan.flaws])


def _say_missing(plan: Plan) -> None:
    """Most of a school when one class was sent: only for whoever asks."""
    if plan.missing:
        print(
            f"{len(plan.missing)} pupils on the roll are not in the file; they stay (mark them on the page):"
        )
        _list([f"{pupil.school_class.name} {pupil.number}" for pupil in plan.missing])


def _flawed(text: str) -> int:
    print(f"afterbell: {text}", file=sys.stderr)
    return 1


def _list(lines: list[str]) -> None:
    for line in lines[:SHOWN]:
        print(f"  {line}")
    if len(lines) > SHOWN:
        print(f"  … and {len(lines) - SHOWN} more")


def _bytes(file: Path) -> bytes:
    """Looks at the size before it reads."""
    if file.stat().st_size > MOST_BYTES:
        raise TooLarge(most=MOST_BYTES // (1024 * 1024))
    return file.read_bytes()


def _trouble(text: str) -> int:
    print(f"afterbell: {text}", file=sys.stderr)
    return 2
