"""更正退出日期: where the roll has a child after the last day of its exit, the last day follows the roll (S36, S37)."""

from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from afterbell.accounts.models import User
from afterbell.audit.actions import record
from afterbell.kernel.strings import dotted
from schools.enrolment import holding, places, refusals
from schools.enrolment.models import Agreement
from schools.enrolment.states import AgreementState
from schools.people import queries as people

ONE_DAY: Final = timedelta(days=1)


def correct_exit(*, agreement: Agreement, by: User, now: datetime) -> Agreement:
    """The last day becomes the last one on which the roll has the child under this agreement: nobody types a day.

    A roll that is wrong is corrected at the roll, and then nothing is left to do here. What the fee makes of it is
    finance's, named in settings.AFTER_EXIT_CORRECTED. Raises StillRuns, OwnChild, NotSeenAfter, JoinedAgain.
    """
    with transaction.atomic():
        row = holding.agreement(agreement)
        if row.state == AgreementState.ACTIVE:
            raise refusals.StillRuns
        if people.ties_of(by).filter(pupil=row.pupil_id).exists():
            raise refusals.OwnChild(number=row.number)
        before = row.until_date if row.state == AgreementState.ENDED else row.from_date - ONE_DAY
        last: date | None = dotted(settings.SEEN_UNDER)(row.pk, after=before)
        if last is None:
            raise refusals.NotSeenAfter(date=before)
        _refuse_joined_again(row, before, last)
        row.state, row.until_date = AgreementState.ENDED, last
        row.save(update_fields=["state", "until_date"])
        places.marks(row.plan, now)
        details = {"number": row.number.lower(), "before": before, "last": last}
        record(verb="enrolment.agreement.correct_exit", target=row, by=by, at=now, details=details)
        for name in settings.AFTER_EXIT_CORRECTED:
            dotted(name)(agreement=row, by=by, now=now)
    return row


def _refuse_joined_again(row: Agreement, before: date, last: date) -> None:
    """Days of a second agreement are its own: under the child's lock nobody makes one meanwhile."""
    others = Agreement.objects.filter(pupil=row.pupil_id, from_date__lte=last, until_date__gt=before)
    other = others.exclude(pk=row.pk).exclude(state=AgreementState.VOID).order_by("from_date").first()
    if other is not None:
        raise refusals.JoinedAgain(number=other.number, date=other.from_date)
