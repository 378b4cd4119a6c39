"""What the words of a cost speak of, by the kind of thing. Pure; kinds of cost decide, words only make people look.

A topic is a kind of thing that participating families do not pay for as goods (S2, S3, S16, S26). Each has words, and
shapes for what no list can hold: a person and money in one title, a room and its use, a fee for what is no thing.
"""

import re
from dataclasses import dataclass
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from afterbell.kernel import signs


class Topic(models.TextChoices):
    """What a title speaks of."""

    PEOPLE = "people", _("付给人的报酬")
    REWARD = "reward", _("奖金、聚餐和礼品")
    PREMISES = "premises", _("场地和设备的使用、损耗、维护")
    UTILITIES = "utilities", _("水、电、气、网络和物业")
    OVERHEAD = "overhead", _("学校的办公和管理开支")
    COOPERATION = "cooperation", _("与机构的合作")
    SERVICE = "service", _("服务，不是物品")
    FEE = "fee", _("一笔费用，不是物品")


@dataclass(frozen=True)
class Vocabulary:
    """Words in the order in which they are named, then shapes; what only looks like one of them is looked over."""

    words: tuple[str, ...]
    shapes: tuple[re.Pattern[str], ...] = ()
    harmless: tuple[str, ...] = ()


_WHO = (
    "外聘|老师|教师|班主任|校长|园长|主任|教练|讲师|导师|教授|专家|助教|人员|员工|职工|教工|志愿者|义工|家长|保安|保洁|"
    "阿姨|师傅|司机|医生|校医|护士|裁判|评委|演员|会计|厨师"
)
_MONEY = "费|钱|款|酬|薪|奖|贴补|辛苦|补课|出场|开支"
_ROOM = (
    "教室|活动室|功能室|实验室|机房|琴房|舞蹈房|会议室|阅览室|图书馆|图书室|体育馆|球馆|礼堂|报告厅|操场|跑道|球场|泳池|"
    "场所|校园|食堂|宿舍|房屋|房间|楼"
)
_USE = "占用|占|使用|借用|补偿|补贴|分摊|租|借|维护|改造|布线|开放"
_THINGS = (
    "材料品具纸笔本书册球绳棋牌琴板布泥土胶剪刀线针墨水药箱盒袋瓶杯衣服装帽鞋巾帕贴画珠石木竹花种苗豆米面糖油盐蛋粉灯池膜"
    "垫毯旗架柜刷印桶盆镜尺夹钉环圈拍网鼓谱签章卡片型玩偶货件报刊物套"
)
"""What a thing's name ends with: 画纸费 is paid for paper, 搭建费 for what somebody does."""

