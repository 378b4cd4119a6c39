"""What the lists of the books share: cards on a phone, names for who may see them, words, states, links."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import django_tables2
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.pages import cells
from afterbell.pages.tables import Table as AnyTable
from schools.finance import accounts
from schools.finance.models import Account
from schools.notices.news import Reach
from schools.planning.models import CostKind


class Table(AnyTable):
    """The clerk and the treasurer work through these lists, on phones too."""

    stacks = True


def account_word(account: Account) -> str:
    """An account in words; a family by its agreement's number, never by a name."""
    if account.agreement is not None:
        return str(_("家庭 %(number)s")) % {"number": account.agreement.number}
    if account.code == accounts.CASH:
        return str(_("资金"))
    if account.code == accounts.FEES:
        return str(_("服务收费"))
    return str(CostKind(account.code.removeprefix(accounts.COST)).label)


def reach_word(reach: Reach) -> str:
    """How many families have read it, of how many; who has to be told on paper."""
    said = _("%(read)s / %(families)s 户")
    paper = _("%(read)s / %(families)s 户（%(nobody)s 户没有能登录的家长，请书面告知）")
    given = {"read": reach.read, "families": reach.families, "nobody": reach.nobody}
    return str(paper if reach.nobody else said) % given


class OfChild(Table):
    """Names of children are for those who may see pupils."""

    def __init__(self, *args: Any, with_names: bool = False, **options: Any) -> None:
        hidden = () if with_names else ("child",)
        super().__init__(*args, exclude=(*options.pop("exclude", ()), *hidden), **options)

    def render_child(self, record: Any) -> str:
        pupil = record.agreement.pupil
        return f"{pupil.name}（{pupil.school_class.name}）"


def child_column() -> django_tables2.Column:
    return django_tables2.Column(
        verbose_name=_("学生"), accessor="agreement__pupil__name", order_by=("agreement__pupil__name", "id")
    )


def number_column() -> django_tables2.Column:
    return django_tables2.Column(
        verbose_name=_("协议编号"), accessor="agreement__number", order_by=("agreement__number", "id")
    )


class StateColumn(django_tables2.Column):  # type: ignore[misc]  # the library ships no types
    """A state as a badge; `look` says how each one looks (pages/parts/badge.html)."""

    def __init__(self, look: Mapping[str, str]) -> None:
        super().__init__(verbose_name=_("状态"), order_by=("state", "id"))
        self.look = look

    def render(self, record: Any, value: str) -> SafeString:
        return cells.badge(self.look[record.state], value)


def link(page: str, key: UUID, word: str | Promise) -> SafeString:
    """To the page of a row."""
    return format_html('<a href="{}">{}</a>', reverse(page, args=[key]), word)
