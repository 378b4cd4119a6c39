"""Who says the second yes about an adult of a child (S1, S24): a signing guardian, or the school where none can."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.kernel.dates import ONE_DAY, Period, local_date
from schools.people import answerers, naming, queries
from schools.people.models import AdultQuestion
from schools.people.refusals import AnothersNo, NotYourAnswer
from tenants import calendar
from tenants.exchange.queries import school_here
from tenants.policies import queries as policies
from tenants.policies.documents import Deadlines


class Decider(models.TextChoices):
    """Whose answer a question waits for, as its badge says."""

    GUARDIAN = "guardian", _("等监护人确认")
    HEAD = "head", _("等校长决定")
    DEPUTY = "deputy", _("等副组长决定")


def decider(row: AdultQuestion, now: datetime | None = None) -> Decider:
    """Whose answer it waits for; without a moment, as when it was asked.

    A guardian's no to the end of a denial is not the last word, because a court's order binds the school: asked again,
    it is the school's two hands. So it is when no guardian has answered in time; theirs counts still, if it is first.
    What concerns the head or the head's child, or is asked by the head, is the deputy's.
    """
    is_late = now is not None and _is_overdue(row, now)
    if not is_late and not queries.was_refused(row) and answerers.of(row):
        return Decider.GUARDIAN
    return Decider.DEPUTY if _is_heads(row) else Decider.HEAD


def decides(row: AdultQuestion, by: User, now: datetime) -> bool:
    """False for a guardian's own yes or no, True for the school's decision. Raises NotYourAnswer."""
    if by.pk == row.by_id or queries.is_the_person(by, row):
        raise NotYourAnswer
    if not queries.was_refused(row) and answerers.is_one(row, by.pk):
        return False
    whose = decider(row, now)
    if whose is Decider.GUARDIAN:
        raise NotYourAnswer
    if _is_own_child(row, by):
        raise NotYourAnswer
    needed = Permission.LEADERS_ASSIGN if whose is Decider.HEAD else Permission.ENROLMENT_REVIEW_SCHOOL
    if not by.has(needed):
        raise NotYourAnswer
    return True


def refuse_over_a_no(row: AdultQuestion, by: User) -> None:
    """A guardian's own yes to an adult whom another one has said no to, and not yes since. Raises AnothersNo.

    Whoever signs no longer is not asked any more; the school decides over it with a reason, once nobody has answered in
    time.
    """
    for said in noes_before(row):
        if said.answered_by_id != by.pk:
            raise AnothersNo(**said_by(said))


def noes_before(row: AdultQuestion) -> list[AdultQuestion]:
    """The last answers of who may sign now about this number (or name) and child, where they were a no. One query."""
    if row.tie_id is not None:
        return []  # asked again, the end of a denial is not one guardian's (decider)
    signing = queries.signers_but(row.pupil, row.phone).values("user")
    rows = AdultQuestion.objects.filter(
        pupil=row.pupil_id, tie=None, is_decision=False, answered_by__in=signing
    ).exclude(pk=row.pk)
    last = {
        said.answered_by_id: said
        for said in rows.select_related("answered_by").order_by("answered_at", "pk")
        if said.phone == row.phone or naming.same(said.name, row.name)
    }
    return [said for said in last.values() if said.is_yes is False]


def said_by(row: AdultQuestion) -> dict[str, str]:
    """Who answered it, when and what, for a sentence."""
    said = gettext("同意") if row.is_yes else gettext("不同意")
    at = timezone.localtime(row.answered_at)
    return {
        "adult": row.answered_by.name if row.answered_by else "",
        "at": f"{at:%Y-%m-%d %H:%M}",
        "said": said,
    }


def may_answer(row: AdultQuestion, by: User, now: datetime) -> bool:
    """For pages: whether the buttons are shown."""
    if row.answered_at is not None:
        return False
    try:
        decides(row, by, now)
    except NotYourAnswer:
        return False
    return True


def may_decide(row: AdultQuestion, by: User, now: datetime) -> bool:
    """Whether the school's decision is this user's, because no guardian can be asked, or none has answered in time."""
    try:
        return decides(row, by, now)
    except NotYourAnswer:
        return False


@dataclass(frozen=True)
class Asked:
    """A question as a page shows it."""

    row: AdultQuestion
    may_answer: bool
    said: str
    """Whose answer it waits for, or who said what."""


def shown(rows: Iterable[AdultQuestion], user: User, now: datetime) -> list[Asked]:
    """In the given order."""
    return [
        Asked(
            row,
            may_answer(row, user, now),
            _answered(row) if row.answered_at else str(decider(row, now).label),
        )
        for row in rows
    ]


def deadlines_of(row: AdultQuestion) -> Deadlines | type[Deadlines]:
    """Of the day of the question. Where no profile is in force, what one means that says nothing."""
    try:
        return policies.for_school(school_here(), local_date(row.at)).policy.deadlines
    except policies.NoPolicyInForce:
        return Deadlines


def _is_overdue(row: AdultQuestion, now: datetime) -> bool:
    """No guardian has answered on the profile's whole school days, or in its calendar days."""
    first, last = local_date(row.at) + ONE_DAY, local_date(now) - ONE_DAY
    if last < first:
        return False
    deadlines = deadlines_of(row)
    if now - row.at >= timedelta(days=deadlines.guardian_answer_most_days):
        return True
    try:
        days = len(calendar.school_days(first, last, school_here().district))
    except calendar.CalendarUnknown:
        days = sum(day.isoweekday() <= 5 for day in Period(first, last))
    return days >= deadlines.guardian_answer_school_days


def _answered(row: AdultQuestion) -> str:
    if row.is_decision:
        return gettext("学校已同意") if row.is_yes else gettext("学校不同意")
    return gettext("监护人已同意") if row.is_yes else gettext("监护人不同意")


def _is_heads(row: AdultQuestion) -> bool:
    return any(
        head.pk == row.by_id or queries.is_the_person(head, row) or _is_own_child(row, head)
        for head in queries.heads()
    )


def _is_own_child(row: AdultQuestion, user: User) -> bool:
    return queries.ties_of(user).filter(pupil=row.pupil_id).exists()
