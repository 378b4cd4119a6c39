"""A family's complaints to the bureau, from the school's host: written and read at the letterbox, never in the school.

The school's schema keeps no row, no audit entry and no mark of its own kind of them; its role could not read them.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.kernel.dates import local_date
from afterbell.kernel.waiting import Waiting
from afterbell.outbox.actions import mark
from schools.people import queries as people
from schools.people.models import Guardian
from schools.planning import queries as planning
from schools.voice import refusals
from tenants import context
from tenants.exchange.queries import school_here
from tenants.letterbox import family_actions, kept_out, queries
from tenants.letterbox.deadlines import due_after
from tenants.letterbox.family_actions import Sender, Wanted
from tenants.letterbox.models import Accused, BureauComplaint, Step
from tenants.letterbox.queries import Family
from tenants.models import School


@dataclass(frozen=True)
class Whole:
    """One complaint with its history, as the family sees it."""

    complaint: BureauComplaint
    steps: list[Step]
    has_officer: bool
    """False: it may be about everybody there who could handle it."""
    names_somebody: bool = False
    """Of one about the bureau: it knows from whom it is kept."""


def submit(*, school: School, key: UUID, wanted: Wanted, by: User, now: datetime) -> BureauComplaint:
    """By a guardian, straight to the bureau. Raises OnlyTheComplainant, NoTerm, NoText, KeyIsTaken."""
    guardian = people.guardian_of(by)
    if guardian is None or not by.has(Permission.COMPLAINTS_MAKE):
        raise refusals.OnlyTheComplainant
    term = planning.term_of_today(local_date(now))
    if term is None:
        raise refusals.NoTerm
    sender = Sender(Family(school.pk, guardian.pk, guardian.phone), guardian.name)
    due_at = due_after(school, now)
    with context.at_letterbox():
        made = family_actions.submit(
            key=key, sender=sender, wanted=wanted, term_code=term.code, due_at=due_at, now=now
        )
    mark(now=now, months=[f"{local_date(now):%Y-%m}"], terms=[term.code])
    return made


def add(*, complaint: BureauComplaint, text: str, by: User, now: datetime) -> None:
    """More words. Raises NoText, NotNow, NotYours."""
    family = _family(by)
    with context.at_letterbox():
        family_actions.add(complaint=complaint, family=family, text=text, now=now)


def reopen(*, complaint: BureauComplaint, text: str, by: User, now: datetime) -> None:
    """Not content with the bureau's answer. Raises NoText, NotNow, NotYours."""
    family, due_at = _family(by), due_after(school_here(), now)
    with context.at_letterbox():
        family_actions.reopen(complaint=complaint, family=family, text=text, due_at=due_at, now=now)


def close(*, complaint: BureauComplaint, by: User, now: datetime) -> None:
    """Content with the bureau's answer. Raises NotNow, NotYours."""
    family = _family(by)
    with context.at_letterbox():
        family_actions.close(complaint=complaint, family=family, now=now)


def follow_number(*, guardian: Guardian, before: str) -> None:
    """The owner has said, under the old number, that it is another one now (settings.NUMBER_CONFIRMED)."""
    family = Family(context.school_id(), guardian.pk, before)
    with context.at_letterbox():
        family_actions.follow_number(family=family, phone=guardian.phone)


def own(user: User) -> list[BureauComplaint]:
    """The user's own, the newest first; 200 at most."""
    guardian = people.guardian_of(user)
    if guardian is None:
        return []
    family = Family(context.school_id(), guardian.pk, guardian.phone)
    with context.at_letterbox():
        return list(queries.of_family(family).order_by("-submitted_at", "-pk")[:200])


def one(user: User, complaint_id: UUID) -> BureauComplaint:
    """Raises BureauComplaint.DoesNotExist for another family's, too."""
    guardian = people.guardian_of(user)
    if guardian is None:
        raise BureauComplaint.DoesNotExist
    family = Family(context.school_id(), guardian.pk, guardian.phone)
    with context.at_letterbox():
        return queries.family_complaint(family, complaint_id)


def whole(user: User, complaint_id: UUID) -> Whole:
    """With its history. Raises BureauComplaint.DoesNotExist for another family's, too."""
    found = one(user, complaint_id)
    with context.at_letterbox():
        steps = queries.steps_of(found)
    if found.accused != Accused.BUREAU and not found.accused_name:
        return Whole(found, steps, has_officer=True)
    with context.in_city():  # who works there, the letterbox does not know
        has_officer = queries.has_officer(found)
    return Whole(found, steps, has_officer, names_somebody=not kept_out.names_nobody(found.accused_name))


def look(*, complaint: BureauComplaint, now: datetime) -> None:
    """The family has opened it: what was news is none any more."""
    with context.at_letterbox():
        family_actions.look(complaint=complaint, now=now)


def waiting_for(user: User) -> list[Waiting]:
    """What the bureau did since the family last looked."""
    guardian = people.guardian_of(user)
    if guardian is None:
        return []
    family = Family(context.school_id(), guardian.pk, guardian.phone)
    with context.at_letterbox():
        found = queries.with_news(family)
    return [
        Waiting(
            _("您向教育局提出的投诉 %(number)s：%(state)s")
            % {"number": row.number, "state": row.get_state_display()},
            reverse("voice:own_letter", args=[row.pk]),
        )
        for row in found
    ]


def _family(by: User) -> Family:
    guardian = people.guardian_of(by)
    if guardian is None or not by.has(Permission.COMPLAINTS_MAKE):
        raise refusals.OnlyTheComplainant
    return Family(context.school_id(), guardian.pk, guardian.phone)
