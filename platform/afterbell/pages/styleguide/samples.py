"""Plausible values for the style guide: long names, missing figures, numbers with units. Nobody here is real."""

from datetime import UTC, datetime
from typing import Any, Final

import django_tables2
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afterbell.pages import cells, tables
from afterbell.pages.navigation import Entry, Group

NOON: Final = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)

NAVIGATION: Final = (
    Entry(Group.LOOK, gettext_lazy("总览"), "styleguide:overview", icon="layout-dashboard"),
    Entry(Group.LOOK, gettext_lazy("参加情况"), "styleguide:family", icon="users"),
    Entry(Group.LOOK, gettext_lazy("收费与结余"), "styleguide:gate", icon="coin-yuan"),
    Entry(Group.ACT, gettext_lazy("预警"), "styleguide:check", icon="bell-ringing"),
    Entry(Group.ACT, gettext_lazy("督办"), "styleguide:confirm", icon="gavel"),
    Entry(Group.ACT, gettext_lazy("备案"), "styleguide:done", icon="file-check"),
    Entry(Group.PRICE, gettext_lazy("成本监审"), "styleguide:document", icon="report-money"),
    Entry(Group.OPEN, gettext_lazy("晒成本"), "styleguide:gate", icon="speakerphone"),
    Entry(Group.SETTINGS, gettext_lazy("政策参数"), "styleguide:confirm", icon="settings"),
)

WRONG: Final = {
    "wrong-about": "篮球基本功、分组比赛。请穿运动鞋，自带水杯。",
    "wrong-places": "600",
    "wrong-starts": "2026-02-30",
    "wrong-grade": "4",
    "wrong-days": ["1", "9"],
}
"""What somebody typed into the form of every field: one thing missing here, one too large there."""

_SCHOOLS: Final = (
    ("湖滨区第一小学", "330102", "湖滨区", 1182, 1376, 86.0, 123450, "good", gettext_lazy("已公示")),
    ("湖滨区第二小学", "330102", "湖滨区", 904, 1120, 80.7, 118000, "now", gettext_lazy("待公示")),
    (
        "湖滨区实验外国语学校附属滨江新城第三小学（南校区）",
        "330102",
        "湖滨区",
        1533,
        1540,
        99.5,
        165000,
        "warn",
        gettext_lazy("参加率异常"),
    ),
    ("山南县海岛学校", "330106", "山南县", None, 96, None, None, "quiet", gettext_lazy("未上报")),
    ("山南县中心小学", "330106", "山南县", 412, 655, 62.9, 90000, "bad", gettext_lazy("逾期 3 天")),
)


class Schools(tables.Table):
    """The sample list of schools."""

    stacks = False
    caption = gettext_lazy("各校本月收费公示")
    empty_title = gettext_lazy("没有符合条件的学校")
    empty_text_long = gettext_lazy("请放宽筛选条件，或清除筛选查看全部学校。")

    school = django_tables2.Column(gettext_lazy("学校"))
    district = django_tables2.Column(gettext_lazy("区县"))
    participants = tables.NumberColumn(gettext_lazy("参加人数"), unit=gettext_lazy("人"))
    rate = tables.NumberColumn(gettext_lazy("参加率"), unit="%")
    fee_fen = tables.NumberColumn(gettext_lazy("每生月收费"), unit=gettext_lazy("元"))
    state = django_tables2.Column(gettext_lazy("状态"), orderable=False)

    def render_participants(self, value: int | None) -> str:
        return cells.whole(value)

    def render_rate(self, value: float | None) -> str:
        return cells.tenth(value)

    def render_fee_fen(self, value: int | None) -> str:
        return cells.yuan(value)

    def render_state(self, value: str, record: dict[str, Any]) -> str:
        return cells.badge(value, record["word"])


def schools() -> list[dict[str, Any]]:
    """Sixty rows, so that there are pages."""
    names = (
        "school",
        "district_code",
        "district",
        "participants",
        "pupils",
        "rate",
        "fee_fen",
        "state",
        "word",
    )
    rows = [dict(zip(names, school, strict=True)) for school in _SCHOOLS]
    for number in range(4, 59):
        base = rows[number % 2]
        rows.append(
            base
            | {"school": f"湖滨区第{number}小学", "participants": 300 + 17 * number, "rate": 60 + number / 2}
        )
    return rows


