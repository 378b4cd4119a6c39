"""Words that no activity may carry (subject teaching, S46), and words of a cost that make people look twice (S2, S26)."""

from collections.abc import Iterable
from typing import Final

from afterbell.kernel import signs
from afterbell.kernel.signs import plain

__all__ = ["cooperation_in", "first_of", "free_of_charge_in", "plain", "teaching_in"]

TEACHING: Final = (
    "补课", "补习", "补差", "奥数", "奥赛", "奥林匹克数学", "培优", "提优", "提高班", "尖子班", "实验班", "冲刺",
    "应试", "刷题", "押题", "讲新课", "授新课", "新课讲授", "新授课", "上新课", "预习新课", "小升初", "中考", "择校",
    "幼小衔接", "小初衔接", "学科培训", "学科辅导", "学科教学", "学科类", "语文课", "数学课", "英语课", "物理课",
    "化学课", "语文培训", "数学培训", "英语培训", "物理培训", "化学培训", "语文辅导", "数学辅导", "英语辅导",
    "物理辅导", "化学辅导", "语文提高", "数学提高", "英语提高", "剑桥英语", "新概念英语", "国际音标班", "作文培训",
    "作文班", "阅读写作班", "数学思维训练", "思维训练营", "竞赛班", "竞赛培训", "同步班", "名师班", "托福", "雅思",
)  # fmt: skip
"""Data: what bureaus name in their notices. Homework help, reading, a drama in English or games with numbers are none."""

FREE_OF_CHARGE: Final = (
    "场地", "场租", "场馆", "租金", "房租", "租赁", "租用", "校舍", "教室使用", "教室费", "活动室使用", "活动室费",
    "功能室使用", "操场使用", "体育馆使用", "礼堂使用", "水费", "电费", "水电", "用水", "用电", "能耗", "能源", "空调",
    "取暖", "暖气", "燃气", "物业", "设备使用", "器材使用", "折旧",
)  # fmt: skip
"""S2: rooms, grounds, equipment, water and power are the school's, free of charge. The kind of a cost decides, not these."""

COOPERATION: Final = (
    "合作费", "合作款", "机构", "加盟", "分成", "提成", "返点", "返利", "回扣", "管理费", "外包", "授权费", "课程费",
    "培训费", "平台费", "中介", "代理费",
)  # fmt: skip
"""S26: words of paid cooperation with companies, which the bureau's register alone allows."""

HARMLESS: Final = ("饮用水", "用水彩", "用水粉", "用水杯", "用水桶", "用电子", "用电池", "用电脑", "用电路")
"""What only looks like one of them is looked over."""


def teaching_in(title: str) -> str:
    """The first word of subject teaching in a title, or nothing."""
    return first_of(title, TEACHING)


def free_of_charge_in(title: str) -> str:
    """The first word of what the school gives for nothing, or nothing: a reason to look, not to refuse."""
    return first_of(title, FREE_OF_CHARGE)


def cooperation_in(title: str) -> str:
    """The first word of paid cooperation in a title, or nothing: a reason to look, not to refuse."""
    return first_of(title, COOPERATION)


def first_of(text: str, words: Iterable[str]) -> str:
    """However it is written (`plain`), what is looked for is found; what only looks like it is not."""
    return next(iter(signs.found(text, words, harmless=HARMLESS)), "")
