"""Words that are looked for in what people write, however they write them. Pure: they ask, they decide nothing."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_NOISE: Final = re.compile(r"[\W_]+")
_INSIDE: Final = re.compile(r"[^\w，,。;；:：!！?？、\n]|_")
"""What somebody may put between the signs of one name; a comma or a full stop ends it."""
_PAIRS: Final = (
    "補补 習习 奧奥 數数 賽赛 學学 優优 實实 驗验 沖冲 衝冲 應应 試试 題题 講讲 課课 預预 擇择 "
    "銜衔 輔辅 導导 語语 訓训 劍剑 橋桥 國国 際际 標标 閱阅 讀读 寫写 維维 練练 營营 競竞 師师 "
    "場场 館馆 舘馆 賃赁 捨舍 費费 動动 體体 禮礼 電电 調调 氣气 気气 業业 設设 備备 舊旧 機机 "
    "構构 點点 權权 臺台 檯台 飲饮 腦脑 書书 樂乐 託托 讬托 兒儿 児儿 園园 團团 務务 協协 會会 "
    "門门 諮咨 谘咨 詢询 傳传 藝艺 術术 畫画 顧顾 問问 發发 圍围 編编 資资 勞劳 員员 興兴 創创 "
    "聯联 開开 關关 專专 線线 網网 紅红 藍蓝 陽阳 廣广 東东 華华 龍龙 長长 溫温 產产 單单 報报 "
    "銷销 購购 買买 賣卖 貨货 鋪铺 舖铺 贊赞 歸归 還还 計计 劃划 處处 辦办 轉转 達达 間间 樣样 "
    "價价 據据 週周 節节 軟软 裝装 範范 麗丽 億亿 獎奖 獨独 現现 環环 盃杯 宮宫 療疗 鑰钥 輸输 "
    "護护 損损 貼贴 佔占 償偿 賠赔 請请 稅税 罰罚 參参 觀观 運运 遞递 攝摄 話话 寬宽 帶带 潔洁 "
    "衛卫 檢检 壞坏 複复 視视 響响 監监 簾帘 級级 績绩 財财 靈灵 張张 劉刘 陳陈 楊杨 趙赵 吳吴 "
    "孫孙 馬马 鄭郑 謝谢 許许 韓韩 馮冯 鄧邓 蕭萧 蔣蒋 葉叶 蘇苏 呂吕 盧卢 鐘钟 鍾钟 譚谭 陸陆 "
    "賈贾 韋韦 鄒邹 龔龚 嚴严 賴赖 賀贺 龐庞 顏颜 聶聂 歐欧 齊齐 莊庄 魯鲁 畢毕 靜静 傑杰 偉伟 "
    "強强 軍军 鵬鹏 飛飞 濤涛 輝辉 瑋玮 穎颖 婭娅 曉晓 蓮莲 鳳凤 瓊琼 雲云 瑩莹 鈺钰 銘铭 澤泽 "
    "軒轩 寧宁 繳缴 納纳 匯汇 賬账 帳账 錢钱 訂订 車车 險险 眾众 掃扫 碼码 圓圆 塊块 萬万 兩两 "
    "幣币"
)
_SIMPLE: Final = str.maketrans({pair[0]: pair[1] for pair in _PAIRS.split()})
"""Traditional and variant signs of the words that are looked for, and of what companies are called: 電費 is 电费."""


def found(text: str, words: Iterable[str], *, harmless: Iterable[str] = ()) -> list[str]:
    """Which of the words stand in the text, in their order; what only looks like one of them is looked over."""
    written = plain(text)
    for known in harmless:
        written = written.replace(known, " ")
    return [word for word in words if word in written]


def together(text: str) -> str:
    """As `plain`, with dots, commas and signs of money left where they are: 三 百 元 is 三百元, ￥3.00 is ¥3.00."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold().translate(_SIMPLE)


def plain(text: str) -> str:
    """Full-width and traditional signs, blanks, dots and dashes between them hide nothing: 奥 · 数, 奧數 are 奥数."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).casefold().translate(_SIMPLE)


def run_together(text: str) -> str:
    """As `plain`, with commas and the ends of sentences and lines kept: a name is looked for inside a clause.

    郑 杰, 郑·杰, 郑-杰, 鄭杰 and 郑（杰） are 郑杰; in 大家郑重，杰出 nobody is named.
    """
    return _INSIDE.sub("", unicodedata.normalize("NFKC", text)).casefold().translate(_SIMPLE)


def names(name: str, text: str) -> bool:
    """Whether the text has the whole name in one clause, however it is written; one sign alone is no name."""
    short = plain(name)
    return len(short) > 1 and short in run_together(text)


def unfolded(text: str) -> str:
    """Full-width and capital letters as plain ones, without signs that nobody sees; everything else in its place."""
    seen = (sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    return "".join(seen).casefold()
