"""Words that no activity may carry (subject teaching, S46), and words of a cost that make people look twice (S2, S26)."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

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

_NOISE = re.compile(r"[\W_]+")
_PAIRS: Final = (
    "補补 習习 奧奥 數数 賽赛 學学 優优 實实 驗验 沖冲 衝冲 應应 試试 題题 講讲 課课 預预 擇择 銜衔 輔辅 導导 語语 "
    "訓训 劍剑 橋桥 國国 際际 標标 閱阅 讀读 寫写 維维 練练 營营 競竞 師师 場场 館馆 舘馆 賃赁 捨舍 費费 動动 體体 "
    "禮礼 電电 調调 氣气 気气 業业 設设 備备 舊旧 機机 構构 點点 權权 臺台 檯台 飲饮 腦脑 書书 樂乐 託托 讬托 兒儿 "
    "児儿 園园 團团 務务 協协 會会 門门 諮咨 谘咨 詢询 傳传 藝艺 術术 畫画 顧顾 問问 發发 圍围 編编 資资 勞劳 員员 "
    "興兴 創创 聯联 開开 關关 專专 線线 網网 紅红 藍蓝 陽阳 廣广 東东 華华 龍龙 長长 溫温 產产 單单 報报 銷销 購购 "
    "買买 賣卖 貨货 鋪铺 舖铺 贊赞 歸归 還还 計计 劃划 處处 辦办 轉转 達达 間间 樣样 價价 據据 週周 節节 軟软 裝装 "
    "範范 麗丽 億亿 獎奖 獨独 現现 環环 盃杯 宮宫 療疗 鑰钥 輸输"
)
_SIMPLE: Final = str.maketrans({pair[0]: pair[1] for pair in _PAIRS.split()})
"""Traditional and variant signs of the words that are looked for, and of what companies are called: 電費 is 电费."""


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
    signs = plain(text)
    for known in HARMLESS:
        signs = signs.replace(known, " ")
    return next((word for word in words if word in signs), "")


def plain(text: str) -> str:
    """Full-width and traditional signs, blanks, dots and dashes between them hide nothing: 奥 · 数, 奧數 are 奥数."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).casefold().translate(_SIMPLE)
