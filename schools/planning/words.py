"""Words that no activity may carry: subject teaching (S46)."""

from collections.abc import Iterable
from typing import Final

from afterbell.kernel import signs
from afterbell.kernel.signs import plain

__all__ = ["first_of", "plain", "teaching_in"]

TEACHING: Final = (
    "补课", "补习", "补差", "奥数", "奥赛", "奥林匹克数学", "培优", "提优", "提高班", "尖子班", "实验班", "冲刺",
    "应试", "刷题", "押题", "讲新课", "授新课", "新课讲授", "新授课", "上新课", "预习新课", "小升初", "中考", "择校",
    "幼小衔接", "小初衔接", "学科培训", "学科辅导", "学科教学", "学科类", "语文课", "数学课", "英语课", "物理课",
    "化学课", "语文培训", "数学培训", "英语培训", "物理培训", "化学培训", "语文辅导", "数学辅导", "英语辅导",
    "物理辅导", "化学辅导", "语文提高", "数学提高", "英语提高", "剑桥英语", "新概念英语", "国际音标班", "作文培训",
    "作文班", "阅读写作班", "数学思维训练", "思维训练营", "竞赛班", "竞赛培训", "同步班", "名师班", "托福", "雅思",
)  # fmt: skip
"""Data: what bureaus name in their notices. Homework help, reading, a drama in English or games with numbers are none."""


def teaching_in(title: str) -> str:
    """The first word of subject teaching in a title, or nothing."""
    return first_of(title, TEACHING)


def first_of(text: str, words: Iterable[str]) -> str:
    """However it is written (`plain`), what is looked for is found."""
    return next(iter(signs.found(text, words)), "")
