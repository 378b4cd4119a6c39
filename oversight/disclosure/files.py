"""The public lists as files: the same rows as the pages, without pages."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afterbell.pages.sheets import Cell, Column, Kind, Sheet, Sign
from oversight.disclosure.participation import Grid
from oversight.disclosure.queries import FeeStandard, StatementLine
from oversight.disclosure.words import COLLECTORS, UNITS, cap_word
from oversight.indicators.catalogue import Text
from tenants import models as register

FORMS: Final = ("csv", "xlsx")
FEE_COLUMNS: Final = (
    Column(_("学校标识码")), Column(_("学校")), Column(_("区县")), Column(_("学段")), Column(_("城乡")),
    Column(_("计费单位")), Column(_("收费标准"), Kind.YUAN, _("元")), Column(_("政策上限"), Kind.YUAN, _("元")),
    Column(_("本学期合计"), Kind.YUAN, _("元")), Column(_("本学期上限"), Kind.YUAN, _("元")), Column(_("与上限比较")),
    Column(_("收费主体")), Column(_("方案公布日期"), Kind.DAY),
)  # fmt: skip
STATEMENT_COLUMNS: Final = (
    Column(_("学校标识码")), Column(_("学校")), Column(_("区县")), Column(_("学期")), Column(_("月份")),
    Column(_("公示时间"), Kind.DAY), Column(_("应公示日期"), Kind.DAY), Column(_("是否按时")), Column("SHA-256"),
)  # fmt: skip
ROUNDED: Final = (
    _("口径"),
    _(
        "参加学生：本学期签过协议的学生，按 5 取整，各数单独取整，相加不一定等于合计。"
        "参与率：参加学生 ÷ 在册学生，用未取整的数计算。"
        "参加或未参加的不足 10 人的数，和会让人从公布的数字算出它的数，不公布。"
    ),
)


def of_fees(lines: Sequence[FeeStandard], term: str) -> Sheet:
    return Sheet(_("收费标准"), FEE_COLUMNS, [_fee(line) for line in lines], [(_("学期"), term)])


def of_statements(lines: Sequence[StatementLine], term: str) -> Sheet:
    return Sheet(
        _("账目校验码"), STATEMENT_COLUMNS, [_statement(line) for line in lines], [(_("学期"), term)]
    )


def of_grid(grid: Grid, term: str, day: date) -> Sheet:
    """As that day has published it."""
    about: list[tuple[Text, Text]] = [(_("学期"), term), (_("公布日期"), day.isoformat()), ROUNDED]
    return Sheet(grid.title, grid.columns, grid.rows, about)


def _fee(line: FeeStandard) -> list[Cell]:
    place: list[Cell] = [line.code, line.name, line.district_name]
    about: list[Cell] = [register.Stage(line.stage).label, register.Kind(line.kind).label]
    return [
        *place, *about, UNITS.get(line.unit), line.fee_fen, line.cap_fen,
        *((line.fee_term_fen, line.cap_term_fen) if line.compares_term else (_no_term(line), _no_term(line))),
        cap_word(line)[1],
        COLLECTORS.get(line.collector), line.published_at and timezone.localdate(line.published_at),
    ]  # fmt: skip


def _no_term(line: FeeStandard) -> Sign:
    """Not published, or nothing to compare over the term."""
    return Sign.NOT_AVAILABLE if line.published_at is None else Sign.NOT_APPLICABLE


def _statement(line: StatementLine) -> list[Cell]:
    return [
        line.code, line.name, line.district_name, line.term, line.month, timezone.localtime(line.published_at),
        line.due_date, _("迟于应公示日期") if line.is_late else _("按时"), line.sha256,
    ]  # fmt: skip
