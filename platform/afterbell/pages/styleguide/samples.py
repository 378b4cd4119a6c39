"""Plausible values for the style guide: long names, missing figures, numbers with units. Nobody here is real."""

from datetime import UTC, datetime
from typing import Any, Final

import django_tables2
from django.utils.translation import gettext as _

from afterbell.pages import cells, figures, tables
from afterbell.pages.navigation import Entry, Group

NOON: Final = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
MONTHS: Final = ("2026-06", "2026-09", "2026-10", "2026-11")

NAVIGATION: Final = (
    Entry(Group.LOOK, "总览", "styleguide:overview", icon="layout-dashboard"),
    Entry(Group.LOOK, "参加情况", "styleguide:family", icon="users"),
    Entry(Group.LOOK, "收费与结余", "styleguide:gate", icon="coin-yuan"),
    Entry(Group.ACT, "预警", "styleguide:check", icon="bell-ringing"),
    Entry(Group.ACT, "督办", "styleguide:confirm", icon="gavel"),
    Entry(Group.ACT, "备案", "styleguide:done", icon="file-check"),
    Entry(Group.PRICE, "成本监审", "styleguide:document", icon="report-money"),
    Entry(Group.OPEN, "晒成本", "styleguide:gate", icon="speakerphone"),
    Entry(Group.SETTINGS, "政策参数", "styleguide:confirm", icon="settings"),
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
    ("湖滨区第一小学", "330102", "湖滨区", 1182, 1376, 86.0, 123450, "good", "已公示"),
    ("湖滨区第二小学", "330102", "湖滨区", 904, 1120, 80.7, 118000, "now", "待公示"),
    ("湖滨区实验外国语学校附属滨江新城第三小学（南校区）", "330102", "湖滨区", 1533, 1540, 99.5, 165000, "warn", "参加率异常"),
    ("山南县海岛学校", "330106", "山南县", None, 96, None, None, "quiet", "未上报"),
    ("山南县中心小学", "330106", "山南县", 412, 655, 62.9, 90000, "bad", "逾期 3 天"),
)


class Schools(tables.Table):
    """The sample list of schools."""

    caption = "各校本月收费公示"
    empty_title = "没有符合条件的学校"
    empty_text_long = "请放宽筛选条件，或清除筛选查看全部学校。"

    school = django_tables2.Column("学校")
    district = django_tables2.Column("区县")
    participants = tables.NumberColumn("参加人数", unit="人")
    rate = tables.NumberColumn("参加率", unit="%")
    fee_fen = tables.NumberColumn("每生月收费", unit="元")
    state = django_tables2.Column("状态", orderable=False)

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
    names = ("school", "district_code", "district", "participants", "pupils", "rate", "fee_fen", "state", "word")
    rows = [dict(zip(names, school, strict=True)) for school in _SCHOOLS]
    for number in range(4, 59):
        base = rows[number % 2]
        rows.append(base | {"school": f"湖滨区第{number}小学", "participants": 300 + 17 * number, "rate": 60 + number / 2})
    return rows


def tiles() -> list[dict[str, Any]]:
    """A figure in each of its states."""
    return [
        {"label": _("参加率"), "value": "86.0", "unit": "%", "change": _("比上月 +1.2 个百分点"), "direction": "up", "n": "48,210",
         "age": _("截至 11 月 20 日"), "trend": [81, 82.5, None, 84, 84.8, 86], "trendlabel": _("近六个月：81.0 到 86.0"), "href": "#table"},
        {"label": _("平均每生月收费"), "value": "1,234.50", "unit": _("元"), "change": _("比上月 +86.00 元"), "direction": "up",
         "good": "bad", "n": "1,126", "age": _("截至 10 月 31 日")},
        {"label": _("满意度"), "value": "4.3", "unit": _("分"), "state": "estimate", "change": _("持平"), "n": "312",
         "age": _("回收率 21.4%")},
        {"label": _("未结安全事件"), "value": "0", "unit": _("件"), "change": _("比上月 −2 件"), "direction": "down", "good": "good",
         "n": "24", "age": _("10 分钟前")},
        {"label": _("特殊需要儿童参加人数"), "value": "c"},
        {"label": _("退费到账率"), "value": "x", "age": _("学期结束后计算")},
        {"label": _("带班领导到岗率"), "value": "–", "age": _("今天不上课")},
        {"label": _("本学期累计收费（全市各校合计，含已减免部分）"), "value": "128,456,789.00", "unit": _("元"), "n": "2,000",
         "age": _("截至 11 月 20 日")},
    ]  # fmt: skip


def chart() -> figures.Chart:
    """Lines with a gap, the city in grey and a school in teal."""
    series = (
        (_("全市"), (78.2, 79.9, 81.4, 82.0), "city"),
        (_("湖滨区第一小学"), (81.0, None, 84.8, 86.0), "school"),
        (_("湖滨区"), (80.1, 81.7, 82.9, 83.3), None),
        (_("山南县"), (61.5, 63.0, 62.2, 62.9), None),
        (_("江东区"), (70.2, 71.4, 74.0, 75.6), None),
    )
    traces = [
        {"type": "scatter", "mode": "lines+markers", "name": name, "x": list(MONTHS), "y": list(values)} | ({"meta": meta} if meta else {})
        for name, values, meta in series
    ]
    return figures.Chart(
        id="chart-rate",
        question=_("各区县每月有多少学生参加？"),
        answer=_("参加率连续三个月上升，山南县仍低 20 个百分点"),
        figure={"data": traces, "layout": {"yaxis": {"ticksuffix": "%", "range": [50, 100]}, "xaxis": {"type": "category"}}},
        columns=(_("区县或学校"), *MONTHS),
        rows=[(name, *("x" if value is None else f"{value:.1f}%" for value in values)) for name, values, _meta in series],
        notes=_notes(),
        csv_url="?format=csv",
        xlsx_url="?format=xlsx",
        link="#chart-rate",
    )