def tiles() -> list[dict[str, Any]]:
    """A figure in each of its states."""
    return [
        {
            "label": _("参加率"),
            "value": "86.0",
            "unit": "%",
            "change": _("比上月 +1.2 个百分点"),
            "direction": "up",
            "n": "48,210",
            "age": _("截至 11 月 20 日"),
            "trend": [81, 82.5, None, 84, 84.8, 86],
            "trendlabel": _("近六个月：81.0 到 86.0"),
            "href": "#table",
        },
        {
            "label": _("平均每生月收费"),
            "value": "1,234.50",
            "unit": _("元"),
            "change": _("比上月 +86.00 元"),
            "direction": "up",
            "good": "bad",
            "n": "1,126",
            "age": _("截至 10 月 31 日"),
        },
        {
            "label": _("满意度"),
            "value": "4.3",
            "unit": _("分"),
            "state": "estimate",
            "change": _("持平"),
            "n": "312",
            "age": _("回收率 21.4%"),
        },
        {
            "label": _("未结安全事件"),
            "value": "0",
            "unit": _("件"),
            "change": _("比上月 −2 件"),
            "direction": "down",
            "good": "good",
            "n": "24",
            "age": _("10 分钟前"),
        },
        {"label": _("特殊需要儿童参加人数"), "value": "c"},
        {"label": _("退费到账率"), "value": "x", "age": _("学期结束后计算")},
        {"label": _("带班领导到岗率"), "value": "–", "age": _("今天不上课")},
        {
            "label": _("本学期累计收费（全市各校合计，含已减免部分）"),
            "value": "128,456,789.00",
            "unit": _("元"),
            "n": "2,000",
            "age": _("截至 11 月 20 日"),
        },
    ]


def tasks() -> list[dict[str, Any]]:
    """The gates of a term."""
    return [
        {
            "title": _("意愿征询"),
            "state": "good",
            "word": _("已完成"),
            "why": _("回收 1,310 份，愿意参加 1,182 人"),
        },
        {"title": _("家长委员会决议"), "state": "good", "word": _("已完成"), "why": _("9 人到会，8 票赞成")},
        {
            "title": _("方案备案"),
            "state": "now",
            "word": _("进行中"),
            "url": "#",
            "who": _("王秀兰（教务办公室）"),
            "by": NOON,
        },
        {
            "title": _("收费公示"),
            "state": "bad",
            "word": _("受阻"),
            "why": _("备案通过后才能公示"),
            "who": _("教育局"),
        },
        {"title": _("学生申请"), "state": "quiet", "word": _("未开始")},
    ]


def history() -> list[dict[str, Any]]:
    """An incident from alarm to end."""
    return [
        {"at": NOON, "title": _("学生在操场摔倒，手腕疼痛"), "who": _("李明（服务教师）"), "state": "bad"},
        {
            "at": NOON,
            "title": _("已通知家长和带班领导"),
            "text": _("电话接通，家长 15 分钟内到校。"),
            "state": "good",
        },
        {"at": NOON, "title": _("送医检查"), "who": _("赵敏（带班领导）"), "state": "now"},
        {"title": _("结案"), "text": _("家长确认后填写。")},
    ]


def answers() -> list[dict[str, str]]:
    """What a parent typed, to be checked."""
    return [
        {"label": _("孩子"), "value": _("阿卜杜热合曼·买买提艾力江（四年级 2 班）"), "url": "#"},
        {"label": _("参加的日子"), "value": _("周一、周三、周五\n放学后到 17:30"), "url": "#"},
        {"label": _("接孩子的人"), "value": _("王芳，母亲，138 0013 8000"), "url": "#"},
        {"label": _("过敏或需要注意的情况"), "value": "", "url": "#"},
    ]


def children() -> list[dict[str, str]]:
    """Rows of the gate in their three states."""
    return [
        {"name": "陈一诺", "note": _("妈妈接"), "state": "wait"},
        {"name": "欧阳明月", "note": _("自己回家（家长已同意）"), "state": "wait"},
        {"name": "阿卜杜热合曼·买买提艾力江", "note": _("奶奶接"), "state": "done"},
        {"name": "刘思远", "note": _("请假"), "state": "absent"},
    ]


def swatches() -> list[tuple[str, str]]:
    """Names of the colours and what they are for."""
    return [
        ("ink", _("正文")),
        ("muted", _("次要文字")),
        ("primary", _("链接、主按钮、选中")),
        ("bell", _("提醒，少用")),
        ("good", _("正常")),
        ("warn", _("注意")),
        ("bad", _("问题")),
        ("info", _("说明")),
    ]
