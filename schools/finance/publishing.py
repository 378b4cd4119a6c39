"""How a statement leaves the room: a notice to every family with an agreement, and an envelope to the city."""

from datetime import datetime, time
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.kernel.dates import local_date
from schools.enrolment.models import Agreement
from schools.enrolment.states import AgreementState
from schools.finance.models import Statement
from schools.finance.statements import KINDS, Month
from schools.notices import actions as notices
from schools.notices.models import NoticeKind
from schools.people.models import Guardian, Tie
from tenants.exchange import actions as exchange
from tenants.exchange.models import EnvelopeKind


def publish_notice(*, kind: NoticeKind, title: str, body: str, by: User, now: datetime) -> UUID:
    """An open notice, delivered to every adult of a child with an active agreement."""
    pupils = Agreement.objects.filter(state=AgreementState.ACTIVE).values("pupil")
    ties = Tie.objects.filter(pupil__in=pupils, ended_at=None, is_denied=False)
    adults = Guardian.objects.filter(pk__in=ties.values("guardian")).order_by("pk")
    notice = notices.publish(kind=kind, title=title, body=body, to=adults, is_open=True, by=by, now=now)
    return notice.pk


def send_statement(statement: Statement, month: Month, *, by: User, now: datetime) -> None:
    """To the city: sums, hash and dates; no expenditure's words, nothing about a family."""
    due_at = timezone.make_aware(datetime.combine(statement.due_date, time.max.replace(microsecond=0)))
    exchange.send(
        kind=EnvelopeKind.STATEMENT,
        subject=_("%(month)s 收支公示") % {"month": statement.month},
        payload={
            "term_code": statement.term_code,
            "month": statement.month,
            "opening_fen": statement.opening_fen,
            "received_fen": statement.received_fen,
            "spent_fen": statement.spent_fen,
            "refunded_fen": statement.refunded_fen,
            "closing_fen": statement.closing_fen,
            "sha256": statement.sha256,
            "due_date": statement.due_date.isoformat(),
            "published_date": local_date(now).isoformat(),
            "spent": [
                {"kind": kind, "amount_fen": month.spent_on(kind)} for kind in KINDS if month.spent_on(kind)
            ],
        },
        due_at=due_at,
        by=by,
        now=now,
    )
