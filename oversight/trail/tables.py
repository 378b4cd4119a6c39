"""The chains, the anchors of one chain and the entries of the city's own as lists, and the entries as a file."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

import django_tables2
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.audit.chain import as_json
from afterbell.pages import cells
from afterbell.pages.sheets import Column, Kind, Sheet
from afterbell.pages.tables import NumberColumn, Table
from oversight.trail.forms import STANDINGS
from oversight.trail.queries import CITY, Standing
from oversight.trail.words import of_flaw, sentence, whose
from tenants.anchors.models import ChainState

COLOURS: Final = {
    Standing.BROKEN: "bad",
    Standing.UNREAD: "warn",
    Standing.LATE: "warn",
    Standing.NEW: "info",
    Standing.HOLDS: "good",
    Standing.AWAY: "quiet",
}
MOMENT: Final = "Y-m-d H:i"


def badge(standing: str) -> SafeString:
    return cells.badge(COLOURS[Standing(standing)], str(dict(STANDINGS)[standing]))


def name_of(state: ChainState) -> str:
    return whose(state.school.code, state.school.name) if state.school else whose("", "")


def trouble_of(state: ChainState) -> str:
    """The first thing that is wrong now, in a sentence; empty where nothing is."""
    if state.findings:
        return sentence(state.findings[0])
    return of_flaw(state.flaw, state.flaw_position) if state.flaw else ""


class ChainTable(Table):
    """One line a chain, the city's own first."""

    caption = _("审计链")
    empty_title = _("没有符合条件的审计链")
    empty_text_long = _("请放宽筛选条件。新学校的审计链在下一次整点锚定后列出。")

    name = django_tables2.Column(verbose_name=_("学校"), empty_values=(), order_by=("school__name", "pk"))
    standing = django_tables2.Column(verbose_name=_("状态"), order_by=("standing", "school__code"))
    position = NumberColumn(_("长度"), unit=_("条"), order_by=("position", "pk"))
    last_entry_at = django_tables2.DateTimeColumn(
        verbose_name=_("最后一条"), order_by=("last_entry_at", "pk"), format=MOMENT, default="–"
    )
    anchored = django_tables2.Column(
        verbose_name=_("最近锚定"), accessor="anchored_at", order_by=("anchored_at", "pk"), default="–"
    )
    verified_at = django_tables2.DateTimeColumn(
        verbose_name=_("最近核验"), order_by=("verified_at", "pk"), format=MOMENT, default="–"
    )

    def render_name(self, record: ChainState) -> SafeString:
        code = record.school.code if record.school else CITY
        return format_html('<a href="{}">{}</a>', reverse("trail:chain", args=[code]), name_of(record))

    def render_standing(self, record: Any, value: str) -> SafeString:
        trouble = trouble_of(record) if value == Standing.BROKEN else ""
        return format_html("{}{}", badge(value), format_html("<br>{}", trouble) if trouble else "")

    def render_position(self, value: int) -> str:
        return cells.whole(value)

    def render_anchored(self, record: Any, value: datetime) -> str:
        return _("第 %(position)s 条，%(at)s") % {
            "position": record.anchored_position,
            "at": f"{timezone.localtime(value):%Y-%m-%d %H:%M}",
        }


class AnchorTable(Table):
    """The ends of one chain as passes found them, the newest first."""

    caption = _("锚点")
    empty_title = _("还没有锚点")
    empty_text_long = _("有了第一条记录之后，下一次整点锚定会记下链尾。")

    position = NumberColumn(_("序号"), orderable=False)
    hash = django_tables2.Column(verbose_name=_("散列值"), orderable=False)
    at = django_tables2.DateTimeColumn(verbose_name=_("锚定时间"), orderable=False, format=MOMENT)

    def render_position(self, value: int) -> str:
        return cells.whole(value)


class EntryTable(Table):
    """One line an entry, the newest first: numbers come in the order of the chain."""

    caption = _("审计记录")
    empty_title = _("没有符合条件的审计记录")
    empty_text_long = _("请放宽筛选条件。")

    position = NumberColumn(_("序号"), orderable=False)
    at = django_tables2.DateTimeColumn(verbose_name=_("时间"), orderable=False, format="Y-m-d H:i:s")
    who = django_tables2.Column(verbose_name=_("操作人"), empty_values=(), orderable=False)
    verb = django_tables2.Column(verbose_name=_("动作"), orderable=False)
    target = django_tables2.Column(verbose_name=_("对象"), orderable=False)
    details = django_tables2.Column(verbose_name=_("说明"), orderable=False)

    class Meta(Table.Meta):
        sequence: ClassVar = ("at", "who", "verb", "target", "details", "position")

    def render_position(self, value: int) -> str:
        return cells.whole(value)

    def render_who(self, record: Any) -> str:
        return who_of(record)

    def render_details(self, value: dict[str, Any]) -> str:
        return as_json(value) if value else "–"


def who_of(entry: Any) -> str:
    """The name of somebody of the city; an id of somebody of a school; the system."""
    if entry.by_id is None:
        return str(_("系统"))
    return entry.by_name or str(entry.by_id)


def sheet(entries: Iterable[Any], *, notes: Sequence[tuple[str, str]]) -> Sheet:
    """The same entries as a file, with what binds each to the one before it."""
    columns = (
        Column(_("序号"), Kind.WHOLE), Column(_("时间")), Column(_("操作人")), Column(_("操作人编号")),
        Column(_("动作")), Column(_("对象")), Column(_("说明")), Column(_("前一条的散列值")), Column(_("散列值")),
    )  # fmt: skip
    rows = (
        (
            one.position, timezone.localtime(one.at).isoformat(), who_of(one), str(one.by_id or ""), one.verb,
            one.target, as_json(one.details), one.before_hash, one.hash,
        )
        for one in entries
    )  # fmt: skip
    return Sheet(title=_("审计记录"), columns=columns, rows=rows, notes=notes)
