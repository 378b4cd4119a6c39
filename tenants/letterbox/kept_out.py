"""Which officers a family's words about a person may mean: whoever may be meant is kept out. Pure."""

import re
from typing import Final

from afterbell.kernel import signs

_TITLES: Final = (
    "科长|处长|局长|股长|组长|主任|书记|主管|科员|督导员|督导|督学|专员|调研员|干部|同志|领导|老师|校长|"
    "女士|先生|经理|总|工|哥|姐"
)
VAGUE: Final = re.compile(
    rf"{_TITLES}|教育局|工作人员|不知道|不清楚|不详|未知|匿名|没有|[某个位一那这的副市区县局科处人员无]"
)


def names_nobody(written: str) -> bool:
    """Empty, or titles and pronouns alone: 科长, 某领导, 不知道."""
    return not VAGUE.sub("", signs.plain(written))


def may_mean(written: str, name: str) -> bool:
    """Whether words about somebody of the bureau may mean this officer.

    The one in the other however it is written (周 明科长, 周), or the surname with a title after it or 老 before it.
    """
    short, said = signs.plain(name), signs.plain(written)
    if not short or not said:
        return False
    if short in said or said in short:
        return True
    return any(
        re.search(rf"{surname}副?(?:{_TITLES})|[老小]{surname}", said) is not None
        for surname in {re.escape(short[:1]), re.escape(short[:2])}
    )


def names(written: str, name: str) -> bool:
    """Whether words about somebody at a school have this officer's whole name: a namesake's surname means nothing."""
    return signs.names(name, written)
