"""The list of published notices, and to whom one went."""

from typing import ClassVar

import django_tables2
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.pages import cells
from afterbell.pages.tables import NumberColumn, Table
from schools.notices.models import Delivery, Notice


class NoticeTable(Table):
    """What was published, and how many have read it."""

    caption = _("已发布的通知")
    empty_title = _("还没有通知")
    empty_text_long = _("发给家长的通知、告家长书和公示会列在这里。")

    published_at = django_tables2.DateTimeColumn(verbose_name=_("发布时间"), format="Y-m-d H:i")
    title = django_tables2.Column(verbose_name=_("标题"), order_by=("title", "id"))
    kind = django_tables2.Column(verbose_name=_("类别"), order_by=("kind", "id"))
    is_open = django_tables2.Column(verbose_name=_("公开"), order_by=("is_open", "id"))
    sent = NumberColumn(_("发给"), unit=_("人"))
    read = NumberColumn(_("已读"), unit=_("人"))

    class Meta(Table.Meta):
        order_by: ClassVar = ("-published_at",)

    def render_title(self, record: Notice) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("notices:notice", args=[record.pk]), record.title)

    def render_is_open(self, record: Notice) -> SafeString:
        return (
            cells.badge("info", str(_("公开"))) if record.is_open else cells.badge("quiet", str(_("不公开")))
        )

    def render_sent(self, value: int) -> str:
        return cells.whole(value)

    def render_read(self, value: int) -> str:
        return cells.whole(value)


class DeliveryTable(Table):
    """Who has received a notice, and when it was read."""

    caption = _("送达情况")
    empty_title = _("这份通知没有发给个人")
    empty_text_long = _("公开通知可以不指定接收人。")

    person = django_tables2.Column(verbose_name=_("接收人"), accessor="pk", orderable=False)
    read_at = django_tables2.Column(verbose_name=_("状态"), empty_values=(), order_by=("read_at", "id"))

    class Meta(Table.Meta):
        order_by: ClassVar = ("-read_at",)

    def render_person(self, record: Delivery) -> str:
        return str(record.guardian or record.user)

    def render_read_at(self, record: Delivery) -> SafeString:
        return cells.badge("good", str(_("已读"))) if record.read_at else cells.badge("quiet", str(_("未读")))
