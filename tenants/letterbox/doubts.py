"""What in the words of a passing may tell who is meant: questions to the officer, who answers them on record. Pure.

Words alone decide nothing: a question is asked once a complaint, and never blocks whoever says why it is fine.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from afterbell.kernel import signs
from tenants.letterbox import kept_out

_ORGANISED: Final = re.compile("团队|小组|机构|公司|集团|中心|工作室|培训|辅导|教育|俱乐部|协会|社区|企业")


class Asks(StrEnum):
    """What is asked about; with the words that were found."""

    ACCUSED = "accused"
    ORGANISATION = "organisation"
    READER = "reader"
    CHILD = "child"


QUESTIONS: Final[dict[str, str | Promise]] = {
    Asks.ACCUSED: _("内容里有家长用来指认被投诉人的“%(found)s”，被投诉的人会不会认出这件投诉？"),
    Asks.ORGANISATION: _(
        "家长写的“%(found)s”像是一个机构或团队，系统不知道学校里谁属于它，办理人里有没有它的人？"
    ),
    Asks.READER: _("写的可能是学校能看到这件投诉的“%(found)s”，是不是这个人？"),
    Asks.CHILD: _("内容里的“%(found)s”像是孩子的名字，学校会不会认出家长和孩子？"),
}


def line(asks: Asks, found: str) -> str:
    """As a passing keeps it, one a line."""
    return f"{asks.value}:{found}"


def in_words(kept: str) -> list[str]:
    """The questions of a passing."""
    parts = (each.partition(":") for each in kept.splitlines())
    return [str(QUESTIONS[asks]) % {"found": found} for asks, _colon, found in parts if asks in QUESTIONS]


def of_words(text: str, accused: str) -> list[str]:
    """Of what the bureau can see: whom the family accuses, in whichever words, and what the school is to read."""
    found = []
    if shared := _shared(accused, text):
        found.append(line(Asks.ACCUSED, shared))
    if _ORGANISED.search(signs.plain(accused)) and not kept_out.names_nobody(accused):
        found.append(line(Asks.ORGANISATION, _one_line(accused)))
    return found


def readers(written: Iterable[str], names: Iterable[str]) -> list[str]:
    """Of those who would read it, whom the words may mean: a surname with a title is enough to ask."""
    said = [each for each in written if not kept_out.names_nobody(each)]
    return [line(Asks.READER, name) for name in names if any(kept_out.may_mean(each, name) for each in said)]


def given_names(texts: Iterable[str], children: Iterable[str]) -> list[str]:
    """Short forms of these children's names in the texts: 小明, 明明 and 阿明 for 张小明 or 张明."""
    said = list(texts)
    found = [
        short
        for name in children
        for short in _short_forms(name)
        if any(signs.names(short, one) for one in said)
    ]
    return [line(Asks.CHILD, short) for short in dict.fromkeys(found)]


def still_asked(at_school: Iterable[str], texts: Iterable[str]) -> list[str]:
    """Of what a school asked of earlier words, what is still to be answered: a name that was taken out is not."""
    said = list(texts)
    parts = [(each, *each.partition(":")[::2]) for each in at_school]
    return [
        each
        for each, asks, found in parts
        if asks == Asks.READER or (asks == Asks.CHILD and any(signs.names(found, one) for one in said))
    ]


def _short_forms(name: str) -> list[str]:
    parts = [part for each in re.split(r"[·・•．.\s]+", name.strip()) if len(part := signs.plain(each)) > 1]
    whole = signs.plain(name)
    if not whole:
        return []
    forms = parts if len(parts) > 1 else [whole[1:], *([whole[2:]] if len(whole) > 3 else [])]
    last = whole[-1]
    forms += [f"{last}{last}", f"小{last}", f"阿{last}"]
    return [form for form in dict.fromkeys(forms) if len(form) > 1 and form != whole]


def _shared(accused: str, text: str) -> str:
    """The longest words of the accusation that the text has, too; titles and words for any organisation are nobody's."""
    said, read = signs.plain(accused), signs.run_together(text)
    general = {
        place
        for found in (*kept_out.VAGUE.finditer(said), *_ORGANISED.finditer(said))
        for place in range(*found.span())
    }
    spans = (
        (start, end)
        for length in range(len(said), 1, -1)
        for start in range(len(said) - length + 1)
        if not set(range(start, end := start + length)) <= general
    )
    return next((said[start:end] for start, end in spans if said[start:end] in read), "")


def _one_line(text: str) -> str:
    return " ".join(text.split())
