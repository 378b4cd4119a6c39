"""Writes of the adults of a child: who they are to it and what they may do (S24)."""

from copy import copy
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel import locks
from schools.people import denials, logins, naming, queries, rows, telling, ties
from schools.people.denials import Denied, DeniedBefore, DeniedNow
from schools.people.models import ChangeKind, Guardian, Pupil, Relation, Tie
from schools.people.refusals import (
    AlreadyTied,
    AnotherName,
    CorrectedMeanwhile,
    NoSignerLeft,
    NotACollector,
    NothingToCorrect,
    NotYourChild,
    NumberNeeded,
    OwnAccount,
    StaffNumber,
)
from schools.people.rights import Rights


def add_adult(
    *,
    pupil: Pupil,
    name: str,
    phone: str,
    relation: Relation,
    may_sign: bool,
    may_collect: bool,
    by: User,
    now: datetime,
) -> Tie:
    """An adult of a child, by the office; the adult can log in from now on.

    Staff only as staff_actions has it, and who signs where the last one who did has gone.
    """
    if by.phone == phone:
        raise OwnAccount
    if queries.is_staffs(phone, name):
        raise StaffNumber
    with transaction.atomic():
        row = rows.on_roll(pupil)
        ties.refuse_own_child(row, by)
        denials.refuse(pupil=row, name=name, phone=phone)
        if may_sign or may_collect:
            _refuse_taken_over(row)
        return tie_adult(
            pupil=row,
            name=name,
            phone=phone,
            relation=relation,
            rights=(may_sign, may_collect),
            by=by,
            now=now,
        )


def add_collector(*, pupil: Pupil, name: str, phone: str, relation: Relation, by: User, now: datetime) -> Tie:
    """Somebody more who may collect the child, named by an adult who may sign (S24).

    Who denied an adult and why is the school's to know: a parent hears only that it can't be done.
    """
    with transaction.atomic():
        rows.on_roll(pupil)
        _guard_signer(pupil, by)
        try:
            return tie_adult(
                pupil=pupil, name=name, phone=phone, relation=relation, rights=(False, True), by=by, now=now
            )
        except DeniedBefore as refusal:
            raise Denied from refusal


def remove_collector(*, tie: Tie, by: User, now: datetime) -> None:
    """The adult who may sign takes a collector off again; other guardians and denials are the school's business."""
    with transaction.atomic():
        try:
            live = ties.live(tie)
        except DeniedNow as refusal:
            raise Denied from refusal
        _guard_signer(live.pupil, by)
        if live.may_sign:
            raise NotACollector
        _end(tie, live, str(_("监护人删除了接送人")), by, now)


def change_rights(
    *,
    tie: Tie,
    before: Rights,
    relation: Relation,
    may_sign: bool,
    may_collect: bool,
    reason: str,
    by: User,
    now: datetime,
) -> None:
    """What an adult is to the child and may do, with its line of history; the signing adults hear of it (S24).

    `before` is what the office saw: an old page gives no right back. Raises Ended, DeniedNow, OwnAccount, OwnChild,
    CorrectedMeanwhile, NothingToCorrect; for more rights StaffNumber, NoSignerLeft, DeniedBefore, NumberNeeded.
    """
    with transaction.atomic():
        live = ties.live_unlocked(tie)
        ties.refuse_offices_own(live, by)
        there, wanted = Rights.of(live), Rights(Relation(relation), may_sign, may_collect)
        if there != before:
            raise CorrectedMeanwhile(now=there.said)
        if there == wanted:
            raise NothingToCorrect
        if wanted.gains_over(there):
            if queries.is_staffs(live.guardian.phone, live.guardian.name):
                raise StaffNumber
            _refuse_taken_over(live.pupil)
        _change_rights(tie, ties.live(tie), wanted, reason, by, now)


def widen_rights(
    *,
    tie: Tie,
    relation: Relation,
    may_sign: bool,
    may_collect: bool,
    reason: str,
    by: User,
    now: datetime,
) -> None:
    """As change_rights, once a guardian has said yes to what a member of staff asks for; nothing is taken away."""
    with transaction.atomic():
        live = ties.live(tie)
        wanted = Rights(Relation(relation), live.may_sign or may_sign, live.may_collect or may_collect)
        if wanted != Rights.of(live):
            _change_rights(tie, live, wanted, reason, by, now)


def deny(*, tie: Tie, reason: str, by: User, now: datetime) -> None:
    """The adult must not come near the child: a court's order, a guardian's request (S24). All rights end.

    A person is denied, not a number: ties of the child to the same name under other numbers are denied with it.
    """
    with transaction.atomic():
        live = ties.live(tie)
        same = locks.locked_rows(
            Tie, [row.pk for row in denials.same_person(live)], also=("guardian", "pupil")
        )
        signed = []
        for row in [live, *(row for row in same if row.pk != live.pk)]:
            ties.refuse_offices_own(row, by)
            signed.append(copy(row))
            ties.set_to(row, now=now, is_denied=True, denied_reason=reason, may_sign=False, may_collect=False)
            ties.keep(ChangeKind.DENIED, row, reason, by, now)
            audit.record(verb="people.tie.deny", target=row, by=by, at=now, details={"pupil": row.pupil_id})
        telling.denied(tie=live, by=by, now=now)
        for row in signed:
            ties.signs_no_longer(row, by, now)
        locks.follow(tie, live)


