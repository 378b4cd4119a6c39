"""Writes of staff who are adults of a child (S1): asked of a signing guardian, or decided by two where there is none.

A member of staff with the right to sign could apply in a parent's place. So the office only asks; the guardian answers on
the own page. Where no guardian can sign yet (the first adult of a teacher's own child) the office asks and the
principal decides with a reason; for the principal's own child, the deputy. So it is where no guardian can sign any more,
whoever the new one is: ending the old ones and naming a new one is not one hand's.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.audit.actions import record
from afterbell.kernel import locks
from schools.people import adult_actions, deciding, denials, lifting_actions, rows, telling, ties
from schools.people.models import AdultQuestion, Pupil, Relation, Tie
from schools.people.refusals import (
    Answered,
    AskedAlready,
    NoDecisionReason,
    NoSignerLeft,
    NumberNeeded,
    OwnAccount,
    StaffNumber,
)
from schools.people.rights import Rights

LEAST_REASON = 4
"""Signs of a reason; "同意" is none."""


def add_or_ask(
    *,
    pupil: Pupil,
    name: str,
    phone: str,
    relation: Relation,
    may_sign: bool,
    may_collect: bool,
    by: User,
    now: datetime,
) -> Tie | AdultQuestion:
    """An adult more by the office: tied at once, or asked about.

    Asked about is a member of staff, and who is to sign for a child whose signing adults are all gone.
    """
    try:
        return adult_actions.add_adult(
            pupil=pupil, name=name, phone=phone, relation=relation, may_sign=may_sign,
            may_collect=may_collect, by=by, now=now,
        )  # fmt: skip
    except (StaffNumber, NoSignerLeft):
        return ask_guardians(
            pupil=pupil, name=name, phone=phone, relation=relation, may_sign=may_sign,
            may_collect=may_collect, by=by, now=now,
        )  # fmt: skip


def change_or_ask(
    *,
    tie: Tie,
    before: Rights,
    relation: Relation,
    may_sign: bool,
    may_collect: bool,
    reason: str,
    by: User,
    now: datetime,
) -> AdultQuestion | None:
    """Other rights of an adult by the office; more for staff, or a right to sign after all signers left, is asked about."""
    try:
        adult_actions.change_rights(
            tie=tie, before=before, relation=relation, may_sign=may_sign, may_collect=may_collect,
            reason=reason, by=by, now=now,
        )  # fmt: skip
    except (StaffNumber, NoSignerLeft):
        return ask_guardians(
            pupil=tie.pupil, name=tie.guardian.name, phone=tie.guardian.phone, relation=relation,
            may_sign=may_sign, may_collect=may_collect, by=by, now=now, why=reason,
        )  # fmt: skip
    return None


def ask_guardians(
    *,
    pupil: Pupil,
    name: str,
    phone: str,
    relation: Relation,
    may_sign: bool,
    may_collect: bool,
    by: User,
    now: datetime,
    why: str = "",
) -> AdultQuestion:
    """Nobody is tied yet, or has no more rights yet: the signing guardians are told and asked. `why`: for other rights.

    Raises DeniedBefore, AskedAlready, OwnAccount, OwnChild, NumberNeeded: by a name alone nobody is asked about.
    """
    if not phone:
        raise NumberNeeded(name=name)
    if by.phone == phone:
        raise OwnAccount
    ties.refuse_no_kin(relation, may_sign=may_sign)
    with transaction.atomic():
        row = rows.on_roll(pupil)
        ties.refuse_own_child(row, by)
        denials.refuse(pupil=row, name=name, phone=phone)
        adult_actions.refuse_anothers(name, phone)
        asked = AdultQuestion(
            pupil=row, name=name, phone=phone, relation=relation, may_sign=may_sign, may_collect=may_collect,
            why=why, by=by, at=now,
        )  # fmt: skip
        if AdultQuestion.objects.filter(pupil=row, phone=phone, answered_at=None).exists():
            raise AskedAlready  # under the child's lock: two clerks stand in one line
        asked.save(force_insert=True)
        record(verb="people.adult.ask", target=asked, by=by, at=now, details={"pupil": row.pk})
        telling.asked(question=asked, by=by, now=now)
    return asked


def answer(
    *, question: AdultQuestion, is_yes: bool, by: User, now: datetime, reason: str = ""
) -> AdultQuestion:
    """The first answer counts. A yes ties the adult with the rights that were asked for, or ends the denial that the
    question is about; all who sign are told.
    """
    question.ensure_home()
    said = " ".join(reason.split())[:200]
    with transaction.atomic():
        child = locks.locked_rows(Pupil, [question.pupil_id]).get()
        row = AdultQuestion.objects.select_related("by", "answered_by").get(pk=question.pk)
        row.pupil = child
        is_decision = deciding.decides(row, by, now)
        if is_decision and len(said) < LEAST_REASON:
            raise NoDecisionReason(least=LEAST_REASON)
        if row.answered_at is not None:
            raise Answered(**deciding.said_by(row))
        if is_yes and not is_decision:
            deciding.refuse_over_a_no(row, by)
        fresh = AdultQuestion.objects.filter(pk=row.pk, answered_at=None).update(
            is_yes=is_yes, is_decision=is_decision, reason=said, answered_by=by, answered_at=now
        )
        if not fresh:
            raise RuntimeError("a question was answered without its child's lock")
        row.is_yes, row.is_decision, row.reason = is_yes, is_decision, said
        row.answered_by, row.answered_at = by, now
        details = {"yes": is_yes, "decision": is_decision, "pupil": child.pk}
        record(verb="people.adult.answer", target=row, by=by, at=now, details=details)
        if is_yes and row.tie_id is not None:
            lifting_actions.lift(question=row, by=by, now=now)  # a lifted denial is told as such
            return row
        if is_yes:
            _tie(row, by, now)
        telling.answered(question=row, by=by, now=now)
    return row


def _tie(row: AdultQuestion, by: User, now: datetime) -> None:
    relation = Relation(row.relation)
    try:
        held = Tie.objects.filter(pupil=row.pupil, guardian__phone=row.phone)
        tie = held.select_related("guardian", "pupil").first()
        if tie is not None and tie.ended_at is None and not tie.is_denied:
            rights = {"may_sign": row.may_sign, "may_collect": row.may_collect}
            reason = row.why or row.reason or str(_("监护人已同意"))
            adult_actions.widen_rights(tie=tie, relation=relation, **rights, reason=reason, by=by, now=now)
            return
        adult_actions.tie_adult(
            pupil=row.pupil, name=row.name, phone=row.phone, relation=relation,
            rights=(row.may_sign, row.may_collect), by=by, now=now,
        )  # fmt: skip
    except denials.DeniedBefore as refusal:  # by whom and why is the office's to know
        raise denials.Denied from refusal
