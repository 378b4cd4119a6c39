"""Fee standards against caps, with the hours that are given for them: who is over, and who stands close. Pure."""

from typing import Final

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afterbell.pages.figures import Note
from afterbell.pages.sheets import Badge, Cell, Column, Kind, Link, Sign
from dashboards.fees.rows import Line, Rows
from dashboards.frame import figures, words
from dashboards.frame.cards import Card, definition
from dashboards.frame.look import Look
from oversight.indicators import measures
from oversight.indicators.caps import Breach, breach
from oversight.indicators.catalogue import CATALOGUE
from schools.planning.models import FeeUnit

TO_CAP: Final = CATALOGUE["fee_to_cap"]
MOST: Final = 15
"""Bars: the highest ones."""


UNITS: Final[dict[object, Cell]] = {unit.value: unit.label for unit in FeeUnit}
OVER: Final = Badge("bad", gettext_lazy("超过上限"))
OVER_TERM: Final = Badge("bad", gettext_lazy("本学期合计超过上限"))
AT: Final = Badge("info", gettext_lazy("等于上限"))
WITHIN: Final = Badge("good", gettext_lazy("在上限内"))
NO_CAP: Final = Badge("quiet", gettext_lazy("没有上限"))
UNKNOWN: Final = Badge("quiet", gettext_lazy("没有数据"))


def over(schools: pd.DataFrame) -> "pd.Series[bool]":
    """Whether the standard is above a cap: of its own unit, or of another over the term. Without a cap it is over none."""
    return (schools["fee_fen"] > schools["cap_fen"]) | (schools["fee_term_fen"] > schools["cap_term_fen"])


def closest(schools: pd.DataFrame) -> "pd.Series[float]":
    """Percent of the cap that the standard is nearest to, or the farthest above; NaN where there is none to compare."""
    own, term = (
        schools[fee] / schools[cap].where(schools[cap] > 0)
        for fee, cap in (("fee_fen", "cap_fen"), ("fee_term_fen", "cap_term_fen"))
    )
    return 100 * own.where(~(term > own), term).fillna(term)


def term_cells(schools: pd.DataFrame) -> list[tuple[Cell, Cell]]:
    """What the standard comes to in the term, and what other units' caps allow there; both, or why they are not compared."""
    columns = ("fee_fen", "fee_term_fen", "cap_term_fen")
    return [_term(*numbers) for numbers in schools[[*columns]].itertuples(index=False)]


def _term(fee: float, fee_term: float, cap_term: float) -> tuple[Cell, Cell]:
    if fee_term == fee_term and cap_term == cap_term:
        return words.cell(fee_term), words.cell(cap_term)
    sign = Sign.NOT_APPLICABLE if fee == fee else Sign.NOT_AVAILABLE
    return sign, sign


def hours_a_week(schools: pd.DataFrame) -> list[Cell]:
    return [words.cell(minutes / 60) for minutes in schools["weekly_minutes"].tolist()]


def unit_name(found: object) -> Cell:
    return UNITS.get(found, Sign.NOT_AVAILABLE)


def cap_cells(schools: pd.DataFrame) -> list[Cell]:
    """A known fee beside no cap: the policy has none."""
    return [
        Sign.NOT_APPLICABLE if cap != cap and fee == fee else words.cell(cap)
        for fee, cap in zip(schools["fee_fen"].tolist(), schools["cap_fen"].tolist(), strict=True)
    ]


def places(schools: pd.DataFrame) -> list[Cell]:
    """How each standard stands to its caps, as a badge."""
    columns = ("fee_fen", "cap_fen", "fee_term_fen", "cap_term_fen")
    return [_place(*numbers) for numbers in schools[[*columns]].itertuples(index=False)]


def _place(fee: float, cap: float, fee_term: float, cap_term: float) -> Cell:
    """What is not known is NaN, which is not itself."""
    found = breach(fee, cap, fee_term, cap_term)
    if found is not None:
        return OVER if found is Breach.OWN else OVER_TERM
    if fee != fee:
        return UNKNOWN
    if cap != cap and cap_term != cap_term:
        return NO_CAP
    return AT if fee == cap or fee_term == cap_term else WITHIN


def card(look: Look, schools: pd.DataFrame) -> Card:
    """All schools, those over the cap first, then by how close they are to it."""
    ratio, near = measures.measure(schools, TO_CAP), closest(schools)
    is_over = over(schools)
    order = pd.DataFrame({"over": ~is_over, "near": -near}).sort_values(["over", "near"], kind="stable").index
    known = int(near.notna().sum())
    first = order[:MOST]
    top = words.numbers(zip(schools.loc[first, "name"], words.counts(near.loc[first]), strict=True))
    marked = [str(name) for name in schools.loc[order[is_over.loc[order]], "name"]]
    drawn = figures.bars(
        [name for name, _value in top], [value for _name, value in top], suffix="%", label=str(TO_CAP.name),
        reference=100.0, reference_label=_("上限"), marked=marked,
    ) if top else {}  # fmt: skip
    is_any = bool(ratio["state"].ne(measures.State.MISSING.value).any())
    return Card(
        id="caps", question=_("哪些学校的收费标准超过政策上限？"), answer=_answer(int(is_over.sum()), known, marked),
        columns=(
            Column(_("学校")), Column(_("区县")), Column(_("计费单位")), Column(_("收费标准"), Kind.YUAN, _("元")),
            Column(_("政策上限"), Kind.YUAN, _("元")), words.column(TO_CAP), Column(_("每周服务"), Kind.TENTH, _("小时")),
            Column(_("本学期合计"), Kind.YUAN, _("元")), Column(_("本学期上限"), Kind.YUAN, _("元")), Column(_("结论")),
        ),
        rows=Rows(order, lambda part: _rows(look, schools.loc[part], ratio.loc[part])) if is_any else (), figure=drawn,
        notes=[
            Note(_("读法"), _("图中是离上限最近的 %(n)s 所学校，超过上限的标红；"
                "同一计费单位和本学期合计两种比法，取离上限更近的。"
                "收费相同时，每周服务小时多的更划算，所以小时数列在旁边。") % {"n": MOST}),
            Note(_("本学期上限"), _("其他计费单位的上限按本学期校历折算，取最低的；"
                "按课时收费的，收费时才受它限制，不比较（–）。")),
            *definition(TO_CAP),
        ],
        empty=_("学校公示收费标准后，这里会与政策上限比较。"),
    )  # fmt: skip


def _rows(look: Look, about: pd.DataFrame, found: pd.DataFrame) -> list[Line]:
    return [
        (Link(name, look.school_url(code)), district, unit_name(unit), words.cell(fee), cap, value, hours, *term, place)
        for code, name, district, unit, fee, cap, value, hours, term, place in zip(
            about["code"], about["name"], about["district_name"], about["fee_unit"], about["fee_fen"].tolist(),
            cap_cells(about), words.cells(found), hours_a_week(about), term_cells(about), places(about), strict=True,
        )
    ]  # fmt: skip


def _answer(over_cap: int, known: int, names: list[str]) -> str:
    if not known:
        return _("还没有可以与上限比较的收费标准")
    if not over_cap:
        return _("%(n)s 所学校的收费标准都在政策上限内") % {"n": f"{known:,}"}
    about = {"n": f"{over_cap:,}", "all": f"{known:,}", "names": "、".join(names[:3])}
    return _("%(all)s 所学校中，%(n)s 所收费标准超过政策上限：%(names)s") % about
