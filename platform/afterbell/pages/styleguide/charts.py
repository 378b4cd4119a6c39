"""Sample charts of the style guide: lines with a gap, bars, a strip of peers, and one before its first figure."""

from typing import Final

from django.utils.translation import gettext as _

from afterbell.pages.figures import Chart, Note

MONTHS: Final = ("2026-06", "2026-09", "2026-10", "2026-11")


def every() -> list[Chart]:
    """One of each kind."""
    return [chart(), bars(), strip(), empty_chart()]


def chart() -> Chart:
    """Lines with a gap, the city in grey and a school in teal."""
    series = (
        (_("全市"), (78.2, 79.9, 81.4, 82.0), "city"),
        (_("湖滨区第一小学"), (81.0, None, 84.8, 86.0), "school"),
        (_("湖滨区"), (80.1, 81.7, 82.9, 83.3), None),
        (_("山南县"), (61.5, 63.0, 62.2, 62.9), None),
        (_("江东区"), (70.2, 71.4, 74.0, 75.6), None),
    )
    traces = [
        {"type": "scatter", "mode": "lines+markers", "name": name, "x": list(MONTHS), "y": list(values)}
        | ({"meta": meta} if meta else {})
        for name, values, meta in series
    ]
    return Chart(
        id="chart-rate",
        question=_("各区县每月有多少学生参加？"),
        answer=_("参加率连续三个月上升，山南县仍低 20 个百分点"),
        figure={
            "data": traces,
            "layout": {"yaxis": {"ticksuffix": "%", "range": [50, 100]}, "xaxis": {"type": "category"}},
        },
        columns=(_("区县或学校"), *MONTHS),
        rows=[
            (name, *("x" if value is None else f"{value:.1f}%" for value in values))
            for name, values, _meta in series
        ],
        notes=_notes(),
        csv_url="?format=csv",
        xlsx_url="?format=xlsx",
        link="#chart-rate",
    )


def bars() -> Chart:
    """Bars in three series: colour and pattern."""
    districts = (_("湖滨区"), _("山南县"), _("江东区"))
    kinds = ((_("作业辅导"), (410, 220, 305)), (_("体育"), (280, 90, 190)), (_("艺术"), (150, 35, 120)))
    bars_of_kind = [
        {"type": "bar", "name": name, "x": list(districts), "y": list(values)} for name, values in kinds
    ]
    return Chart(
        id="chart-kinds",
        question=_("各区县开展哪些活动？（班次）"),
        answer=_("作业辅导占一半，山南县的艺术活动最少"),
        figure={"data": bars_of_kind, "layout": {}},
        columns=(_("活动"), *districts),
        rows=[(name, *(f"{value:,}" for value in values)) for name, values in kinds],
        notes=_notes()[:2],
        csv_url="?format=csv",
    )


def strip() -> Chart:
    """A row of dots: this school among its peers, the median and the middle half."""
    peers = (62.0, 70.5, 74.0, 75.5, 78.0, 79.0, 81.0, 83.5, 84.0, 88.0, 91.0)
    row = [_("参加率")]
    all_points = {"y": row * len(peers), "boxpoints": "all", "jitter": 0.4, "pointpos": 0}
    one_point = {"y": row, "marker": {"size": 14}}
    return Chart(
        id="chart-peers",
        question=_("这所学校和同类学校相比怎样？"),
        answer=_("高于同类学校的中位数 7.0 个百分点"),
        figure={
            "data": [
                {
                    "type": "box",
                    "orientation": "h",
                    "name": _("同类学校"),
                    "x": list(peers),
                    "meta": "city",
                    **all_points,
                },
                {
                    "type": "scatter",
                    "mode": "markers",
                    "name": _("本校"),
                    "x": [86.0],
                    "meta": "school",
                    **one_point,
                },
            ],
            "layout": {"xaxis": {"ticksuffix": "%"}},
        },
        columns=(_("指标"), _("本校"), _("中位数"), _("中间一半"), "n"),
        rows=[(_("参加率"), "86.0%", "79.0%", "74.0–84.0%", "11")],
        notes=_notes()[:1],
    )


def empty_chart() -> Chart:
    """A chart before its first figure."""
    return Chart(
        id="chart-empty",
        question=_("满意度怎样变化？"),
        answer=_("第一次调查后显示"),
        figure={"data": [], "layout": {}},
        columns=(),
        rows=(),
        empty=_("学校完成第一次满意度调查后，这里会显示每月得分和回收率。"),
    )


def _notes() -> list[Note]:
    return [
        Note(_("定义"), _("参加课后服务的在校学生数 ÷ 在校学生总数，按当月最后一个上课日统计。")),
        Note("n", _("24 所学校，28,410 名学生；山南县 2 所学校未上报，不计入。")),
        Note(_("来源"), _("各校学籍和报名记录")),
        Note(_("截至"), "2026-11-20 16:30"),
    ]
