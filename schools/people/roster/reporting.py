"""The marked workbook: the clerk's own rows, each bad cell red with its reason, and a column that sums the row up.

Where a row asks whether somebody is the same person, it has a cell to answer in, and beside it whom the school knows.
"""

import io
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final, TypeVar

import xlsxwriter
from django.utils.translation import gettext as _

from schools.people.roster.answers import Question
from schools.people.roster.leftovers import LeftOut, Why
from schools.people.roster.lines import Flaw
from schools.people.roster.plans import Plan
from schools.people.roster.sheets import Cell, Sheet
from schools.people.roster.spellings import Field, plain

REASONS: Final = "问题（改好后可以不删这一列）"
WIDTH: Final = 16
REASONS_WIDTH: Final = 60
LONGEST: Final = 32_000
"""Excel's cells hold a little more."""
LEGAL: Final = re.compile(r"[^\[\]:*?/\\']{1,31}")
FORMATS: Final[dict[str, dict[str, object]]] = {
    "plain": {},
    "bad": {"bg_color": "#F8D7DA", "font_color": "#B3261E", "border": 1, "border_color": "#B3261E"},
    "reason": {"font_color": "#B3261E", "text_wrap": True, "valign": "top"},
    "head": {"bold": True},
}


ANSWERS: Final = ("同一人", "另一人")


def workbook(sheets: Sequence[Sheet], plan: Plan) -> bytes:
    """The same rows at the same places, so that the clerk mends this very file and sends it again."""
    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,  # nobody's text becomes a formula
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    marked = marks(plan)
    with xlsxwriter.Workbook(out, options) as book:
        formats = {name: book.add_format({"num_format": "0", **about}) for name, about in FORMATS.items()}
        for place, sheet in enumerate(sheets, start=1):
            mine = [flaw for flaw in marked if flaw.spot.sheet == sheet.name]
            asked = [question for question in plan.questions if question.spot.sheet == sheet.name]
            head = plan.roster.heads.get(sheet.name)
            page = book.add_worksheet(sheet.name if LEGAL.fullmatch(sheet.name) else f"{place}")
            _sheet(page, _with_answers(sheet, head, asked), head, mine, formats)
            _offer_answers(page, sheet, head, asked)
    return out.getvalue()


def rest(sheets: Sequence[Sheet], plan: Plan) -> bytes:
    """What did not come in, as a roster of its own to mend and send again: the headings, and the rows with flaws or open
    questions, each with its reason."""
    wanted = {row.spot.at for row in plan.turned_back} | {
        question.spot.at for question in plan.open_questions
    }
    places: dict[tuple[str, int], int] = {}
    for sheet in sheets:
        head = plan.roster.heads.get(sheet.name, -1)
        kept = [n for n in range(len(sheet.rows)) if n <= head or (sheet.name, n) in wanted]
        places |= {(sheet.name, row): place for place, row in enumerate(kept)}
    part = replace(
        plan,
        flaws=[_moved(flaw, places) for flaw in plan.flaws],
        left_out=[_moved(out, places) for out in plan.left_out if out.spot.at in places],
        questions=[_moved(asked, places) for asked in plan.questions if asked.spot.at in places],
    )
    mine = {name for name, _row in wanted}
    return workbook([_part(sheet, places) for sheet in sheets if sheet.name in mine], part)


Spotted = TypeVar("Spotted", Flaw, LeftOut, Question)


def _moved(row: Spotted, places: Mapping[tuple[str, int], int]) -> Spotted:
    return replace(row, spot=replace(row.spot, row=places[row.spot.at]))


def _part(sheet: Sheet, places: Mapping[tuple[str, int], int]) -> Sheet:
    kept = [number for number in range(len(sheet.rows)) if (sheet.name, number) in places]
    widths = {
        (places[sheet.name, row], column): width
        for (row, column), width in sheet.widths.items()
        if (sheet.name, row) in places
    }
    return Sheet(sheet.name, [sheet.rows[number] for number in kept], widths=widths)


def marks(plan: Plan) -> list[Flaw]:
    """Flaws, open questions and everybody who is left out, each at its cell."""
    asks = [Flaw(question.spot, question.text) for question in plan.open_questions]
    quiet = (Why.OPEN, Why.PUPIL_OPEN)  # their questions say it
    out = [
        Flaw(row.spot, row.detail or f"{row.adult or row.pupil_name}：{row.why.label}")
        for row in plan.left_out
        if row.why not in quiet
    ]
    return [*plan.flaws, *asks, *out]


