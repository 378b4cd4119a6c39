"""Looks at a sheet's XML before it is loaded: how large it is, which cells are formulas, which show leading zeros."""

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext_lazy as _

from schools.people.roster import archive as archives
from schools.people.roster.archive import BadWorkbook
from schools.people.roster.sheets import Place

MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 200
ZEROS: Final = re.compile(r"0{2,30}")
REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
VALUES: Final = frozenset({"v", "t"})


class TooManyRows(BadWorkbook):
    """More than any school has, or a stray value far down the sheet."""

    code = "roster.too_many_rows"
    message = _(
        "工作表“%(sheet)s”超过 %(rows)s 行或 %(columns)s 列。请删掉名册下面和右边多余的内容后再上传。"
    )
    status = 413


@dataclass
class Scan:
    """What calamine does not tell."""

    formulas: set[Place] = field(default_factory=set)
    widths: dict[Place, int] = field(default_factory=dict)
    """Numbers that the sheet shows with leading zeros (format 00000), and how many digits it shows."""


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Each sheet's name and the part that holds it."""
    targets: dict[str, str] = {}
    found: dict[str, str] = {}

    def relation(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "Relationship":
            if attributes.get("Id", "") in targets:
                raise BadWorkbook  # two readers could understand it differently
            targets[attributes.get("Id", "")] = _part(attributes.get("Target", ""))

    def sheet(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "sheet":
            key = next(
                (
                    value
                    for name, value in attributes.items()
                    if name.rpartition(" ")[2] == "id" and " " in name
                ),
                "",
            )
            found[attributes.get("name", "")] = targets.get(key, "")

    archives.parse(archive, "xl/_rels/workbook.xml.rels", relation)
    archives.parse(archive, "xl/workbook.xml", sheet)
    return found


def zero_styles(archive: zipfile.ZipFile) -> dict[str, int]:
    """Cell styles with a number format of zeros alone: style number → digits shown."""
    if "xl/styles.xml" not in archive.namelist():
        return {}
    formats: dict[str, int] = {}
    styles: dict[str, int] = {}
    state = {"inside": False, "number": 0}

    def begin(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "numFmt" and ZEROS.fullmatch(attributes.get("formatCode", "")):
            formats[attributes.get("numFmtId", "")] = len(attributes["formatCode"])
        elif tag in ("cellStyleXfs", "cellXfs", "cellStyles", "dxfs"):
            state["inside"] = tag == "cellXfs"
        elif tag == "xf" and state["inside"]:
            if (width := formats.get(attributes.get("numFmtId", ""))) is not None:
                styles[str(state["number"])] = width
            state["number"] += 1

    archives.parse(archive, "xl/styles.xml", begin)
    return styles


def scan(archive: zipfile.ZipFile, *, name: str, part: str, styles: Mapping[str, int]) -> Scan:
    """One sheet, streamed; raises TooManyRows before anything large is in memory."""
    result = Scan()
    here = [-1, -1]
    shown_zeros: list[int] = [0]

    def begin(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "row":
            here[:] = [_whole(attributes.get("r")) or here[0] + 1, -1]
        elif tag == "c":
            place = _place(attributes.get("r", ""))
            here[:] = place or [here[0], here[1] + 1]
            is_number = attributes.get("t", "n") == "n"
            shown_zeros[0] = styles.get(attributes.get("s", ""), 0) if is_number else 0
        elif tag == "f":
            result.formulas.add((here[0], here[1]))
        elif tag in VALUES:
            if here[0] >= MOST_ROWS or here[1] >= MOST_COLUMNS:
                raise TooManyRows(sheet=name, rows=MOST_ROWS, columns=MOST_COLUMNS)
            if shown_zeros[0]:
                result.widths[here[0], here[1]] = shown_zeros[0]

    archives.parse(archive, part, begin)
    return result


def reference(place: Place) -> str:
    """(4, 2) → C5, as Excel writes it."""
    row, column = place
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def _part(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _whole(text: str | None) -> int | None:
    return int(text) - 1 if text and text.isascii() and text.isdigit() and len(text) < 8 else None


def _place(text: str) -> list[int] | None:
    found = REFERENCE.fullmatch(text)
    if found is None:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return [int(found[2]) - 1, column - 1]