def bars() -> figures.Chart:
    """Bars in three series: colour and pattern."""
    districts = (_("湖滨区"), _("山南县"), _("江东区"))
    kinds = ((_("作业辅导"), (410, 220, 305)), (_("体育"), (280, 90, 190)), (_("艺术"), (150, 35, 120)))
    return figures.Chart(
        id="chart-kinds",
        question=_("各区县开展哪些活动？（班次）"),
        answer=_("作业辅导占一半，山南县的艺术活动最少"),
        figure={"data": [{"type": "bar", "name": name, "x": list(districts), "y": list(values)} for name, values in kinds], "layout": {}},
        columns=(_("活动"), *districts),
        rows=[(name, *(f"{value:,}" for value in values)) for name, values in kinds],
        notes=_notes()[:2],
        csv_url="?format=csv",
    )


def strip() -> figures.Chart:
    """A row of dots: this school among its peers, the median and the middle half."""
    peers = (62.0, 70.5, 74.0, 75.5, 78.0, 79.0, 81.0, 83.5, 84.0, 88.0, 91.0)
    row = [_("参加率")]
    return figures.Chart(
        id="chart-peers",
        question=_("这所学校和同类学校相比怎样？"),
        answer=_("高于同类学校的中位数 7.0 个百分点"),
        figure={
            "data": [
                {"type": "box", "orientation": "h", "name": _("同类学校"), "x": list(peers), "y": row * len(peers), "boxpoints": "all", "jitter": 0.4,
                 "pointpos": 0, "meta": "city"},
                {"type": "scatter", "mode": "markers", "name": _("本校"), "x": [86.0], "y": row, "meta": "school", "marker": {"size": 14}},
            ],
            "layout": {"xaxis": {"ticksuffix": "%"}},
        },
        columns=(_("指标"), _("本校"), _("中位数"), _("中间一半"), "n"),
        rows=[(_("参加率"), "86.0%", "79.0%", "74.0–84.0%", "11")],
        notes=_notes()[:1],
    )  # fmt: skip


def empty_chart() -> figures.Chart:
    """A chart before its first figure."""
    return figures.Chart(
        id="chart-empty",
        question=_("满意度怎样变化？"),
        answer=_("第一次调查后显示"),
        figure={"data": [], "layout": {}},
        columns=(),
        rows=(),
        empty=_("学校完成第一次满意度调查后，这里会显示每月得分和回收率。"),
    )


def tasks() -> list[dict[str, Any]]:
    """The gates of a term."""
    return [
        {"title": _("意愿征询"), "state": "good", "word": _("已完成"), "why": _("回收 1,310 份，愿意参加 1,182 人")},
        {"title": _("家长委员会决议"), "state": "good", "word": _("已完成"), "why": _("9 人到会，8 票赞成")},
        {"title": _("方案备案"), "state": "now", "word": _("进行中"), "url": "#", "who": _("王秀兰（教务办公室）"), "by": NOON},
        {"title": _("收费公示"), "state": "bad", "word": _("受阻"), "why": _("备案通过后才能公示"), "who": _("教育局")},
        {"title": _("学生申请"), "state": "quiet", "word": _("未开始")},
    ]


def history() -> list[dict[str, Any]]:
    """An incident from alarm to end."""
    return [
        {"at": NOON, "title": _("学生在操场摔倒，手腕疼痛"), "who": _("李明（服务教师）"), "state": "bad"},
        {"at": NOON, "title": _("已通知家长和带班领导"), "text": _("电话接通，家长 15 分钟内到校。"), "state": "good"},
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
        ("ink", _("正文")), ("muted", _("次要文字")), ("primary", _("链接、主按钮、选中")), ("bell", _("提醒，少用")),
        ("good", _("正常")), ("warn", _("注意")), ("bad", _("问题")), ("info", _("说明")),
    ]  # fmt: skip


def letter() -> dict[str, Any]:
    """Data of the sample letter home."""
    return {
        "school": "湖滨区第一小学",
        "number": "2026-告-017",
        "title": "2026 年秋季学期课后服务告家长书",
        "greeting": "尊敬的家长：",
        "paragraphs": [
            "本学期课后服务自 2026 年 9 月 7 日开始，至 2027 年 1 月 15 日结束，周一至周五放学后到 17:30。是否参加由您和孩子自愿决定，不参加的孩子正常放学。",
            "收费标准由家长委员会审议通过并报教育局备案，每一项的用途如下。请在 9 月 4 日前交回回执，愿意和不愿意都请勾选。",
        ],
        "table": {
            "columns": ["项目", "标准（元/月）", "用途"],
            "rows": [["教师劳务", "86.00", "按实际课时发放"], ["材料", "14.00", "手工、科学活动的耗材"], ["合计", "100.00", ""]],
            "numbers": [1],
        },
        "signed": "湖滨区第一小学家长委员会",
        "date": "2026年9月1日",
        "receipt": {
            "title": "回　执",
            "lines": ["学生姓名", "班级", "家长签名", "日期"],
            "choices": ["愿意参加", "不参加"],
        },
        "foot": "请沿虚线剪下，交给班主任。咨询电话：0571-0000 0000",
    }




def _notes() -> list[figures.Note]:
    return [
        figures.Note(_("定义"), _("参加课后服务的在校学生数 ÷ 在校学生总数，按当月最后一个上课日统计。")),
        figures.Note("n", _("24 所学校，28,410 名学生；山南县 2 所学校未上报，不计入。")),
        figures.Note(_("来源"), _("各校学籍和报名记录")),
        figures.Note(_("截至"), "2026-11-20 16:30"),
    ]
