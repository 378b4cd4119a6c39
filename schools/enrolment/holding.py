"""What a deed of enrolment holds while it decides: children, plans, applications and agreements, in this order.

All rows of a deed are locked here at once and read again; no deed decides on the object that it was handed. Whoever
moves a place holds the plan, and with it the queue: other applications of the plan change under that lock alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from afterbell.kernel import locks
from schools.enrolment.models import Agreement, Application, Supplement
from schools.people.models import Pupil
from schools.planning.models import Plan


@dataclass(frozen=True)
class Held:
    """By key; each row carries its locked child and plan, an agreement its locked application too."""

    applications: dict[UUID, Application]
    agreements: dict[UUID, Agreement]


def hold(*, applications: Iterable[Application] = (), agreements: Iterable[Agreement] = ()) -> Held:
    """Lock these and everything above them."""
    forms, signed = list(applications), list(agreements)
    both: list[Application | Agreement] = [*forms, *signed]
    for row in both:
        row.ensure_home()
    pupils = {row.pk: row for row in locks.locked_rows(Pupil, {row.pupil_id for row in both})}
    plans = {row.pk: row for row in locks.locked_rows(Plan, {row.plan_id for row in both})}
    wanted = {row.pk for row in forms} | {row.application_id for row in signed}
    held = Held(
        {row.pk: row for row in locks.locked_rows(Application, wanted)},
        {row.pk: row for row in locks.locked_rows(Agreement, [row.pk for row in signed])} if signed else {},
    )
    again: list[Application | Agreement] = [*held.applications.values(), *held.agreements.values()]
    for found in again:
        found.pupil, found.plan = pupils[found.pupil_id], plans[found.plan_id]
    for agreement in held.agreements.values():
        agreement.application = held.applications[agreement.application_id]
    return held


def application(row: Application) -> Application:
    return hold(applications=[row]).applications[row.pk]


def agreement(row: Agreement) -> Agreement:
    return hold(agreements=[row]).agreements[row.pk]


def supplement(row: Supplement) -> Supplement:
    """With its locked application, and that with its child, plan and agreement as they are now."""
    row.ensure_home()
    above = application(Application.objects.get(pk=row.application_id))
    found = locks.locked_rows(Supplement, [row.pk]).get()
    found.application = above
    return found
