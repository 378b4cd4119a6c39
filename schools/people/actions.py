"""Writes of people: pupils who join, move and leave, their adults and what these may do."""

from collections.abc import Collection
from datetime import date, datetime

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel import locks
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from afterbell.kernel.strings import dotted
from schools.people import denials, logins, marks, naming, queries, telling
from schools.people.denials import Denied, DeniedBefore
from schools.people.models import Change, ChangeKind, Guardian, Pupil, Relation, SchoolClass, Tie


class NumberTaken(Refused):
    """A pupil of the school has the 学籍号."""

    code = "people.number_taken"
    message = _("学籍号 %(number)s 已经有学生用了。如果是重新入校，请打开那位学生办理。")


class NotOnRoll(Refused):
    """The pupil has left."""

    code = "people.not_on_roll"
    message = _("这位学生已经离校。请先办理重新入校。")


class OnRoll(Refused):
    """The pupil has not left."""

    code = "people.on_roll"
    message = _("这位学生在校，不用办理入校。")


class SameClass(Refused):
    """A move to where the pupil is."""

    code = "people.same_class"
    message = _("这位学生已经在这个班。")


class WrongDay(Refused):
    """A day before joining, or after today."""

    code = "people.wrong_day"
    message = _("日期应在入学日期（%(first)s）和今天（%(last)s）之间。")


class SeenLater(Refused):
    """A last day before one on which the roll has the child: what is given back for the time after it would be untrue."""

    code = "people.seen_later"
    message = _(
        "%(name)s 在 %(day)s 还有到场记录，离校日期不能早于这一天。如果点名点错了，请先由带班领导更正。"
    )


class AnotherName(Refused):
    """The phone belongs to an adult of another name: a slip of the pen would give a stranger rights over the child."""

    code = "people.another_name"
    message = _("这个手机号在学校登记的是另一个姓名。请核对姓名和手机号。")


class AlreadyTied(Refused):
    """The adult is there already."""

    code = "people.already_tied"
    message = _("这位家长已经在名单里。")


class NotDenied(Refused):
    """There is no denial to lift."""

    code = "people.not_denied"
    message = _("这位成年人没有被禁止接走孩子。")


class Ended(Refused):
    """The tie was ended before."""

    code = "people.tie_ended"
    message = _("这位成年人和孩子的关系已经解除，请重新添加。")


class OwnAccount(Refused):
    """Staff give themselves no rights over a child."""

    code = "people.own_account"
    message = _("不能给自己登记孩子，请由另一位同事办理。")


class StaffNumber(Refused):
    """S1: a member of staff becomes a child's adult by the yes of a signing guardian (staff_actions)."""

    code = "people.staff_number"
    message = _("这个手机号是本校教职工的，要先由孩子可签字的监护人在自己的页面同意，才能登记权限。")


class NotYourChild(Refused):
    """Only an adult who may sign decides who collects."""

    code = "people.not_your_child"
    message = _("只有可以签字的监护人能决定谁来接孩子。")
    status = 403


class NotACollector(Refused):
    """Another guardian's rights are the school's business."""

    code = "people.not_a_collector"
    message = _("这位是孩子的监护人，不能在这里删除。请联系学校办公室。")


def admit_pupil(
    *, number: str, name: str, school_class: SchoolClass, joined_date: date, by: User, now: datetime
) -> Pupil:
    """A new pupil on the roll, still without adults."""
    today = local_date(now)
    with transaction.atomic():
        if Pupil.objects.filter(number=number).exists():
            raise NumberTaken(number=number)
        pupil = Pupil(number=number, name=name, school_class=school_class, joined_date=joined_date)
        try:
            with transaction.atomic():
                pupil.save(force_insert=True)
        except IntegrityError as error:  # another clerk, a moment ago
            raise NumberTaken(number=number) from error
        marks.roll_changed(days={today, joined_date}, now=now)
        _audit("people.pupil.admit", pupil, by, now, school_class=school_class.pk)
    return pupil


def move_class(*, pupil: Pupil, school_class: SchoolClass, by: User, now: datetime) -> None:
    """To another class of the school."""
    with transaction.atomic():
        locked = _on_roll(pupil)
        if locked.school_class_id == school_class.pk:
            raise SameClass
        before = locked.school_class_id
        Pupil.objects.filter(pk=pupil.pk).update(school_class=school_class)
        pupil.school_class = school_class
        marks.roll_changed(days={local_date(now)}, now=now)
        _audit("people.pupil.move", pupil, by, now, before=before, after=school_class.pk)


def leave(*, pupil: Pupil, on: date, by: User, now: datetime) -> None:
    """The pupil leaves the school; `on` is the last day. Rows stay."""
    mark_left(pupils=[pupil], on=on, by=by, now=now)


