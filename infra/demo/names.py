"""Names of the demo city: districts, schools and people, made from fixed lists and a seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tenants.models import Kind, SizeClass, Stage

SEED = 20260901
DISTRICTS = (
    ("330102", "湖滨区", Kind.URBAN),
    ("330104", "江东区", Kind.URBAN),
    ("330109", "云溪区", Kind.TOWN),
    ("330122", "山南县", Kind.RURAL),
)
PRIMARY = (
    "第一小学",
    "实验小学",
    "学院路小学",
    "文晖小学",
    "外国语小学",
    "春晖小学",
    "崇文小学",
    "星光小学",
    "育才小学",
    "中心小学",
)
SECONDARY = ("第一初级中学", "实验初级中学", "滨江中学", "启正中学", "民族中学")
TOWNS = ("青石", "白杨", "渡口", "柳溪", "梅岭", "石塘", "龙泉", "南坡", "茶亭", "竹海")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = [
    "梓涵",
    "一诺",
    "浩然",
    "子墨",
    "欣怡",
    "宇轩",
    "诗涵",
    "俊杰",
    "雨桐",
    "思远",
    "佳怡",
    "明轩",
    "若曦",
    "天佑",
    "语嫣",
    "博文",
    "静怡",
    "晨曦",
    "志强",
    "秀英",
    "建国",
    "丽华",
    "伟",
    "芳",
    "敏",
    "静",
    "磊",
    "娜",
    "洋",
    "艳",
    "勇",
    "军",
    "杰",
    "涛",
    "超",
    "平",
    "刚",
    "桂英",
    "玉兰",
    "红梅",
]


@dataclass(frozen=True)
class DemoSchool:
    """A row of the demo's register of schools."""

    code: str
    name: str
    district_code: str
    stage: Stage
    kind: Kind
    size_class: SizeClass


def schools(count: int) -> Iterator[DemoSchool]:
    """The first `count` schools: districts in turn; town and country schools carry their town's name."""
    for index in range(count):
        district_code, district_name, kind = DISTRICTS[index % len(DISTRICTS)]
        turn = index // len(DISTRICTS)
        secondary = turn % 4 == 3
        base = SECONDARY[turn % len(SECONDARY)] if secondary else PRIMARY[turn % len(PRIMARY)]
        place = district_name if kind == Kind.URBAN else TOWNS[turn % len(TOWNS)] + "镇"
        round_number = turn // 20
        suffix = f"（{round_number + 1}校区）" if round_number else ""
        yield DemoSchool(
            code=f"{district_code}{index + 1:04d}",
            name=f"{place}{base}{suffix}",
            district_code=district_code,
            stage=Stage.LOWER_SECONDARY if secondary else Stage.PRIMARY,
            kind=kind,
            size_class=(SizeClass.LARGE, SizeClass.MEDIUM, SizeClass.SMALL)[(turn + index) % 3],
        )


def people(seed: str) -> Iterator[str]:
    """Personal names without end, the same for the same seed."""
    random = Random(f"{SEED}:{seed}")
    while True:
        yield random.choice(SURNAMES) + random.choice(GIVEN)
