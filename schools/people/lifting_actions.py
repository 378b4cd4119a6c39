"""Writes that end a denial (S24): never one hand's. The office asks with a reason; who decides stands in deciding.

A denied adult has no rights over the child after it either: they are given anew, one by one.
"""

from datetime import datetime

from django.db import transaction

from afterbell.accounts.models import User
from afterbell.audit.actions import record
from schools.people import telling, ties
from schools.people.models import AdultQuestion, ChangeKind, Tie
from schools.people.refusals import AskedAlready, NotDenied


def ask_to_lift(*, tie: Tie, reason: str, by: User, now: datetime) -> AdultQuestion:
    """The denial stays until the yes. Also for a child who has left.

    Raises NotDenied, AskedAlready, OwnAccount, OwnChild.
    """
    with transaction.atomic():
        locked = ties.locked(tie)
        ties.refuse_offices_own(locked, by)
        if not locked.is_denied:
            raise NotDenied
        if AdultQuestion.objects.filter(tie=locked, answered_at=None).exists():
            raise AskedAlready  # under the child's lock: two clerks stand in one line
        adult = locked.guardian
        asked = AdultQuestion(
            pupil=locked.pupil, tie=locked, name=adult.name, phone=adult.phone, relation=locked.relation,
            why=reason, by=by, at=now,
        )  # fmt: skip
        asked.save(force_insert=True)
        record(verb="people.tie.ask_lift", target=locked, by=by, at=now, details={"pupil": locked.pupil_id})
        telling.asked(question=asked, by=by, now=now)
    return asked


def lift(*, question: AdultQuestion, by: User, now: datetime) -> None:
    """Only within answer: the yes of somebody else than who asked. The denial's history stays."""
    with transaction.atomic():
        if question.tie is None:
            raise NotDenied
        locked = ties.locked(question.tie)
        ties.refuse_own(locked, by)
        if not locked.is_denied:
            raise NotDenied
        ties.set_to(locked, now=now, is_denied=False, denied_reason="")
        ties.keep(ChangeKind.LIFTED, locked, question.why, by, now)
        record(
            verb="people.tie.lift_denial", target=locked, by=by, at=now, details={"pupil": locked.pupil_id}
        )
        telling.lifted(tie=locked, by=by, now=now)