def end_tie(*, tie: Tie, reason: str, by: User, now: datetime) -> None:
    """The adult has nothing to do with the child any more. A denial is lifted first: it must not vanish by the way."""
    with transaction.atomic():
        live = ties.live(tie)
        ties.refuse_offices_own(live, by)
        _end(tie, live, reason, by, now)


def tie_adult(
    *,
    pupil: Pupil,
    name: str,
    phone: str,
    relation: Relation,
    rights: tuple[bool, bool],
    by: User,
    now: datetime,
) -> Tie:
    """What every way to a new adult ends in. `rights`: to sign, to collect."""
    ties.refuse_no_kin(relation, may_sign=rights[0])
    with transaction.atomic():
        row = rows.on_roll(pupil)
        denials.refuse(
            pupil=row, name=name, phone=phone
        )  # its row is locked: a denial at the same moment waits, or was first
        guardian = _guardian(name, phone, by, now)
        tie = locks.lockable(Tie.objects.filter(guardian=guardian, pupil=pupil)).first()
        if tie is None:
            tie = Tie(
                guardian=guardian, pupil=pupil, relation=relation, may_sign=rights[0], may_collect=rights[1]
            )
            tie.save(force_insert=True)
        elif tie.ended_at is None:
            raise AlreadyTied
        else:
            ties.set_to(
                tie, now=now, ended_at=None, relation=relation, may_sign=rights[0], may_collect=rights[1]
            )
        audit.record(
            verb="people.tie.add",
            target=tie,
            by=by,
            at=now,
            details={"pupil": pupil.pk, "signs": rights[0], "collects": rights[1]},
        )
        tie.guardian, tie.pupil = guardian, row
        telling.new_adult(tie=tie, by=by, now=now)
    return tie


def _end(tie: Tie, live: Tie, reason: str, by: User, now: datetime) -> None:
    """With its line of history; the adult and who signs hear of it."""
    ties.set_to(tie, now=now, ended_at=now, may_sign=False, may_collect=False)
    ties.keep(ChangeKind.ENDED, live, reason, by, now)
    audit.record(verb="people.tie.end", target=tie, by=by, at=now, details={"pupil": tie.pupil_id})
    telling.ended(tie=live, by=by, now=now)
    ties.signs_no_longer(live, by, now)


def _change_rights(tie: Tie, live: Tie, wanted: Rights, reason: str, by: User, now: datetime) -> None:
    there = Rights.of(live)
    ties.refuse_no_kin(wanted.relation, may_sign=wanted.may_sign)
    if wanted.may_sign and not live.guardian.phone:
        raise NumberNeeded(name=live.guardian.name, field="may_sign")
    if wanted.gains_over(there):
        denials.refuse(pupil=live.pupil, name=live.guardian.name, phone=live.guardian.phone)
    ties.set_to(
        tie,
        now=now,
        relation=wanted.relation,
        may_sign=wanted.may_sign,
        may_collect=wanted.may_collect,
    )
    ties.keep(ChangeKind.RIGHTS, live, reason, by, now, before=there.packed, after=wanted.packed)
    audit.record(
        verb="people.tie.change",
        target=tie,
        by=by,
        at=now,
        details={"pupil": tie.pupil_id, **wanted.details, "was": there.details},
    )
    telling.changed_rights(tie=live, wanted=wanted, by=by, now=now)
    if not wanted.may_sign:
        ties.signs_no_longer(live, by, now)


def _guardian(name: str, phone: str, by: User, now: datetime) -> Guardian:
    """The adult of this phone, with a login. Two clerks who enter one adult at once wait for each other here."""
    Guardian.objects.bulk_create([Guardian(name=name, phone=phone)], ignore_conflicts=True)
    guardian: Guardian = locks.lockable(Guardian.objects.filter(phone=phone)).get()
    if not naming.same(guardian.name, name):
        raise AnotherName
    refuse_anothers(name, phone)
    logins.give([guardian], by=by, now=now)
    guardian.save(update_fields=["user"])
    return guardian


def refuse_anothers(name: str, phone: str) -> None:
    """An account has the number under another name: a slip of the pen would tie that person. Raises AnotherName."""
    owner = User.objects.filter(phone=phone).values_list("name", flat=True).first()
    if owner is not None and not naming.same(owner, name):
        raise AnotherName


def _guard_signer(pupil: Pupil, by: User) -> None:
    guardian = queries.guardian_of(by)
    if guardian is None or not queries.may_sign(guardian, pupil):
        raise NotYourChild


def _refuse_taken_over(pupil: Pupil) -> None:
    """Under the child's lock: an end at the same moment waits, or was first."""
    if queries.lost_signers(Tie.objects.filter(pupil=pupil)):
        raise NoSignerLeft
