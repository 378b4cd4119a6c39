"""The list of alerts, on the page and in files."""

from collections.abc import Iterable
from functools import lru_cache
from typing import ClassVar, Final

import django_tables2
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.pages import cells
from afterbell.pages.sheets import Column, Kind, Sheet
from afterbell.pages.tables import Table
from oversight.redlines.models import Alert
from oversight.redlines.queries import Shown
from oversight.redlines.states import AlertState, Level

ONE_LINE: Final = {"td": {"class": "ab-one-line"}}
LONG: Final = {"td": {"class": "ab-long"}, "th": {"class": "ab-long"}}
STATES: Final = {AlertState.OPEN: "now", AlertState.SEEN: "info", AlertState.CLOSED: "quiet"}
COLUMNS: Final = (
    Column(_("学校标识码")),
    Column(_("学校")),
    Column(_("区县")),
    Column(_("学期")),
    Column(_("级别")),
    Column(_("规则")),
    Column(_("月份或班级")),
    Column(_("发现")),
    Column(_("状态")),
    Column(_("发现时间"), Kind.DAY),
    Column(_("次数"), Kind.WHOLE),
)


class AlertTable(Table):
    """One line an alert; the finding says its numbers."""

    caption = _("预警")
    empty_title = _("没有符合条件的预警")
    empty_text_long = _("各校数据汇总后，触及规则的情况会列在这里。请放宽筛选条件，或查看已了结的预警。")

    level = django_tables2.Column(verbose_name=_("级别"), order_by=("level", "pk"))
    rule = django_tables2.Column(verbose_name=_("规则"), order_by=("rule", "pk"))
    school = django_tables2.Column(
        verbose_name=_("学校"), accessor="school__name", order_by=("school__name", "pk")
    )
    district = django_tables2.Column(
        verbose_name=_("区县"),
        accessor="school__district__name",
        order_by=("school__district__position", "pk"),
    )
    finding = django_tables2.Column(verbose_name=_("发现"), accessor="numbers", orderable=False, attrs=LONG)
    term = django_tables2.Column(
        verbose_name=_("学期"), accessor="term_code", order_by=("term_code", "pk"), attrs=ONE_LINE
    )
    raised_at = django_tables2.DateTimeColumn(
        verbose_name=_("发现时间"), order_by=("raised_at", "pk"), format="Y-m-d"
    )
    state = django_tables2.Column(verbose_name=_("状态"), order_by=("state", "pk"))

    class Meta(Table.Meta):
        sequence: ClassVar = ("level", "rule", "school", "district", "finding", "term", "raised_at", "state")

    def render_level(self, record: Alert) -> SafeString:
        return level_badge(record)

    def render_rule(self, record: Alert) -> SafeString:
        shown = Shown(record)
        return format_html('<a href="{}">{}</a>', shown.url, shown.rule_name)

    def render_finding(self, record: Alert) -> str:
        return Shown(record).sentence

    def render_state(self, record: Alert) -> SafeString:
        return state_badge(record)


_badge = lru_cache(maxsize=64)(cells.badge)
"""A list has fifty badges and eight kinds of them; the word is an argument, so that languages don't mix."""


def level_badge(alert: Alert) -> SafeString:
    """Icon, word and colour."""
    return _badge("bad" if alert.level == Level.RED else "warn", str(Level(alert.level).label))


def state_badge(alert: Alert) -> SafeString:
    """Icon, word and colour."""
    state = AlertState(alert.state)
    return _badge(STATES[state], str(state.label))


def sheet(alerts: Iterable[Alert], *, notes: list[tuple[str, str]]) -> Sheet:
    """The same alerts as a file."""
    rows = []
    for alert in alerts:
        shown = Shown(alert)
        rows.append(
            (
                alert.school.code, alert.school.name, alert.school.district.name, alert.term_code, shown.level_name,
                shown.rule_name, shown.cause_name, shown.sentence, shown.state_name,
                timezone.localtime(alert.raised_at), alert.times,
            )
        )  # fmt: skip
    return Sheet(title=_("预警"), columns=COLUMNS, rows=rows, notes=notes)