VOCABULARY: Final[dict[Topic, Vocabulary]] = {
    Topic.PEOPLE: Vocabulary(
        (
            "课酬", "报酬", "酬劳", "酬金", "稿酬", "课时", "教练", "劳务", "人工", "工资", "薪水", "薪酬", "薪资",
            "绩效", "津贴", "补贴", "补助", "加班", "值班", "代课", "代班", "带班", "授课", "讲课", "上课", "讲座",
            "师资", "外聘", "聘请", "聘用", "兼职", "辛苦费", "人头费", "社保", "公积金", "夜班", "值周", "跑腿",
            "临时工", "清洁工", "钟点工", "小时工", "校工", "上门", "垫付", "报销", "补发",
        ),
        (
            re.compile(f"(?:{_WHO})(?=.{{0,6}}(?:{_MONEY})|$)"),
            re.compile(f"(?:付给|支付|发给|给|聘|雇|请)(?=.{{0,4}}(?:{_WHO}))"),
        ),
        ("上课用", "教师用书", "教师用尺", "课时本", "给老师发的教具"),
    ),
    Topic.REWARD: Vocabulary(
        (
            "奖金", "奖励", "年终奖", "聚餐", "会餐", "用餐", "就餐", "餐费", "餐饮", "工作餐", "早餐", "午餐",
            "晚餐", "夜宵", "盒饭", "伙食", "宴请", "宴会", "请客", "吃饭", "饭钱", "饭费", "招待", "接待", "礼品",
            "礼物", "礼金", "礼盒", "礼包", "伴手礼", "红包", "慰问", "福利", "过节", "节礼", "节费", "购物卡",
            "加油卡", "代金券", "提货券", "购物券", "烟酒", "香烟", "白酒", "红酒", "啤酒", "酒水", "茶叶", "月饼",
            "旅游", "团建", "疗养", "体检", "犒劳", "答谢", "感谢费", "好处费", "分红", "聚会", "年会", "点心",
            "零食",
        ),
        (
            re.compile(r"(?:春节|元旦|端午|中秋|国庆|年底|年终)(?=.{0,2}(?:费|钱|奖|补))"),
            re.compile(r"(?:教师节|妇女节|三八)(?!.{0,3}(?:卡|手工|手抄|画|海报|纸))"),
            re.compile(r"[餐饭](?!巾|具|盘|桌|垫|盒|勺|粒)"),
        ),
        ("奖励贴", "奖励卡", "礼物包装", "礼品纸", "礼品袋", "礼盒纸", "用餐巾"),
    ),
    Topic.PREMISES: Vocabulary(
        (
            "场地", "场租", "场馆", "租金", "房租", "租赁", "租用", "校舍", "教室使用", "教室费", "活动室使用",
            "活动室费", "功能室使用", "操场使用", "体育馆使用", "礼堂使用", "设备使用", "器材使用", "折旧", "损耗",
            "磨损", "损坏", "老化", "摊销", "占用", "补偿", "赔偿", "维护", "维修", "修理", "修缮", "检修", "保养",
            "翻新", "改造", "装修", "更换", "粉刷", "安装", "维保", "桌椅", "课桌", "沙发", "水龙头", "门锁", "地板",
            "吊顶", "窗帘", "监控", "投影", "一体机", "电视机", "音响", "音箱", "饮水机", "净水器", "路由器",
            "服务器",
        ),
        (
            re.compile(f"(?:{_ROOM})(?=.{{0,4}}(?:{_USE})|.{{0,1}}(?:费|钱|款))"),
            re.compile(r"(?:设备|设施|器材|仪器)(?=.{0,2}(?:租|借|修|磨|补|分摊|费|钱))"),
            re.compile(r"租(?!车)"),
            re.compile(r"(?:电脑|计算机|打印机|复印机|平板)(?!.{0,2}(?:墨|硒|纸|色带|绘画|课))"),
        ),
    ),
    Topic.UTILITIES: Vocabulary(
        (
            "水费", "电费", "水电", "用水", "用电", "能耗", "能源", "空调", "取暖", "暖气", "供暖", "燃气", "天然气",
            "煤气", "网费", "网络费", "宽带", "上网", "流量", "话费", "电话费", "通讯", "通信", "物业", "保洁",
            "清洁费", "卫生费", "垃圾", "排污", "安保", "保安", "wifi",
        ),
        (re.compile(r"(?:网络|网|电话|手机|短信|暖|煤|水|电|电力|气)(?=使用|维护|(?:服务)?(?:费|钱|款)|套餐)"),),
        (
            "饮用水", "饮水杯", "矿泉水", "纯净水", "桶装水", "瓶装水", "开水", "墨水", "胶水", "药水", "肥皂水",
            "泡泡水", "消毒水", "用水彩", "用水粉", "用水杯", "用水桶", "用电子", "用电池", "用电脑", "用电路",
            "球网", "渔网", "充气", "垃圾分类", "垃圾袋", "垃圾桶",
        ),
    ),
    Topic.OVERHEAD: Vocabulary(
        (
            "办公", "行政", "差旅", "出差", "住宿", "交通费", "车费", "车票", "油费", "停车", "打车", "过路费",
            "会务", "会议费", "广告", "手续费", "税", "利息", "罚款", "滞纳金", "保证金", "押金", "借款", "还款",
            "还债", "备用金", "周转", "杂费", "杂项", "不可预见", "统筹", "提留", "上缴", "上交", "公用经费", "工会",
            "党建", "迎检", "审计", "软件", "会员", "年费", "平台", "订阅", "公众号", "经费", "考察", "赞助", "校车",
            "包车", "车辆",
        ),
        (re.compile(r"[^五合黄白镀烫冶](?=金$)"), re.compile("租车(?!模)")),
        ("含税",),
    ),
    Topic.COOPERATION: Vocabulary(
        (
            "合作费", "合作款", "机构", "加盟", "分成", "提成", "返点", "返利", "回扣", "管理费", "外包", "授权费",
            "课程费", "培训费", "平台费", "中介", "代理费", "承办", "挂靠", "介绍费", "信息费", "冠名", "佣金",
        ),
    ),
    Topic.SERVICE: Vocabulary(
        (
            "服务费", "咨询", "辅导", "培训", "训练营", "研学", "策划", "设计费", "保险", "演出", "表演费", "门票",
            "参观", "报名费", "参赛", "考级", "考试费", "快递", "运费", "搭建", "摄影", "摄像", "拍摄", "直播",
            "清洗", "托管", "课程", "网课", "调音", "意外险",
        ),
        (re.compile(r"[^邮投选发](?=票(?:$|款|费|钱))"), re.compile(r"[^危冒](?=险(?:$|费|金))")),
        ("课程用", "课程材料", "课程教具", "演出服", "演出道具"),
    ),
    Topic.FEE: Vocabulary(
        (),
        (re.compile(f"[^{_THINGS}的 ](?=的?(?:费用?|钱(?!包|币)|款$))"),
         re.compile(r"^(?:费用|其他|其它|杂物|物品|若干|水|电|网|款|钱)$")),
        (
            "免费", "消费", "经费", "费力", "付款", "货款", "汇款", "收款", "打款", "尾款", "余款", "首付款", "零钱",
            "压岁钱",
        ),
    ),
}  # fmt: skip
"""Data, tried against what clerks wrote: tests/schools/planning/test_cost_words.py has the examples of both sides."""