def _with_answers(sheet: Sheet, head: int | None, asked: Sequence[Question]) -> Sheet:
    """The sheet with the two columns for answers, before that of the reasons; what was answered already stays."""
    if head is None or not asked:
        return sheet
    width = _reasons_column(sheet, head)
    places = _answer_columns(sheet, head)
    known: dict[int, list[str]] = defaultdict(list)
    for question in asked:
        known[question.spot.row].append(question.known)
    size = max(width, *(column + 1 for column in places.values()))
    rows = [[*row[:width], *([""] * size)][:size] for row in sheet.rows]
    for field, column in places.items():
        rows[head][column] = field.value
    for row, names in known.items():
        rows[row][places[Field.KNOWN]] = "、".join(dict.fromkeys(names))
    return Sheet(sheet.name, rows, sheet.formulas, sheet.widths)


def _answer_columns(sheet: Sheet, head: int) -> dict[Field, int]:
    """Where they are, or will be."""
    width = _reasons_column(sheet, head)
    heads = [plain(cell) for cell in sheet.rows[head][:width]]
    found = {field: heads.index(field.value) for field in (Field.ANSWER, Field.KNOWN) if field.value in heads}
    for field in (Field.ANSWER, Field.KNOWN):
        if field not in found:
            found[field] = width
            width += 1
    return found


def _offer_answers(page: Any, sheet: Sheet, head: int | None, asked: Sequence[Question]) -> None:
    if head is None or not asked:
        return
    column = _answer_columns(sheet, head)[Field.ANSWER]
    for row in sorted({question.spot.row for question in asked}):
        page.data_validation(row, column, row, column, {"validate": "list", "source": list(ANSWERS)})


def _sheet(page: Any, sheet: Sheet, head: int | None, flaws: Sequence[Flaw], formats: dict[str, Any]) -> None:
    by_row: dict[int, list[Flaw]] = defaultdict(list)
    for flaw in flaws:
        by_row[flaw.spot.row].append(flaw)
    width = _reasons_column(sheet, head)
    page.set_column(0, max(width - 1, 0), WIDTH)
    page.set_column(width, width, REASONS_WIDTH)
    for number, row in enumerate(sheet.rows):
        bad = {flaw.spot.column for flaw in by_row.get(number, ())}
        for column, cell in enumerate(row[:width]):
            shown = _shown(cell, sheet.widths.get((number, column), 0))
            _write(page, number, column, shown, formats["bad" if column in bad else "plain"])
        _mark(page, number, width, by_row.get(number, ()), formats)
    if head is not None:
        page.write_string(head, width, REASONS, formats["head"])


def _reasons_column(sheet: Sheet, head: int | None) -> int:
    """Behind the last column, or where an earlier error workbook had it."""
    if head is not None and REASONS in sheet.rows[head]:
        return sheet.rows[head].index(REASONS)
    return max((len(row) for row in sheet.rows), default=0)


def _mark(page: Any, number: int, width: int, flaws: Sequence[Flaw], formats: dict[str, Any]) -> None:
    if not flaws:
        return
    page.write_string(number, width, "；".join(flaw.reason for flaw in flaws)[:LONGEST], formats["reason"])
    reasons: dict[int, list[str]] = defaultdict(list)
    for flaw in flaws:
        if flaw.spot.column is not None:
            reasons[flaw.spot.column].append(flaw.reason)
    for column, said in reasons.items():
        page.write_comment(number, column, "\n".join(said)[:LONGEST], {"author": _("放学后"), "x_scale": 2})


def _write(page: Any, row: int, column: int, cell: Cell, form: Any) -> None:
    """Numbers stay numbers (shown whole), everything else is text."""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        page.write_string(row, column, str(cell)[:LONGEST], form)
    else:
        page.write_number(row, column, cell, form)


def _shown(cell: Cell, width: int) -> Cell:
    if width and isinstance(cell, int | float) and not isinstance(cell, bool):
        return f"{cell:.0f}".zfill(width)
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}" if cell.time() != time() else f"{cell:%Y-%m-%d}"
    return str(cell) if isinstance(cell, bool | date | time | timedelta) else cell
