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
AMOUNT: Final = re.compile(
    r"(?:[0-9][0-9,.]*|[零〇一二两三四五六七八九十百千万几]+)(?:元(?!旦|宵)|块钱|圆|rmb|人民币)|(?:[¥$]|rmb|人民币)[0-9]"
)
MOST: Final = 5
LEAST_REASON: Final = 4
"""Signs of a reason; "同意" is none."""


def warning(title: str, body: str) -> str:
    """What speaks of money, the first few, joined for people; empty for nothing."""
    text = f"{title}\n{body}"
    found = signs.found(text, WORDS, harmless=HARMLESS)
    found += [amount[:20] for amount in AMOUNT.findall(signs.together(text))]
    return "、".join(list(dict.fromkeys(found))[:MOST])
