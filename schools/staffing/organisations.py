"""Tells a person's name from a company's: organisations are not hired (S16, S26)."""

import re
import unicodedata
from typing import Final

from schools.planning import words

WORDS: Final = (
    "公司", "机构", "培训", "有限", "集团", "中心", "学校", "教育", "科技", "企业", "工作室", "俱乐部", "合作社", "事务所",
    "协会", "基金会", "商行", "门店", "学院", "幼儿园",
)  # fmt: skip
LATIN: Final = re.compile(
    r"\b(ltd|limited|inc|llc|company|corp|group|studio|school|academy|education|training)\b"
)


def looks_like_one(name: str) -> bool:
    """Full-width letters, traditional signs and blanks inside don't hide a company."""
    together, apart = words.plain(name), unicodedata.normalize("NFKC", name).lower()
    return any(word in together for word in WORDS) or LATIN.search(apart) is not None
