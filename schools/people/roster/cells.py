"""One cell → one clean value, or a sentence that says what is wrong with it."""

import re
import unicodedata
from datetime import date, time, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from afterbell.accounts import phones
from schools.people.roster.sheets import Cell

EXACT: Final = 10**15
"""Excel keeps fifteen digits of a number; what follows is zeros."""
SCIENTIFIC: Final = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]{1,3}")
NUMBER: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{0,29}")
NAME: Final = re.compile(r"[^\W\d_][^\W\d_·' .-]*(?:[·' .-]+[^\W\d_]+)*\.?")
NUMBER_LIKE: Final = re.compile("[0-9]{7}")
INVISIBLE: Final = re.compile("[\u200b-\u200f\u2028-\u202f\u2060\ufeff\u00ad]")
DOTS: Final = re.compile("[•・‧∙●]")
BETWEEN_HANZI: Final = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")
ERRORS: Final = ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!")
YES: Final = frozenset({"是", "有", "Y", "YES", "1", "√", "✓", "困难", "TRUE"})
NO: Final = frozenset({"", "否", "无", "N", "NO", "0", "×", "/", "-", "FALSE"})
MOBILE_DIGITS: Final = 11
LONGEST_NAME: Final = 60


class Wrong(ValueError):
    """What is wrong with a cell, as a sentence for the clerk."""


def text(cell: Cell) -> str:
    """Half-width, trimmed, single blanks, nothing invisible; a whole number without its “.0”."""
    if isinstance(cell, str) and cell.isalnum() and unicodedata.is_normalized("NFKC", cell):
        return cell  # most cells are so already
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    plain = unicodedata.normalize("NFKC", INVISIBLE.sub("", str(cell)))
    return re.sub(r"\s+", " ", plain).strip()


def number(cell: Cell, *, width: int = 0) -> str:
    """学籍号, with the leading zeros that the sheet shows."""
    if isinstance(cell, date | time | timedelta):
        raise Wrong(_("学籍号被 Excel 变成了日期。请把这一列设为“文本”再重新填写。"))
    plain = re.sub(r"[\s']", "", text(cell)).upper()
    if not plain:
        raise Wrong(_("缺学籍号。"))
    if _has_lost_digits(cell, plain):
        raise Wrong(_("学籍号被 Excel 存成了科学计数，后面几位已经丢失。请把这一列设为“文本”再重新填写。"))
    if not NUMBER.fullmatch(plain):
        raise Wrong(_("学籍号只能有字母和数字，最多 30 位。"))
    return plain.zfill(width) if width else plain


def name(cell: Cell, *, of: str) -> str:
    """A person's name; “李 明” is 李明. `of` says whose name it is, for the sentence."""
    plain = DOTS.sub("·", text(cell))
    while (closer := BETWEEN_HANZI.sub("", plain)) != plain:
        plain = closer
    if not plain:
        raise Wrong(_("缺%(of)s姓名。") % {"of": of})
    if plain in ERRORS:
        raise Wrong(_("这一格是 Excel 的错误值，请填写%(of)s姓名。") % {"of": of})
    if len(plain) > LONGEST_NAME:
        raise Wrong(_("%(of)s姓名太长，最多 %(most)s 个字。") % {"of": of, "most": LONGEST_NAME})
    if NUMBER_LIKE.search(plain):
        raise Wrong(_("这里是号码，应填%(of)s姓名。请看看是不是两列写反了。") % {"of": of})
    if not NAME.fullmatch(plain):
        raise Wrong(_("%(of)s姓名里有数字或符号，请只写姓名。") % {"of": of})
    return plain


def phone(cell: Cell) -> str:
    """E.164."""
    plain = text(cell)
    if _has_lost_digits(cell, plain) or (
        isinstance(cell, int | float) and re.fullmatch(r"1[0-9]{4}0{6}", plain)
    ):
        raise Wrong(
            _(
                "手机号被 Excel 存成了科学计数（如 1.38E+10），后面几位已经丢失。请把这一列设为“文本”再重新填写。"
            )
        )
    try:
        return phones.parse(plain)
    except ValidationError as error:
        digits = len(re.sub(r"[^0-9]", "", plain))
        if plain.startswith("1") and digits != MOBILE_DIGITS and re.fullmatch(r"[0-9 -]+", plain):
            raise Wrong(_("手机号应为 11 位，这里是 %(digits)s 位。") % {"digits": digits}) from error
        raise Wrong(" ".join(error.messages)) from error


def hardship(cell: Cell) -> bool:
    """是 or 否; empty is 否."""
    plain = text(cell).upper()
    if plain in YES or plain in NO:
        return plain in YES
    raise Wrong(_("请填“是”或“否”。"))


def _has_lost_digits(cell: Cell, plain: str) -> bool:
    return SCIENTIFIC.fullmatch(plain) is not None or (isinstance(cell, int | float) and abs(cell) >= EXACT)
