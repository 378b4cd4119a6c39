"""What is told by the name of a trader: its core, its short name, whether it is a person's name. Pure (S26)."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from afterbell.kernel.signs import plain

LEGAL_FORMS: Final = re.compile(
    r"(?:股份|有限|责任|合伙|普通|特殊)*(?:公司|集团|企业|事务所)(?:[^公]{0,6}分公司)?$|(?:个体工商户|分店|总店|门市部?)$"
)
PLACE: Final = re.compile(
    r"^(?:[^省区]{2,3}(?:省|自治区))?(?:[^市]{2,4}市)?(?:[^区县市镇]{1,3}(?:区|县|镇))?"
)
BUSINESS: Final = re.compile(
    "教育|科技|文化|体育|艺术|培训|咨询|顾问|信息|网络|软件|智能|传播|传媒|财产|人寿|保险|银行|青少年|少儿|儿童|学校|学院|"
    "学堂|书院|俱乐部|工作室|中心|托管|托育|研学|家政|劳务|人力|服务|贸易|商贸|实业|发展|管理|用品|文具|书店|图书|商店|商行|"
    "商场|商城|超市|便利|百货|市场|印刷|打印|图文|广告|玩具|药店|药房|大药|医疗|食品|饮用水|桶装水|水站|五金|建材|电器|电子|"
    "服装|服饰|花店|门店|批发|零售|经营部|小卖部|经销|店|铺|厂|社|馆|团|班"
)
CREDIT_CODE: Final = re.compile(r"[0-9A-HJ-NP-RTUW-Y]{18}")
LEAST_BRAND: Final = 2

SURNAMES: Final = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪"
    "范金石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜"
    "倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷曲盛冉翁蓝路游辛靳管柴蒙鲍华喻祁蒲房滕"
    "屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣"
    "巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
"""The first sign of nearly every family name in the country."""
COMPOUND: Final = (
    "欧阳",
    "上官",
    "司马",
    "诸葛",
    "司徒",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "夏侯",
    "端木",
    "独孤",
)
TITLES: Final = ("老师", "先生", "女士", "师傅", "教练", "同学", "阿姨", "校长", "主任", "医生", "小姐")
SHORTEST_PERSON, LONGEST_PERSON = 2, 3


def core(name: str) -> str:
    """青禾教育科技 of 杭州市青禾教育科技有限公司（湖滨分公司）: without its place and its legal form."""
    kept = plain(re.sub(r"[（(][^）)]*[）)]", "", unicodedata.normalize("NFKC", name)))
    while (shorter := LEGAL_FORMS.sub("", kept)) != kept and shorter:
        kept = shorter
    without = PLACE.sub("", kept)
    return without if len(without) >= LEAST_BRAND else kept


def brand(name: str, places: Iterable[str] = ()) -> str:
    """青禾 of 青禾教育科技有限公司: what stands before the words of a business, without places; empty where nothing does."""
    found = core(name)
    for place in places:
        bare = plain(place).rstrip("市区县")
        if len(bare) >= LEAST_BRAND:
            found = found.removeprefix(bare).lstrip("市区县")
    hit = BUSINESS.search(found)
    short = found[: hit.start()] if hit else found
    return short if len(short) >= LEAST_BRAND else ""


def same_brand(one: str, other: str) -> bool:
    """青禾 and 杭州青禾: the one is the other, or its end."""
    return bool(one and other) and (one.endswith(other) or other.endswith(one))


def credit_codes(text: str) -> frozenset[str]:
    """Unified social credit codes in a text, whatever stands between their signs and in whatever width."""
    joined = re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text)).upper()
    return frozenset(
        joined[start : start + 18]
        for start in range(len(joined) - 17)
        if CREDIT_CODE.fullmatch(joined[start : start + 18])
    )


def looks_like_a_person(name: str) -> bool:
    """王芳, 欧阳小明, 王芳老师: two or three signs that begin with a family name, and nothing of a trade."""
    written = plain(name)
    if BUSINESS.search(written):
        return False
    for title in TITLES:
        if written.endswith(title):
            return len(written) <= LONGEST_PERSON + len(title)
    if written[:2] in COMPOUND and len(written) in (3, 4):
        return True
    return SHORTEST_PERSON <= len(written) <= LONGEST_PERSON and written[:1] in SURNAMES