def _refuse_seen_later(pupils: Collection[Pupil], on: date) -> None:
    """Who was there is known to rooms above, named in settings.LAST_SEEN."""
    names = {pupil.pk: pupil.name for pupil in pupils}
    for path in getattr(settings, "LAST_SEEN", ()):
        for pupil, day in sorted(dotted(path)(names, after=on).items()):
            raise SeenLater(name=names[pupil], day=day)


def mark_left(*, pupils: Collection[Pupil], on: date, by: User, now: datetime) -> int:
    """Pupils who are in no roster any more leave; nobody is deleted. All or none."""
    if not pupils:
        return 0
    today = local_date(now)
    with transaction.atomic():
        locked = list(locks.locked_rows(Pupil, [pupil.pk for pupil in pupils]))
        for pupil in locked:
            if pupil.left_date is not None:
                raise NotOnRoll
            if not pupil.joined_date <= on <= today:
                raise WrongDay(first=pupil.joined_date, last=today)
        _refuse_seen_later(locked, on)
        left = Pupil.objects.filter(pk__in=[pupil.pk for pupil in locked]).update(left_date=on)
        for pupil in pupils:
            pupil.left_date = on
        marks.roll_changed(days={today, on}, now=now)
        audit.record(
            verb="people.pupil.leave",
            target=locked[0] if left == 1 else f"pupils:{left}",
            by=by,
            at=now,
            details={"pupils": [pupil.pk for pupil in locked], "on": on},
        )
    return left


def readmit(*, pupil: Pupil, school_class: SchoolClass, by: User, now: datetime) -> None:
    """A pupil who had left comes back."""
    with transaction.atomic():
        if _locked(pupil).left_date is None:
            raise OnRoll
        Pupil.objects.filter(pk=pupil.pk).update(left_date=None, school_class=school_class)
        pupil.left_date, pupil.school_class = None, school_class
        marks.roll_changed(days={local_date(now)}, now=now)
        _audit("people.pupil.readmit", pupil, by, now, school_class=school_class.pk)


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
    """An adult of a child, by the office; the adult can log in from now on. Staff only as staff_actions has it."""
    if by.phone == phone:
        raise OwnAccount
    if queries.is_staffs(phone, name):
        raise StaffNumber
    return tie_adult(
        pupil=pupil, name=name, phone=phone, relation=relation, rights=(may_sign, may_collect), by=by, now=now
    )


def add_collector(*, pupil: Pupil, name: str, phone: str, relation: Relation, by: User, now: datetime) -> Tie:
    """Somebody more who may collect the child, named by an adult who may sign (S24).

    Who denied an adult and why is the school's to know: a parent hears only that it can't be done.
    """
    with transaction.atomic():
        _on_roll(pupil)
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
        live = _live(tie)
        _guard_signer(live.pupil, by)
        if live.may_sign:
            raise NotACollector
        _set(tie, ended_at=now, may_collect=False)
        _audit("people.tie.end", tie, by, now, pupil=tie.pupil_id)


def change_rights(
    *, tie: Tie, relation: Relation, may_sign: bool, may_collect: bool, by: User, now: datetime
) -> None:
    """What an adult may do for the child. Whoever is given more is told to the signing adults as a new one is."""
    with transaction.atomic():
        live = _live(tie)
        _refuse_own(live, by)
        gains = (may_sign and not live.may_sign) or (may_collect and not live.may_collect)
        if gains and queries.is_staffs(live.guardian.phone, live.guardian.name):
            raise StaffNumber
        _change_rights(tie, live, relation, (may_sign, may_collect), by=by, now=now, is_more=gains)


def widen_rights(
    *, tie: Tie, relation: Relation, may_sign: bool, may_collect: bool, by: User, now: datetime
) -> None:
    """As change_rights, once a guardian has said yes to what a member of staff asks for; nothing is taken away."""
    with transaction.atomic():
        live = _live(tie)
        rights = (live.may_sign or may_sign, live.may_collect or may_collect)
        _change_rights(tie, live, relation, rights, by=by, now=now, is_more=True)


def _change_rights(
    tie: Tie,
    live: Tie,
    relation: Relation,
    rights: tuple[bool, bool],
    *,
    by: User,
    now: datetime,
    is_more: bool,
) -> None:
    if is_more:
        _refuse_denied(live.pupil, live.guardian.name, live.guardian.phone)
    _set(tie, relation=relation, may_sign=rights[0], may_collect=rights[1])
    _audit("people.tie.change", tie, by, now, pupil=tie.pupil_id, signs=rights[0], collects=rights[1])
    if is_more:
        telling.new_adult(tie=_locked_tie(tie), by=by, now=now)


