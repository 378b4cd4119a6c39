"""Which further activity may be asked for under an agreement, and why not: reads alone, for the deed and for the pages."""

from datetime import datetime

from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from schools.enrolment import queries, refusals, reviewing, rules
from schools.enrolment.models import Agreement, ChosenActivity
from schools.enrolment.queries import Choosable
from schools.enrolment.states import AgreementState
from schools.planning.models import Activity


def refuse_over(agreement: Agreement, now: datetime) -> None:
    """Unless it runs today, and the plan and the child with it. Raises NotRunning, Closed, NotOnRoll."""
    if agreement.state != AgreementState.ACTIVE or local_date(now) > agreement.until_date:
        raise refusals.NotRunning(number=agreement.number)
    reviewing.refuse_late(agreement.plan, agreement.pupil, now)


def of_the_plan(agreement: Agreement, activity: Activity) -> Activity:
    """As it is now. Raises UnknownActivity."""
    activity.ensure_home()
    found: Activity | None = agreement.plan.activities.filter(pk=activity.pk).first()
    if found is None:
        raise refusals.UnknownActivity
    return found


def refuse_choice(agreement: Agreement, wanted: Activity) -> None:
    """Not chosen already, for this grade, and not at the time of something that the child has or waits for. Raises
    AlreadyChosen, WrongGrade, TimeTaken."""
    _refuse(agreement, wanted, _chosen(agreement))


def choosable(agreement: Agreement, now: datetime) -> list[Choosable]:
    """What may be asked for now; nothing where the agreement is over. Three queries."""
    chosen = _chosen(agreement)
    try:
        refuse_over(agreement, now)
    except Refused:
        return []
    found = queries.choosable(agreement.plan, agreement.pupil.school_class.grade)
    return [row for row in found if _is_free(agreement, row.activity, chosen)]


def _is_free(agreement: Agreement, wanted: Activity, chosen: list[ChosenActivity]) -> bool:
    try:
        _refuse(agreement, wanted, chosen)
    except Refused:
        return False
    return True


def _chosen(agreement: Agreement) -> list[ChosenActivity]:
    """What the child has or waits for, by the application and by its supplements."""
    rows = ChosenActivity.objects.filter(application=agreement.application_id, ended_at=None)
    return list(rows.select_related("activity").order_by("pk"))


def _refuse(agreement: Agreement, wanted: Activity, chosen: list[ChosenActivity]) -> None:
    for each in chosen:
        if each.activity_id == wanted.pk:
            raise refusals.AlreadyChosen(title=wanted.title, supplement_id=each.supplement_id)
    rules.check_choice([wanted], grade=agreement.pupil.school_class.grade)
    for each in chosen:
        if rules.is_same_time(each.activity, wanted):
            raise refusals.TimeTaken(title=wanted.title, other=each.activity.title)
