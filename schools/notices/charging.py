"""Words of charging in what a school writes to families (S27). They ask the second person; they decide nothing. Pure.

What may be charged comes from an accepted plan, as its own notice. A letter that speaks of money is let out by
somebody else than its writer, who says why.
"""

import re
from typing import Final

from afterbell.kernel import signs

WORDS: Final = (
    "收费", "缴费", "交费", "付费", "费用", "收取", "缴纳", "交纳", "缴款", "交款", "付款", "收款", "汇款", "打款", "转账",
    "交钱", "收钱", "付钱", "扫码支付", "微信支付", "支付宝", "押金", "订金", "定金", "红包", "报名费", "服务费", "托管费",
    "管理费", "材料费", "资料费", "教材费", "课时费", "课程费", "培训费", "辅导费", "活动费", "伙食费", "餐费", "点心费",
    "车费", "保险费", "场地费", "空调费", "水电费", "会费", "班费", "赞助", "捐款", "捐助", "众筹", "团购", "代收", "代购",
)  # fmt: skip
HARMLESS: Final = ("免费", "不收费", "不收取", "退费", "免收")
"""Gives nothing to pay."""
_NUMBER: Final = "(?:[0-9][0-9,.]*|[零〇一二两三四五六七八九十百千万几]+)"
_NO_MONEY: Final = "黑板|白板|牌|展板|石|蛋糕|积木|拼图|地|场"
AMOUNT: Final = re.compile(
    f"{_NUMBER}(?:元(?!旦|宵)|块(?!{_NO_MONEY})|圆(?!形|规|珠|圈|周)|rmb|人民币)|(?:[¥$]|rmb|人民币)[0-9]"
)
FEE: Final = re.compile(
    "(?:[延补学书午晚托餐饭水电班园杂制校][时课本餐管费]?|延时|补课|书本|作业本|校服|制服)(?:费(?!用?心|力|时|解|劲)|钱)"
)
"""延时费, 补课费, 学费, 书本费, 午餐钱."""
_UNITS: Final = (
    "0-9:：时点分秒日号月年级班岁人名次个本支张套份页米只天周课节组道题克斤公升毫厘字下遍圈粒颗幅首篇样种a-z"
)
_FOR_WHOM: Final = "每[人生位户月期学年]|[一每]个月|交给|带好?|带来|转给|补交|先交|上交|人均"
OWED: Final = re.compile(f"(?:{_FOR_WHOM})[^0-9。；，\\n]{{0,6}}{_NUMBER}(?![{_UNITS}])")
"""每月200, 每期四百八十, 请带一百五: a bare number beside somebody or some time that it is for."""
MOST: Final = 5
LEAST_REASON: Final = 4
"""Signs of a reason; "同意" is none."""


def warning(title: str, body: str) -> str:
    """What speaks of money, the first few, joined for people; empty for nothing."""
    text = f"{title}\n{body}"
    found = signs.found(text, WORDS, harmless=HARMLESS)
    written = signs.together(text)
    for shape in (AMOUNT, FEE, OWED):
        found += [hit[0][:20] for hit in shape.finditer(written)]
    return "、".join(list(dict.fromkeys(found))[:MOST])