def deny(*, tie: Tie, reason: str, by: User, now: datetime) -> None:
    """The adult must not come near the child: a court's order, a guardian's request (S24). All rights end.

    A person is denied, not a number: ties of the child to the same name under other numbers are denied with it.
    """
    with transaction.atomic():
        live = _live(tie)
        same = locks.locked_rows(
            Tie, [row.pk for row in denials.same_person(live)], also=("guardian", "pupil")
        )
        for row in [live, *(row for row in same if row.pk != live.pk)]:
            _refuse_own(row, by)
            _set(row, is_denied=True, denied_reason=reason, may_sign=False, may_collect=False)
            _keep(ChangeKind.DENIED, row, reason, by, now)
            _audit("people.tie.deny", row, by, now, pupil=row.pupil_id)
        telling.denied(tie=live, by=by, now=now)
        locks.follow(tie, live)


def lift_denial(*, tie: Tie, reason: str, by: User, now: datetime) -> None:
    """The denial ends, for a reason; rights are given anew, one by one. Its history stays, and the others hear of it."""
    with transaction.atomic():
        locked = _locked_tie(tie)
        _refuse_own(locked, by)
        if not locked.is_denied:
            raise NotDenied
        _set(tie, is_denied=False, denied_reason="")
        _keep(ChangeKind.LIFTED, locked, reason, by, now)
        _audit("people.tie.lift_denial", tie, by, now, pupil=tie.pupil_id)
        telling.lifted(tie=locked, by=by, now=now)


def end_tie(*, tie: Tie, by: User, now: datetime) -> None:
    """The adult has nothing to do with the child any more. A denial is lifted first: it must not vanish by the way."""
    with transaction.atomic():
        live = _live(tie)
        _refuse_own(live, by)
        _set(tie, ended_at=now, may_sign=False, may_collect=False)
        _audit("people.tie.end", tie, by, now, pupil=tie.pupil_id)


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
    with transaction.atomic():
        row = _on_roll(pupil)
        _refuse_denied(row, name, phone)
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
            _set(tie, ended_at=None, relation=relation, may_sign=rights[0], may_collect=rights[1])
        _audit("people.tie.add", tie, by, now, pupil=pupil.pk, signs=rights[0], collects=rights[1])
        tie.guardian, tie.pupil = guardian, row
        telling.new_adult(tie=tie, by=by, now=now)
    return tie


def _guardian(name: str, phone: str, by: User, now: datetime) -> Guardian:
    """The adult of this phone, with a login. Two clerks who enter one adult at once wait for each other here."""
    Guardian.objects.bulk_create([Guardian(name=name, phone=phone)], ignore_conflicts=True)
    guardian: Guardian = locks.lockable(Guardian.objects.filter(phone=phone)).get()
    if not naming.same(guardian.name, name):
        raise AnotherName
    logins.give([guardian], by=by, now=now)
    guardian.save(update_fields=["user"])
    return guardian


def _guard_signer(pupil: Pupil, by: User) -> None:
    guardian = queries.guardian_of(by)
    if guardian is None or not queries.may_sign(guardian, pupil):
        raise NotYourChild


def _refuse_denied(row: Pupil, name: str, phone: str) -> None:
    """The pupil's row is locked: a denial at the same moment waits, or was there first."""
    denials.refuse(pupil=row, name=name, phone=phone)


def _keep(kind: ChangeKind, row: Tie, reason: str, by: User, now: datetime) -> None:
    Change(kind=kind, pupil_id=row.pupil_id, guardian_id=row.guardian_id, reason=reason, by=by, at=now).save(
        force_insert=True
    )


def _refuse_own(tie: Tie, by: User) -> None:
    if tie.guardian.user_id == by.pk:
        raise OwnAccount


def _locked(pupil: Pupil) -> Pupil:
    return locks.locked(pupil)


def _on_roll(pupil: Pupil) -> Pupil:
    row = _locked(pupil)
    if row.left_date is not None:
        raise NotOnRoll
    return row


def _locked_tie(tie: Tie) -> Tie:
    """The child first: whoever adds, denies or changes an adult of one child stands in one line."""
    tie.ensure_home()
    locks.locked_rows(Pupil, [tie.pupil_id]).get()
    return locks.locked(tie, also=("guardian", "pupil"))


def _live(tie: Tie) -> Tie:
    """The row under lock; refuses a denied or an ended one."""
    row = _locked_tie(tie)
    if row.is_denied:
        raise Denied
    if row.ended_at is not None:
        raise Ended
    return row


def _set(tie: Tie, **changes: object) -> None:
    Tie.objects.filter(pk=tie.pk).update(**changes)
    for name, value in changes.items():
        setattr(tie, name, value)


def _audit(verb: str, target: models.Model, by: User, at: datetime, **details: object) -> None:
    audit.record(verb=verb, target=target, by=by, at=at, details=details)
