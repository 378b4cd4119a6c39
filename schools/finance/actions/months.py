"""Closing a month: its statement is written, hashed and published in one step, and never changes again (S36, S43)."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel.dates import Month, local_date
from afterbell.kernel.errors import Refused
from afterbell.kernel.ids import uuid7
from afterbell.kernel.money import Fen, format_fen
from afterbell.outbox.actions import mark
from schools.finance import ending, gathering, ledger, publishing, rules, statements
from schools.finance.models import Statement
from schools.finance.written import WRITTEN_IN
from schools.notices.models import NoticeKind
from tenants.models import Term


class MonthNotOver(Refused):
    """A month is closed after its last day; the term's last one once the service is over and settled soon."""

    code = "finance.month_not_over"
    message = _("%(month)s 还没有结束，%(last)s 之后才能月结。")


class NoSuchMonth(Refused):
    """Neither a word nor a thirteenth month."""

    code = "finance.no_such_month"
    message = _("“%(month)s”不是月份。请按“2026-09”这样填写。")
    status = 400


class MonthOutsideTerm(Refused):
    """Books are closed from the term's first month to its last, and later where something was booked later."""

    code = "finance.month_outside_term"
    message = _("%(month)s 不在学期 %(term)s 的月份（%(first)s 至 %(last)s）之内，没有可以月结的账。")


class MonthOutOfOrder(Refused):
    """The opening of a month is the closing of the one before."""

    code = "finance.month_out_of_order"
    message = _("请先月结 %(earlier)s，再月结 %(month)s。")


class AlreadyClosed(Refused):
    """Closed once, never edited."""

    code = "finance.month_already_closed"
    message = _("%(month)s 已经月结公示，不能重复月结。")


class StatementMoved(Refused):
    """Something was booked since the page was shown: nobody publishes what they have not seen."""

    code = "finance.statement_moved"
    message = _("打开页面之后账目有变动，没有月结。请核对新的内容后再确认。")


@override(WRITTEN_IN)
def close_month(
    *, term_code: str, month: str, by: User, now: datetime, shown: str | None = None
) -> Statement:
    """Close, publish to every family with an agreement and to the public, and send the sums to the city.

    `shown` is the digest of the text that the person said yes to (statements.sha256_of): another one is refused.
    What is asked for or paid afterwards has its place in the next month (ledger.open_month). Raises StatementMoved,
    and what to_close raises.
    """
    term, school = rules.term(term_code), rules.school_here()
    with transaction.atomic():
        ledger.lock_books()
        named = to_close(term, month, local_date(now))
        days = rules.policy_on(named.period.last).policy.deadlines.statement_days
        first = ending.first_month(ending.served(term), gathering.months_with_postings(term_code))
        found = gathering.month_of_books(school.code, term_code, month)
        text = statements.text_of(found)
        if shown is not None and shown != statements.sha256_of(text):
            raise StatementMoved
        statement = Statement(
            id=uuid7(),
            term_code=term_code,
            month=month,
            text=text,
            sha256=statements.sha256_of(text),
            opening_fen=found.opening,
            received_fen=found.received,
            spent_fen=found.spent_all,
            refunded_fen=found.refunded,
            closing_fen=found.closing,
            ledger_position=found.position,
            due_date=gathering.due_day(named, days, first or named),
            published_at=now,
        )
        title = gettext("%(month)s 课后服务收支公示") % {"month": month}
        statement.notice_id = publishing.publish_notice(
            kind=NoticeKind.STATEMENT, title=title, body=_body(statement), by=by, now=now
        )
        statement.save(force_insert=True)
        publishing.send_statement(statement, found, by=by, now=now)
        mark(now=now, months=[month], terms=[term_code])
        details = {"month": month, "closing_fen": statement.closing_fen, "sha256": statement.sha256}
        audit.record(verb="finance.month.close", target=statement, by=by, at=now, details=details)
    return statement


def to_close(term: Term, month: str, today: date) -> Month:
    """The month, as one that may be closed today. Raises NoSuchMonth, MonthOutsideTerm, MonthNotOver,
    AlreadyClosed, MonthOutOfOrder."""
    named, first, last = rules.month_named(month), Month.of(term.first_date), Month.of(term.last_date)
    if named is None:
        raise NoSuchMonth(month=month[:20])
    if named < first or (named > last and month not in gathering.months_with_postings(term.code)):
        raise MonthOutsideTerm(month=month, term=term.code, first=str(first), last=str(last))
    closed = gathering.closed_months(term.code)
    if month in closed:
        raise AlreadyClosed(month=month)
    if today <= named.period.last and not ending.is_last_month_over(term, named, today):
        raise MonthNotOver(month=month, last=named.period.last)
    _refuse_order(closed, named, term)
    return named


def _refuse_order(closed: list[str], named: Month, term: Term) -> None:
    """From the term's first month on: what was booked before it is in that month's opening, never a month of its own. After
    its last one, those in which something was booked.
    """
    within = [str(month) for month in rules.days_of(term).months()]
    later = [month for month in gathering.months_with_postings(term.code) if month > within[-1]]
    for earlier in [*within, *later]:
        if earlier < str(named) and earlier not in closed:
            raise MonthOutOfOrder(earlier=earlier, month=str(named))


def _body(statement: Statement) -> str:
    sums = {
        "opening": format_fen(Fen(statement.opening_fen)),
        "received": format_fen(Fen(statement.received_fen)),
        "spent": format_fen(Fen(statement.spent_fen)),
        "refunded": format_fen(Fen(statement.refunded_fen)),
        "closing": format_fen(Fen(statement.closing_fen)),
        "month": statement.month,
        "sha256": statement.sha256,
    }
    return (
        gettext(
            "%(month)s 课后服务收支：期初 %(opening)s，收入 %(received)s，支出 %(spent)s，"
            "退费 %(refunded)s，期末 %(closing)s。"
            "明细和核对方法见本校公开账目。校验码（SHA-256）：%(sha256)s"
        )
        % sums
    )
