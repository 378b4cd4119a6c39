"""The summary as a document on paper: totals by district, charts that typst draws, one line a school, what it means."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

import numpy as np
from django.conf import settings
from django.utils.translation import gettext as _

from afterbell.kernel.money import Fen, format_fen
from afterbell.pages import values
from afterbell.pages.documents import BEGINNING, render_pdf
from oversight.costs import columns, files, overview
from oversight.costs.columns import Kind
from oversight.costs.peers import LEAST
from oversight.costs.report import FLAGS, STATES, Report, why_empty
from oversight.costs.summary import Row
from tenants.models import Kind as Lies
from tenants.models import Stage

SHOWN: Final = (
    ("school_name", 4.6), ("district", 1.8), ("stage", 3.0), ("state", 1.7), ("days_held", 1.6),
    ("participants", 1.7), ("pupil_hours", 2.1), ("fee_standard_fen", 1.7), ("received_fen", 2.4),
    ("expenditure_fen", 2.4), ("surplus_fen", 2.2), ("cost_per_pupil_hour_fen", 1.7), ("peer_median_fen", 1.7),
    ("peer_n", 1.6), ("percentile", 1.4), ("flag", 1.7), ("complaints_per_1000", 1.5),
    ("statement_months_on_time", 1.6),
)  # fmt: skip
"""Columns that fit on a page, and how wide each is; the files have them all. Stage stands with kind, months with due."""
PLAIN: Final = ("school_name", "district", "stage")
"""Columns that need no explanation."""
BEYOND: Final = 2.5
"""The axis ends at this many times the highest quarter: a school beyond stands at its end."""
STEPS: Final = (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
"""Fen between two ticks."""


def pdf_bytes(report: Report) -> bytes:
    """The same rows give the same bytes."""
    return render_pdf("cost_summary", document(report), at=report.summary.as_of or BEGINNING)


def document(report: Report) -> dict[str, Any]:
    """What the template is given: texts, and numbers to draw."""
    rows = report.summary.rows
    costs = np.array(list(_costs(rows)), dtype=np.float64)
    return {
        "title": _("课后服务成本汇总"),
        "city": str(settings.CITY_NAME),
        "number": f"{report.term_name} · {report.summary.term}",
        "headline": report.headline,
        "facts": [line for line in files.notes(report) if line[0] in (_("筛选"), _("数据时间"))],
        "districts": _districts(report),
        "has_costs": bool(len(costs)),
        "words": {
            "none": _("一所学校"), "high": _("偏高"), "low": _("偏低"), "half": _("中间一半"), "median": _("中位数"),
        },
        "schools": _schools(report),
        "meaning": {
            "title": _("各列的含义"),
            "rows": _meanings(),
        },
        **(_charts(report, costs) if len(costs) else {}),
    }  # fmt: skip


def _charts(report: Report, costs: "np.typing.NDArray[np.float64]") -> dict[str, Any]:
    most = float(min(costs.max(), max(np.quantile(costs, 0.75) * BEYOND, 1)))
    step = next((step for step in STEPS if most / step <= 10), STEPS[-1])
    most = max(step, float(np.ceil(most / step) * step))
    beyond = int(np.sum(costs > most))
    middle = {name: yuan(int(np.quantile(costs, share) + 0.5)) for name, share in QUARTERS.items()}
    note = _("每个点是一所学校，按学段和城乡分行，单位为元每生每小时。")
    if beyond:
        note += _("%(n)s 所学校超出坐标轴，画在右端。") % {"n": beyond}
    return {
        "axis": {
            "most": most,
            "ticks": [
                {"value": at, "label": format_fen(Fen(at))} for at in range(0, int(most) + 1, int(step))
            ],
        },
        "strips": {
            "answer": _("中间一半学校每生每小时花 %(lower)s 至 %(upper)s，中位数 %(median)s（%(n)s 所）")
            % {**middle, "n": f"{len(costs):,}"},
            "note": note,
            "groups": _groups(report.summary.rows),
        },
        "bars": _bars(report),
        "histogram": _histogram(costs, most, step / 2),
    }


def _groups(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """One line a stage and kind, in the order of the register."""
    found = []
    for stage in Stage:
        for kind in Lies:
            dots = [
                {"value": row.cost_per_pupil_hour_fen, "flag": row.flag}
                for row in rows
                if (row.stage, row.kind) == (stage, kind) and row.cost_per_pupil_hour_fen is not None
            ]
            if dots:
                quarters = np.quantile([dot["value"] for dot in dots], list(QUARTERS.values()))
                label = f"{stage.label}·{kind.label}"
                found.append(
                    {"label": label, "n": f"n={len(dots)}", "dots": dots}
                    | dict(zip(QUARTERS, map(float, quarters), strict=True))
                )
    return found


def _bars(report: Report) -> dict[str, Any]:
    lines = [line for line in overview.district_lines(report) if line.code]
    known = [(line.totals["cost_per_pupil_hour_fen"], line.name) for line in lines]
    costed = sorted(((cost, name) for cost, name in known if cost is not None), reverse=True)
    alone = {line.name for line in lines if _with_costs(report, line.code) == 1}
    top = max((cost for cost, _name in costed), default=1) or 1
    return {
        "answer": _extremes([(name, yuan(cost)) for cost, name in costed], alone),
        "note": _("支出合计 ÷ 学生小时，只含两项都已知的学校。"),
        "rows": [{"label": name, "share": cost / top, "text": yuan(cost)} for cost, name in costed],
    }


def _extremes(shown: Sequence[tuple[str, str]], alone: Collection[str]) -> str:
    """`shown` are districts with what the page writes, the highest first; `alone` those of one school. No superlative on
    a tie."""
    if len(shown) < 2:
        return _("各区县的每生每小时成本")
    most, least = shown[0][1], shown[-1][1]
    if most == least:
        return _("各区县的每生每小时成本相同，都是 %(value)s") % {"value": most}

    def told(value: str) -> str:
        named = [name for name, each in shown if each == value]
        return _("%(value)s，只有 1 所学校") % {"value": value} if {*named} <= {*alone} else value

    return _("%(high)s最高（%(most)s），%(low)s最低（%(least)s）") % {
        "high": values.those(shown, most), "most": told(most),
        "low": values.those(shown, least), "least": told(least),
    }  # fmt: skip


def _with_costs(report: Report, district: str) -> int:
    rows = [row for row in report.summary.rows if row.district == district]
    return len(list(_costs(rows)))


def _histogram(costs: "np.typing.NDArray[np.float64]", most: float, width: float) -> dict[str, Any]:
    counts, edges = np.histogram(np.minimum(costs, most), bins=round(most / width), range=(0, most))
    place = int(counts.argmax())
    answer = _("每生每小时成本在各区间的学校数")
    if len(costs) >= LEAST:
        words = {"from": yuan(round(edges[place])), "to": yuan(round(edges[place + 1])), "n": counts[place]}
        answer = _("%(from)s 至 %(to)s 的学校最多，有 %(n)s 所") % words
    return {
        "answer": answer,
        "note": _("横轴为元每生每小时，纵轴为学校数；最右一栏含超出坐标轴的学校。"),
        "bins": [
            {"count": int(count), "label": f"{low / 100:.2f}"}
            for count, low in zip(counts, edges, strict=False)
        ],
    }


def _districts(report: Report) -> dict[str, Any]:
    return {
        "columns": [
            _("区县"), _("学校"), _("定案"), _("估计"), _("缺失"), _("参加学生"), _("实收（元）"), _("支出合计（元）"),
            _("结余（元）"), _("每生每小时（元）"),
        ],
        "numbers": list(range(1, 10)),
        "rows": [
            [
                line.name, f"{line.schools:,}", *(f"{count:,}" for count in line.states.values()),
                *(_cell(line.totals[code], code) for code in SUMMED),
            ]
            for line in overview.district_lines(report)
        ],
    }  # fmt: skip


def _schools(report: Report) -> dict[str, Any]:
    shown = [columns.BY_CODE[code] for code, _width in SHOWN]
    return {
        "title": _("各校明细（金额单位为元；x：尚未取得，–：不适用，c：为保护儿童不显示）"),
        "columns": [str(columns.HEADS.get(column.code, column.label)) for column in shown],
        "widths": [width for _code, width in SHOWN],
        "numbers": [number for number, column in enumerate(shown) if column.kind is not Kind.TEXT],
        "rows": [[_written(row, code, report) for code, _width in SHOWN] for row in report.summary.rows],
    }


def _written(row: Row, code: str, report: Report) -> str:
    text = _word(row, code, report)
    if code not in JOINED:
        return text
    between, other = JOINED[code]
    return f"{text}{between}{_word(row, other, report)}"


def _meanings() -> list[tuple[str, str]]:
    told = [columns.BY_CODE[code] for code, _width in SHOWN if code not in PLAIN]
    return [(str(column.label), str(column.meaning)) for column in told]


def _word(row: Row, code: str, report: Report) -> str:
    cell = getattr(row, code)
    if cell is None or cell == "":
        return why_empty(row, code, report.summary.children)
    if isinstance(cell, str):
        return cell if code == "school_name" else str(WORDS.get(code, report.districts).get(cell, cell))
    return _cell(cell, code)


def _cell(cell: Any, code: str) -> str:
    if cell is None or isinstance(cell, str):
        return cell or values.NOT_AVAILABLE
    return yuan(int(cell)).removeprefix("¥") if columns.BY_CODE[code].kind is Kind.FEN else f"{cell:,}"


def _costs(rows: Iterable[Row]) -> Iterable[int]:
    return (row.cost_per_pupil_hour_fen for row in rows if row.cost_per_pupil_hour_fen is not None)


def yuan(amount: int) -> str:
    return format_fen(Fen(amount))


QUARTERS: Final = {"lower": 0.25, "median": 0.5, "upper": 0.75}
SUMMED: Final = ("participants", "received_fen", "expenditure_fen", "surplus_fen", "cost_per_pupil_hour_fen")
JOINED: Final = {"stage": ("·", "kind"), "statement_months_on_time": ("/", "statement_months_due")}
WORDS: Final[dict[str, Any]] = {
    "stage": dict(Stage.choices),
    "kind": dict(Lies.choices),
    "state": STATES,
    "flag": FLAGS,
}
