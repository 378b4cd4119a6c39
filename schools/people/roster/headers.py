"""Finds the row of headings below titles, and says which column is what, in the many words that schools use."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext_lazy as _

from schools.people.models import Relation
from schools.people.roster.archive import BadWorkbook
from schools.people.roster.reading import Cell, Sheet
from schools.people.roster.scanning import reference

LOOK_DOWN: Final = 20
"""Headings stand below at most a few title rows."""


class Field(StrEnum):
    """What a column may say about a pupil."""

    NUMBER = "学籍号"
    NAME = "姓名"
    GRADE = "年级"
    CLASS = "班级"
    HARDSHIP = "家庭经济困难"
    ANSWER = "核对"
    KNOWN = "系统里的姓名"


SPELLINGS: Final[Mapping[Field, tuple[str, ...]]] = {
    Field.NUMBER: (
        "学籍号",
        "全国学籍号",
        "国网学籍号",
        "学籍号码",
        "学籍编号",
        "学生学籍号",
        "个人学籍号",
        "学生编号",
        "学号",
    ),
    Field.NAME: ("学生姓名", "姓名", "学生名字", "学生", "孩子姓名", "儿童姓名", "名字"),
    Field.GRADE: ("年级", "所在年级", "就读年级", "年级名称", "年段"),
    Field.CLASS: ("班级", "所在班级", "就读班级", "所属班级", "班级名称", "行政班", "班别", "班号", "班"),
    Field.HARDSHIP: (
        "家庭经济困难",
        "是否家庭经济困难",
        "经济困难",
        "困难学生",
        "是否困难",
        "贫困生",
        "是否贫困",
        "是否贫困生",
    ),
    Field.ANSWER: ("核对", "同一人或另一人", "家长核对"),
    Field.KNOWN: ("系统里的姓名",),
}
"""Where two columns could be the same thing, the earlier spelling is it: 学籍号 rather than 学号."""
_FIELD_OF: Final = {
    spelling: (field, rank) for field, all_ in SPELLINGS.items() for rank, spelling in enumerate(all_)
}
NEEDED: Final = (Field.NUMBER, Field.NAME, Field.CLASS)
PHONE: Final = re.compile("电话|手机|联系方式|联系号码")
ADULT: Final = re.compile("家长|监护人|联系人|父|母|爸|妈|爷爷|奶奶|外公|外婆|姥")
NOT_OURS: Final = re.compile(
    "紧急|证|单位|职业|职务|学历|住址|地址|老师|教师|班主任|座机|固定|宅|备用|微信|邮箱"
)
WHO: Final = (
    ("grandparent", re.compile("祖|爷爷|奶奶|外公|外婆|姥")),
    ("father", re.compile("^(?!.*母).*[父爸]")),
    ("mother", re.compile("^(?!.*父).*[母妈]")),
    ("2", re.compile("第?[2二]|另一|其他|次要")),
    ("1", re.compile("第?[1一]|主要")),
)
RELATION_OF: Final = {
    "father": Relation.FATHER,
    "mother": Relation.MOTHER,
    "grandparent": Relation.GRANDPARENT,
}
ANYBODY: Final = "1"


class NoHeadings(BadWorkbook):
    """No row holds the headings that are needed."""

    code = "roster.no_headings"
    message = _(
        "没有找到名册的表头，缺少这些列：%(missing)s。表头可以写“学籍号、姓名、班级、家长姓名、家长电话”，上面可以有标题行。"
    )


class SameColumnTwice(BadWorkbook):
    """Two columns claim to be the same thing."""

    code = "roster.same_column_twice"
    message = _(
        "工作表“%(sheet)s”里有两列都是“%(what)s”（%(first)s 和 %(second)s）。请留下一列，改掉另一列的表头。"
    )


class NoPupils(BadWorkbook):
    """Headings alone: all of the school would be missing from it."""

    code = "roster.no_pupils"
    message = _("名册里只有表头，没有一行学生。请填好学生后再上传。")


@dataclass(frozen=True)
class AdultColumns:
    """Where one adult of each pupil stands; a cell may still hold two of them."""

    name: int | None
    phones: tuple[int, ...]
    relation_column: int | None
    relation: Relation | None


@dataclass(frozen=True)
class Headings:
    """What the columns of one sheet are."""

    row: int
    fields: Mapping[Field, int]
    adults: tuple[AdultColumns, ...]
    unused: tuple[str, ...]


def plain(text: Cell) -> str:
    """A heading without brackets, stars, blanks and full-width forms: “家长 姓名（必填）*” → 家长姓名."""
    together = re.sub(r"\s", "", unicodedata.normalize("NFKC", str(text)))
    return re.sub(r"\(.*?\)|\[.*?\]|【.*?】|[*#:;,.、。]", "", together)


def find(sheets: Sequence[Sheet]) -> list[tuple[Sheet, Headings]]:
    """Every sheet that has headings; raises NoHeadings when none has all that are needed."""
    found = [(sheet, _best(sheet)) for sheet in sheets]
    whole = [
        (sheet, headings) for sheet, headings in found if headings is not None and not _missing(headings)
    ]
    if not whole:
        nearest = max(
            (h for _s, h in found if h is not None), key=lambda h: len(h.fields) + len(h.adults), default=None
        )
        raise NoHeadings(missing="、".join(_missing(nearest)))
    return whole


def _best(sheet: Sheet) -> Headings | None:
    """The row among the first that says most."""
    tried = [_columns(sheet, number) for number in range(min(LOOK_DOWN, len(sheet.rows)))]
    return max(tried, key=lambda h: (len(h.fields) + len(h.adults), -h.row), default=None)


def _missing(headings: Headings | None) -> list[str]:
    if headings is None:
        return [*NEEDED, "家长电话"]
    missing = [field.value for field in NEEDED if field not in headings.fields]
    has_contact = any(adult.phones or adult.name is not None for adult in headings.adults)
    return missing if has_contact else [*missing, "家长电话"]


def _columns(sheet: Sheet, row: int) -> Headings:
    fields: dict[Field, tuple[int, int]] = {}
    adults: dict[str, dict[str, list[int]]] = {}
    unused: list[str] = []
    last = ANYBODY
    for column, cell in enumerate(sheet.rows[row]):
        text = plain(cell)
        if known := _FIELD_OF.get(text):
            _claim(sheet, row, column, known, fields, unused)
        elif text and (kind := _adult_kind(text)):
            who = _who(text)
            key = who or (last if kind != "name" else ANYBODY)
            last = key
            adults.setdefault(key, {"name": [], "phone": [], "relation": []})[kind].append(column)
            if kind != "phone" and len(adults[key][kind]) > 1:
                first, second = adults[key][kind][:2]
                raise SameColumnTwice(
                    sheet=sheet.name,
                    what=text,
                    first=reference((row, first)),
                    second=reference((row, second)),
                )
        elif text:
            unused.append(text)
    return Headings(
        row, {field: column for field, (column, _r) in fields.items()}, _adults(adults), tuple(unused)
    )


def _claim(
    sheet: Sheet,
    row: int,
    column: int,
    known: tuple[Field, int],
    fields: dict[Field, tuple[int, int]],
    unused: list[str],
) -> None:
    field, rank = known
    if field not in fields or rank < fields[field][1]:
        if field in fields:
            unused.append(SPELLINGS[field][fields[field][1]])
        fields[field] = (column, rank)
    elif rank == fields[field][1]:
        first = fields[field][0]
        raise SameColumnTwice(
            sheet=sheet.name, what=field.value, first=reference((row, first)), second=reference((row, column))
        )
    else:
        unused.append(SPELLINGS[field][rank])


def _adult_kind(text: str) -> str:
    """'name', 'phone' or 'relation' of an adult; '' for a column that is not ours."""
    is_adult = ADULT.search(text) is not None
    if NOT_OURS.search(text) or ("学生" in text and not is_adult):
        return ""
    if "关系" in text:
        return "relation"
    if PHONE.search(text) and "姓名" not in text:
        return "phone"
    return "name" if is_adult else ""


def _who(text: str) -> str:
    return next((who for who, pattern in WHO if pattern.search(text)), "")


def _adults(found: Mapping[str, Mapping[str, list[int]]]) -> tuple[AdultColumns, ...]:
    """Phones without names of their own belong to the first adult: 家长姓名, 电话1, 电话2."""
    named = [who for who, columns in found.items() if columns["name"]]
    orphans = [column for who, columns in found.items() if who not in named for column in columns["phone"]]
    if not named:
        return (AdultColumns(None, tuple(orphans), None, None),) if orphans else ()
    return tuple(
        AdultColumns(
            name=found[who]["name"][0],
            phones=(*found[who]["phone"], *(orphans if place == 0 else [])),
            relation_column=next(iter(found[who]["relation"]), None),
            relation=RELATION_OF.get(who),
        )
        for place, who in enumerate(named)
    )
