"""The many words that schools write above their columns, in Chinese and English, and what each of them means."""

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from schools.people.models import Relation
from schools.people.roster.sheets import Cell


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
        *("studentid", "studentnumber", "studentno", "studentidnumber", "pupilid", "pupilnumber", "pupilno"),
    ),
    Field.NAME: (
        "学生姓名",
        "姓名",
        "学生名字",
        "学生",
        "孩子姓名",
        "儿童姓名",
        "名字",
        *("studentname", "pupilname", "childname", "name", "fullname", "studentfullname", "student", "pupil"),
    ),
    Field.GRADE: ("年级", "所在年级", "就读年级", "年级名称", "年段", "grade", "gradelevel", "yeargroup"),
    Field.CLASS: (
        *("班级", "所在班级", "就读班级", "所属班级", "班级名称", "行政班", "班别", "班号", "班"),
        *("class", "classname", "classnumber", "classno", "homeroom"),
    ),
    Field.HARDSHIP: (
        "家庭经济困难",
        "是否家庭经济困难",
        "经济困难",
        "困难学生",
        "是否困难",
        "贫困生",
        "是否贫困",
        "是否贫困生",
        "hardship",
    ),
    Field.ANSWER: ("核对", "同一人或另一人", "家长核对"),
    Field.KNOWN: ("系统里的姓名",),
}
"""Where two columns could be the same thing, the earlier spelling is it: 学籍号 rather than 学号."""
FIELD_OF: Final = {
    spelling: (field, rank) for field, all_ in SPELLINGS.items() for rank, spelling in enumerate(all_)
}
NEEDED: Final = (Field.NUMBER, Field.NAME, Field.CLASS)

_ORDINAL: Final = "(?:第?[一二三四1-4](?:位|个)?)"
_WHOSE: Final = rf"(?:学生|孩子|儿童|幼儿|家庭|法定|主要|次要|其他|其它|另一位|另一|另|{_ORDINAL})"
_WHO: Final = "(?:家长|监护人|联系人|家庭成员|父亲|母亲|爸爸|妈妈|父母|爷爷|奶奶|外公|外婆|姥姥|姥爷|祖父|祖母|祖辈|父|母)"
_ENGLISH: Final = (
    "(?:parent|guardian|grandparent|grandfather|grandmother|father|mother|dad|mum|mom|contact)s?"
)
_ENGLISH_WHO: Final = rf"(?:student|primary|second|first|other|legal|1st|2nd)*{_ENGLISH}[12]?"
ADULT: Final = re.compile(rf"{_WHOSE}*{_WHO}(?:[或和及与/]?{_WHOSE}*{_WHO})*{_ORDINAL}?|{_ENGLISH_WHO}")
"""The adult of a heading, whole: 家长, 第二监护人, 父母. Nobody's own name is one: 周父, 小明妈妈."""
ADULT_NAME: Final = re.compile(
    rf"(?:{ADULT.pattern})(?:的?(?:姓名|名字|名称|称呼|名)|(?:full)?name)?(?:{_ORDINAL})?"
)
SPEAKS_OF_ADULT: Final = re.compile(f"{_WHO}|爸|妈|姥|{_ENGLISH}")
PHONE: Final = re.compile("电话|手机|联系方式|联系号码|phone|mobile|^tel|telno|cell|contactn(?:o|um)")
RELATION: Final = re.compile(
    rf"(?:{ADULT.pattern})?(?:[与和同]?(?:学生|孩子|儿童|幼儿|本人))?的?(?:(?:家庭|亲属)?关系|称谓){_ORDINAL}?"
    rf"|(?:{_ENGLISH_WHO})?relation(?:ship)?(?:to(?:the)?(?:student|pupil|child))?[12]?"
)
NOT_OURS: Final = re.compile(
    "紧急|证|单位|职业|职务|学历|住址|地址|老师|教师|班主任|座机|固定|宅|备用|微信|邮箱"
    "|emergency|email|address|occupation|employer|idcard|wechat|teacher|home|work|passport"
)
WHO: Final = (
    ("grandparent", re.compile("祖|爷爷|奶奶|外公|外婆|姥|grand")),
    ("father", re.compile("^(?!.*母).*(?:[父爸]|father|dad)")),
    ("mother", re.compile("^(?!.*父).*(?:[母妈]|mother|mum|mom)")),
    ("2", re.compile("第?[2二]|另一|其他|次要|second|other")),
    ("1", re.compile("第?[1一]|主要|first|primary")),
)
RELATION_OF: Final = {
    "father": Relation.FATHER,
    "mother": Relation.MOTHER,
    "grandparent": Relation.GRANDPARENT,
}
ANYBODY: Final = "1"
ABOUT: Final = "(?:基本)?(?:信息|情况|资料|information|info|details)?"
PUPIL_GROUP: Final = re.compile(rf"(学生|孩子|儿童|幼儿|个人|基本|student|pupil|child)s?{ABOUT}")
ADULT_GROUP: Final = re.compile(rf"({ADULT.pattern}){ABOUT}")
BARE_NAME: Final = ("姓名", "名字", "称呼", "name", "fullname")
LONGEST: Final = 40
"""Of a heading, as it is shown again."""


def plain(text: Cell) -> str:
    """A heading without brackets, stars, blanks, capitals and full-width forms: “家长 姓名（必填）*” → 家长姓名."""
    together = re.sub(r"\s", "", unicodedata.normalize("NFKC", str(text)[:1000])).casefold()
    return re.sub(r"\(.*?\)|\[.*?\]|【.*?】|[*#:;,.、。'’_-]", "", together)[:LONGEST]


def adult_kind(text: str) -> str:
    """'name', 'phone' or 'relation' of an adult; '' for a column that is not ours."""
    if NOT_OURS.search(text):
        return ""
    if RELATION.fullmatch(text):
        return "relation"
    if re.search("学生|student|pupil", text) and not SPEAKS_OF_ADULT.search(text):
        return ""
    if PHONE.search(text) and not re.search("姓名|name", text):
        return "phone"
    return "name" if ADULT_NAME.fullmatch(text) else ""


def who(text: str) -> str:
    """Which adult a heading means; '' where it does not say."""
    return next((who for who, pattern in WHO if pattern.search(text)), "")


def group(text: str) -> str | None:
    """Whom a heading over several columns is about, as it is written before them: 家长信息 → 家长. None: it is no group."""
    found = PUPIL_GROUP.fullmatch(text) or ADULT_GROUP.fullmatch(text)
    return found[1] if found else None


def below(group: str, text: str) -> str:
    """What a column is under its group: 姓名 under 家长信息 is 家长姓名; what says by itself whose it is stays."""
    is_phone = PHONE.search(text) is not None and not SPEAKS_OF_ADULT.search(text)
    if ADULT.fullmatch(group):
        return f"{group}{text}" if text in BARE_NAME or is_phone or RELATION.fullmatch(text) else text
    return f"{group}{text}" if is_phone and group in ("学生", "student", "pupil") else text