FREE_OF_CHARGE: Final = (Topic.PREMISES, Topic.UTILITIES)
"""S2: rooms, grounds, equipment, water and power are the school's, free of charge."""
OF_GOODS: Final = tuple(Topic)
"""What is bought in a shop is goods and nothing else."""
OF_WORK: Final = (Topic.REWARD, Topic.PREMISES, Topic.UTILITIES, Topic.OVERHEAD, Topic.COOPERATION)
"""Work is paid to people: their pay is what it is for."""
OF_SERVICES: Final = (Topic.REWARD, Topic.PREMISES, Topic.UTILITIES, Topic.OVERHEAD)
"""A service is an organisation's of the register: cooperation is what it is for."""

PLANNED: Final = {"staff": OF_WORK, "materials": OF_GOODS, "other": (*OF_SERVICES, Topic.COOPERATION)}
"""By the kind of a planned cost (CostKind); a plan names no organisation, so cooperation is asked about there."""


def topics_in(title: str, topics: tuple[Topic, ...] = OF_GOODS) -> dict[Topic, str]:
    """The first word of each topic in a title; a fee for what is no thing, where no other topic says more."""
    found: dict[Topic, str] = {}
    for topic in topics:
        if topic != Topic.FEE and (word := _first(title, topic)):
            found[topic] = word
    if not found and Topic.FEE in topics and (word := _first(title, Topic.FEE)):
        found[Topic.FEE] = word
    return found


def planned(title: str, kind: str) -> str:
    """What a planned cost of a kind speaks of and should not: the first word, or nothing."""
    return next(iter(topics_in(title, PLANNED.get(kind, OF_GOODS)).values()), "")


def _first(title: str, topic: Topic) -> str:
    vocabulary = VOCABULARY[topic]
    written = signs.plain(title)
    for known in vocabulary.harmless:
        written = written.replace(known, " ")
    word = next((word for word in vocabulary.words if word in written), "")
    if word:
        return word
    for shape in vocabulary.shapes:
        if (hit := shape.search(written)) is not None:
            return _with_its_end(written, hit)
    return ""


def _with_its_end(written: str, hit: re.Match[str]) -> str:
    """What was found with the few signs after it, so that people see what is meant: 搭建费, not 建."""
    start = max(0, hit.start() - 1) if len(hit[0]) == 1 else hit.start()
    return written[start : hit.end() + 4].strip()
