"""A card: one question, the answer in words as its title, a chart, the same numbers as a table, files and notes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from afterbell.pages.figures import Chart, Note
from afterbell.pages.sheets import Cell, Column, Link, Sheet, shown
from dashboards.frame.look import Look
from oversight.indicators.catalogue import Indicator

ROWS_ON_PAGE: Final = 40
Text = str | Promise


@dataclass(frozen=True)
class Card:
    """One question. Rows hold raw cells: they become text here and typed cells in files, from the same numbers."""

    id: str
    question: Text
    answer: Text
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    figure: Mapping[str, Any] = field(default_factory=dict)
    """See dashboards.frame.figures; without one the card is a table."""
    notes: Sequence[Note] = ()
    more: Sequence[Link] = ()
    """Where to look deeper."""
    empty: Text = ""
    size: str = ""
    """`tall` for many bars, `long` for rows of two lines, `low` for a strip."""

    def chart(self, look: Look) -> Chart:
        """As the page shows it."""
        here = self.rows[:ROWS_ON_PAGE]
        return Chart(
            id=self.id,
            question=self.question,
            answer=self.answer,
            figure=self.figure,
            columns=self.columns,
            rows=[
                [shown(cell, column) for cell, column in zip(row, self.columns, strict=True)] for row in here
            ],
            notes=[*self.notes, *self._cut()],
            csv_url=look.url(also=f"format=csv&chart={self.id}") if self.rows else "",
            xlsx_url=look.url(also=f"format=xlsx&chart={self.id}") if self.rows else "",
            link=look.url(anchor=self.id),
            more=self.more,
            empty=self.empty or _("这里会显示所选范围的数据。所选学期或范围目前没有学校上报。"),
            size=self.size,
        )

    def sheet(self, look: Look) -> Sheet:
        """As it is downloaded: all rows."""
        return sheet(
            look,
            title=self.question,
            columns=self.columns,
            rows=self.rows,
            notes=[Note(_("回答"), self.answer), *self.notes],
        )

    def _cut(self) -> list[Note]:
        if len(self.rows) <= ROWS_ON_PAGE:
            return []
        words = _("本页列出前 %(here)s 行，下载的文件包含全部 %(all)s 行。")
        return [Note(_("行数"), words % {"here": ROWS_ON_PAGE, "all": f"{len(self.rows):,}"})]


def sheet(
    look: Look,
    *,
    title: Text,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    notes: Sequence[Note] = (),
) -> Sheet:
    """A table with the notes that every file of this look carries."""
    about = [Note(_("范围"), look.where), Note(_("学期"), look.period), *notes, *standing_notes(look)]
    return Sheet(title=title, columns=columns, rows=rows, notes=about)


def definition(*indicators: Indicator) -> list[Note]:
    """How the figures are made, from the catalogue."""
    several = len(indicators) > 1
    return [
        Note(
            _("定义"),
            _("%(name)s = %(formula)s") % {"name": one.name, "formula": one.formula}
            if several
            else one.formula,
        )
        for one in indicators
    ]


def standing_notes(look: Look) -> list[Note]:
    """Source and age: in every file of the look; a page says them once, at its top and its end."""
    seen = look.age.as_of
    at = f"{timezone.localtime(seen):%Y-%m-%d %H:%M}" if seen else _("尚无汇总数据")
    return [Note(_("来源"), _("各校系统按日、按月上报的汇总数据，不含学生个人信息")), Note(_("截至"), at)]
