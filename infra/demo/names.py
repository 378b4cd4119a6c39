"""Names of the demo city: districts, schools and people, made from fixed lists and a seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tenants.models import Kind, SizeClass, Stage

SEED = 20260901
DISTRICTS = (("330102", "湖滨区"), ("330104", "江东区"), ("330109", "云溪区"), ("330122", "山南县"))
CLEAN_DISTRICT = "330109"
_P, _S = Stage.PRIMARY, Stage.LOWER_SECONDARY
_U, _T, _R = Kind.URBAN, Kind.TOWN, Kind.RURAL
FIRST: tuple[tuple[str, str, Stage, Kind, int], ...] = (
    ("330102", "湖滨区第一小学", _P, _U, 620),
    ("330104", "江东区实验小学", _P, _U, 780),
    ("330109", "云溪镇中心小学", _P, _T, 48),
    ("330122", "竹海乡希望小学", _P, _R, 48),
    ("330102", "湖滨区学院路小学", _P, _U, 540),
    ("330104", "江东区文晖小学", _P, _U, 640),
    ("330109", "柳溪镇第二小学", _P, _T, 430),
    ("330122", "山南县实验小学", _P, _U, 600),
    ("330102", "湖滨区春晖小学", _P, _U, 560),
    ("330104", "江东区崇文小学", _P, _U, 700),
    ("330109", "云溪初级中学", _S, _T, 520),
    ("330122", "石塘乡中心小学", _P, _R, 260),
    ("330102", "湖滨区外国语小学", _P, _U, 540),
    ("330104", "江东区育才小学", _P, _U, 1520),
    ("330109", "龙泉镇小学", _P, _T, 340),
    ("330122", "梅岭乡小学", _P, _R, 190),
    ("330102", "湖滨区第一初级中学", _S, _U, 590),
    ("330104", "江东区星光小学", _P, _U, 540),
    ("330109", "白杨镇初级中学", _S, _T, 410),
    ("330122", "山南县民族中学", _S, _R, 380),
    ("330102", "湖滨区滨江中学", _S, _U, 610),
    ("330104", "江东区启正中学", _S, _U, 540),
    ("330102", "湖滨区崇德小学", _P, _U, 480),
    ("330104", "江东区第二小学", _P, _U, 520),
)
"""District, name, stage, kind and pupils of the first 24 schools. Twelve are urban primary schools: peers of each other."""
THROUGH_ACTIONS = frozenset({"3301090003", "3301220004"})
"""Two small schools whose terms go through the actions, step by step (walk.py)."""
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
    pupils: int

    @property
    def grades(self) -> range:
        return range(7, 10) if self.stage == Stage.LOWER_SECONDARY else range(1, 7)


def schools(count: int) -> Iterator[DemoSchool]:
    """The first `count` schools: those with a name of their own, then as many as are wanted."""
    for index in range(count):
        yield _named(index) if index < len(FIRST) else _further(index)


def school(code: str) -> DemoSchool:
    """By its code, whose last four signs are its place in the register."""
    index = int(code[-4:]) - 1
    return _named(index) if index < len(FIRST) else _further(index)


def _named(index: int) -> DemoSchool:
    district_code, name, stage, kind, pupils = FIRST[index]
    return DemoSchool(
        f"{district_code}{index + 1:04d}", name, district_code, stage, kind, _size(pupils), pupils
    )


def _further(index: int) -> DemoSchool:
    """Districts in turn; their kinds, stages and names in turn too, a round number where a name comes again."""
    district_code, district_name = DISTRICTS[index % len(DISTRICTS)]
    turn = index // len(DISTRICTS)
    kind = (_U, _U, _T, _R)[index % len(DISTRICTS)]
    stage = _S if turn % 4 == 3 else _P
    words = SECONDARY if stage == _S else PRIMARY
    place = (
        district_name[:-1] + "新城"
        if kind == _U
        else TOWNS[turn % len(TOWNS)] + ("镇" if kind == _T else "乡")
    )
    name = f"{place}{words[turn % len(words)]}（{district_name[:2]}{turn}校区）"
    pupils = 140 + Random(f"{SEED}:size:{index}").randrange(360)
    return DemoSchool(
        f"{district_code}{index + 1:04d}", name, district_code, stage, kind, _size(pupils), pupils
    )


def _size(pupils: int) -> SizeClass:
    return SizeClass.LARGE if pupils > 1500 else SizeClass.MEDIUM if pupils >= 500 else SizeClass.SMALL


def people(seed: str) -> Iterator[str]:
    """Personal names without end, the same for the same seed."""
    random = Random(f"{SEED}:{seed}")
    while True:
        yield random.choice(SURNAMES) + random.choice(GIVEN)
