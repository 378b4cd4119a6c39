"""Tells a person's name from a company's: organisations are not hired (S16, S26)."""

import re
import unicodedata
from typing import Final

WORDS: Final = (
    "公司", "机构", "培训", "有限", "集团", "中心", "学校", "教育", "科技", "企业", "工作室", "俱乐部", "合作社", "事务所",
    "协会", "基金会", "商行", "门店", "学院", "幼儿园",
)  # fmt: skip
LATIN: Final = re.compile(
    r"\b(ltd|limited|inc|llc|company|corp|group|studio|school|academy|education|training)\b"
)


def looks_like_one(name: str) -> bool:
    """Full-width letters and blanks inside don't hide a company."""
    plain = unicodedata.normalize("NFKC", name)
    together = re.sub(r"\s", "", plain)
    return any(word in together for word in WORDS) or LATIN.search(plain.lower()) is not None
