"""Names and phones of a pupil's adults, one or two to a cell: “李强13800138000、王芳 13900139000”."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _

from schools.people import naming
from schools.people.models import Relation
from schools.people.roster import cells
from schools.people.roster.answers import Said
from schools.people.roster.cells import Wrong
from schools.people.roster.sheets import EMPTY, Cell
from schools.people.roster.spots import Spot

MOBILE: Final = re.compile(r"(?<![0-9])(?:\+?86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]{4}){2}(?![0-9])")
BETWEEN: Final = re.compile(r"[、,;/|。\t]+")
EDGES: Final = " :-、,;/|。'‘’`\""
NOTHING: Final = frozenset(
    {"无", "没有", "不详", "未知", "暂无", "空", "/", "—", "——", "none", "n/a", "na", "nil", "#n/a"}
)
"""How an empty cell is filled."""
SHOWN: Final = 40
PHONE_LIKE: Final = 5
"""A piece with so many digits is meant as a phone."""
MARKED: Final = re.compile(
    r"(?:(?P<before>父亲|母亲|爸爸|妈妈|爷爷|奶奶|外公|外婆|父|母)[: ]+)?(?P<name>[^()]*)(?:\((?P<after>[^()]*)\))?"
)
RELATIONS: Final = (
    (
        Relation.NO_KIN,
        re.compile(
            "邻居|邻里|朋友|友人|同事|保姆|^(?:其他|其它|others?)$|neighbou?r|friend|colleague|nanny",
            re.IGNORECASE,
        ),
    ),
    (Relation.GRANDPARENT, re.compile("祖|爷|奶|外公|外婆|姥|grand", re.IGNORECASE)),
    (Relation.FATHER, re.compile("父|爸|father|dad", re.IGNORECASE)),
    (Relation.MOTHER, re.compile("母|妈|mother|mum|mom", re.IGNORECASE)),
)


@dataclass(frozen=True)
class Adult:
    """One adult of one row; the relation is None where the roster does not say it."""

    name: str
    phone: str
    """E.164; empty for a contact whose number the roster does not have."""
    relation: Relation | None = None
    spot: Spot | None = field(default=None, compare=False)
    said: Said | None = field(default=None, compare=False)
    """What the row answers about who this is."""

    @property
    def key(self) -> str:
        """What tells the adults of one pupil apart."""
        return self.phone or naming.folded(self.name)


@dataclass(frozen=True)
class Fault:
    """Which of the cells is wrong, and why."""

    is_phone: bool
    reason: str


def read(
    name_cell: Cell,
    phone_cells: Sequence[Cell],
    *,
    relation: Relation | None,
    relation_cell: Cell,
    unnamed: str,
) -> tuple[list[Adult], list[Fault]]:
    """The adults of these cells; `unnamed` is what an adult is called where the sheet has no column for names."""
    names, written = _apart(name_cell)
    beside: list[str] = []
    for cell in phone_cells:
        more_names, more_phones = _apart(cell)
        beside += more_names
        written += more_phones
    found, faults = _phones(written)
    if faults:
        return [], faults
    if beside and not found:
        return [], [_no_phone(beside)]
    names = _by_blanks([*names, *beside], len(written))
    if unnamed and not names:
        names = [unnamed] * len(found)
    if found and len(names) != len(found):
        return [], [_does_not_match(names, found)]
    said = _relation(cells.text(relation_cell)) or relation
    return _named(names, found or [""] * len(names), said)


def is_unnamed(name: str) -> bool:
    """Whether it is the stand-in of a sheet without names, 李小明家长: nobody is called so."""
    return name.endswith("家长")


def _named(
    names: Sequence[str], found: Sequence[str], said: Relation | None
) -> tuple[list[Adult], list[Fault]]:
    adults, faults = [], []
    for raw, phone in zip(names, found, strict=True):
        marked = MARKED.fullmatch(raw)
        own = _relation((marked["before"] or marked["after"] or "") if marked else "")
        try:
            name = cells.name(marked["name"] if marked else raw, of=_("家长"))
            adults.append(Adult(name, phone, own or (said if len(names) == 1 else None)))
        except Wrong as wrong:
            faults.append(Fault(is_phone=False, reason=str(wrong)))
    return adults, faults


def _apart(cell: Cell) -> tuple[list[str], list[Cell]]:
    """Names and phones of one cell, in their order."""
    if not isinstance(cell, str):
        return [], [cell]
    plain = unicodedata.normalize("NFKC", re.sub(r"[\r\n]+", "、", cell)).strip()
    written: list[Cell] = list(MOBILE.findall(plain))
    names = []
    for piece in (piece.strip(EDGES) for between in MOBILE.split(plain) for piece in BETWEEN.split(between)):
        if piece.casefold() in NOTHING:
            continue
        if sum(sign.isdigit() for sign in piece) >= PHONE_LIKE or cells.SCIENTIFIC.fullmatch(piece):
            written.append(piece)
        elif piece:
            names.append(piece)
    return names, written


def _by_blanks(names: list[str], phones: int) -> list[str]:
    """“李强 王芳” with two phones is two people; “李 强” with one is one."""
    if len(names) == 1 and phones > 1:
        parts = names[0].split(" ")
        if len(parts) == phones and all(len(part) > 1 for part in parts):
            return parts
    return names


def _phones(written: Sequence[Cell]) -> tuple[list[str], list[Fault]]:
    """E.164, each once: the same number in two cells is one."""
    found: dict[str, None] = {}
    faults = []
    for cell in written:
        if cell == EMPTY:
            continue
        try:
            found[cells.phone(cell)] = None
        except Wrong as wrong:
            faults.append(Fault(is_phone=True, reason=str(wrong)))
    return list(found), faults


def _does_not_match(names: Sequence[str], found: Sequence[str]) -> Fault:
    if not names:
        return Fault(is_phone=False, reason=_("有手机号，缺家长姓名。"))
    if len(names) == 1:
        which = _("家长“%(name)s”写了 %(phones)s 个手机号，哪一个是他（她）的？请只留一个。")
        return Fault(is_phone=True, reason=which % {"name": names[0][:SHOWN], "phones": len(found)})
    said = _(
        "有 %(names)s 个家长姓名、%(phones)s 个手机号，对不上。请写成“李强13800138000、王芳13900139000”。"
    )
    return Fault(is_phone=True, reason=said % {"names": len(names), "phones": len(found)})


def _no_phone(names: Sequence[str]) -> Fault:
    said = _("这里应是手机号，写的是“%(text)s”。没有手机号的请留空。")
    return Fault(is_phone=True, reason=said % {"text": "、".join(names)[:SHOWN]})


def _relation(word: str) -> Relation | None:
    if not word:
        return None
    return next((relation for relation, pattern in RELATIONS if pattern.search(word)), Relation.OTHER)
