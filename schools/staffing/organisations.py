"""Tells a person's name from a company's: organisations are not hired (S16, S26)."""

import re
import unicodedata
from typing import Final

from schools.planning import words

WORDS: Final = (
    "公司", "机构", "培训", "有限", "集团", "中心", "学校", "教育", "科技", "企业", "工作室", "俱乐部", "合作社",
    "事务所", "协会", "基金会", "商行", "门店", "学院", "幼儿园",
)  # fmt: skip
LATIN: Final = re.compile(
    r"\b(ltd|limited|inc|llc|company|corp|group|studio|school|academy|education|training)\b"
)

MARKS: Final = (
    "新东方", "学而思", "猿辅导", "作业帮", "有道", "好未来", "高途", "火花思维", "编程猫", "童程童美",
)  # fmt: skip
"""What companies that teach are called for short; none of the words above is in it."""

COLLECTIVE: Final = (
    "团队", "团", "小组", "教研组", "工作组", "战队", "服务队", "部", "社", "店", "院", "所", "联盟", "品牌",
    "老师们", "家长们", "志愿者", "等人", "全体", *MARKS,
)  # fmt: skip
"""In a name: it may be several people, or a company's mark; a rule can't tell, a person can."""
LONGEST_HAN: Final = 4


def may_be_one(name: str) -> str:
    """What makes one ask whether a name is one person's: a word, or the whole of a long name without a dot; else nothing."""
    together = words.plain(name)
    if found := words.first_of(name, COLLECTIVE):
        return found
    is_han = re.fullmatch("[\u3400-\u9fff]+", together) is not None
    has_dot = any(sign in name for sign in "·•・‧∙●.")
    return together if is_han and len(together) > LONGEST_HAN and not has_dot else ""


def looks_like_one(name: str) -> bool:
    """Full-width letters, traditional signs and blanks inside don't hide a company."""
    together, apart = words.plain(name), unicodedata.normalize("NFKC", name).lower()
    return any(word in together for word in WORDS) or LATIN.search(apart) is not None
