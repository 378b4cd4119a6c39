"""Writes of the parents' committee: seats with their roles, resolutions, votes."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from afterbell.accounts import actions as accounts
from afterbell.accounts import queries as account_queries
from afterbell.accounts.models import User
from afterbell.accounts.roles import BY_SEAT, SCHOOLS_HAND, Role
from afterbell.audit.actions import record
from afterbell.kernel import locks, states
from afterbell.kernel.dates import ONE_DAY, Period, local_date
from afterbell.kernel.errors import Refused
from afterbell.kernel.numbers import number_for
from afterbell.kernel.strings import dotted
from schools.committee import queries, telling, terms
from schools.committee.models import Choice, Committee, Level, Office, Resolution, Seat, Subject, Vote
from schools.committee.states import MOVES, ResolutionState
from schools.people import logins
from schools.people.models import Guardian, SchoolClass
from tenants.exchange import names

PREFIX = "J"


class OfTheSchool(Refused):
    """S6, S12: who drafts, reviews and files for the school does not vote on it for the parents."""

    code = "committee.of_the_school"
    message = _("%(name)s 在学校起草或审核方案，不能同时是家长委员会委员。请另选一位家长。")


class NotYourSeat(Refused):
    """Nobody gives a seat to the own person."""

    code = "committee.not_for_yourself"
    message = _("不能给自己安排家委会职务，请由另一位有权的人办理。")


class NotAParent(Refused):
    """Seats are for parents of children who are at the school."""

    code = "committee.not_a_parent"
    message = _("%(name)s 没有在校就读的孩子，不能担任家委会职务。")


class NoLogin(Refused):
    """The phone belongs to another parent's account."""

    code = "committee.no_login"
    message = _("%(name)s 的手机号属于另一位家长的账号，无法给予职务的权限。请先更正手机号。")


class AlreadySeated(Refused):
    """One seat a parent in a committee at a time."""

    code = "committee.already_seated"
    message = _(
        "%(name)s 在这个家委会已有任期（%(first)s 至 %(last)s），两段任期不能重叠。请先办理离任，或把新任期改到那之后。"
    )


class OfficeTaken(Refused):
    """One chair and one treasurer on one day."""

    code = "committee.office_taken"
    message = _(
        "这个家委会在 %(first)s 至 %(last)s 已经有“%(office)s”（%(name)s）。请先为他（她）办理离任，或把新任期改到那之后。"
    )


class SeatEnded(Refused):
    """Somebody has ended it already."""

    code = "committee.seat_ended"
    message = _("这个职务已经办理过离任。")


class NobodySeated(Refused):
    """A committee without members decides nothing."""

    code = "committee.nobody_seated"
    message = _("家委会目前没有在任的委员，不能表决。请先登记委员名单。")


class AlreadyOpen(Refused):
    """One vote on one thing at a time."""

    code = "committee.already_open"
    message = _("这件事正在表决（%(number)s），请等它结束。")


class NotSeated(Refused):
    """Only who is seated on the day of the vote votes."""

    code = "committee.not_seated"
    message = _("只有在任的家委会委员可以表决。您今天不在任期内，或不属于这个家委会。")
    status = 403


class AlreadyVoted(Refused):
    """One seat, one vote."""

    code = "committee.already_voted"
    message = _("您已经对这项决议投过票，投票后不能更改。")


class VoteIsOver(Refused):
    """The resolution has been decided."""

    code = "committee.vote_is_over"
    message = _("这项决议的表决已经结束：%(state)s。")


def found_committee(
    *,
    level: Level,
    by: User,
    now: datetime,
    grade: int | None = None,
    school_class: SchoolClass | None = None,
) -> Committee:
    """The committee of the school, a grade or a class (S6); the one that is there, if there is one."""
    with transaction.atomic():
        committee, is_new = Committee.objects.get_or_create(
            level=level, grade=grade, school_class=school_class, defaults={"founded_date": local_date(now)}
        )
        if is_new:
            record(verb="committee.found", target=committee, by=by, at=now, details={"level": level.value})
    return committee


def appoint_seat(
    *,
    committee: Committee,
    guardian: Guardian,
    office: Office,
    from_date: date,
    until_date: date,
    by: User,
    now: datetime,
) -> Seat:
    """Seat a parent for a term of office; the role comes with the seat, in its days. Raises what terms refuses.

    No page or person gives that role otherwise: who keeps the list of members must not need the right to make leaders.
    """
    terms.refuse_strange(from_date, until_date, today=local_date(now))
    with transaction.atomic():
        parent, row = locks.locked(guardian), locks.locked(committee)
        if parent.user_id == by.pk:
            raise NotYourSeat
        if not queries.parents_now().filter(pk=parent.pk).exists():
            raise NotAParent(name=parent.name)
        _refuse_taken(row, parent, office, Period(from_date, until_date))
        seat = Seat(committee=row, guardian=parent, office=office, from_date=from_date, until_date=until_date)
        seat.save(force_insert=True)
        follow_seats(parent, now=now)  # the account is locked from here on
        if parent.user is not None and parent.user.assignments.filter(role__in=SCHOOLS_HAND).exists():
            raise OfTheSchool(name=parent.name)
        record(verb="committee.seat.appoint", target=seat, by=by, at=now, details={"office": office.value})
        telling.appointed(seat, by=by, now=now)
    return seat


def end_seat(*, seat: Seat, by: User | None, now: datetime) -> None:
    """The seat ends, and with it the role, unless another seat still gives it. `by` is None at the end of the term."""
    with transaction.atomic():
        for row in _standing([seat]):
            _end(row, by=by, now=now)
            locks.follow(seat, row)


def end_expired(*, now: datetime) -> int:
    """Every night: who is no longer in office keeps no right of it; a role without a seat ends (S6).

    Rights end by their days without this, too: here the rows follow.
    """
    with transaction.atomic():
        expired = list(queries.expired_seats(local_date(now)))
        over = {held.user_id for held in account_queries.past_by_seat(local_date(now))}
        concerned = Guardian.objects.filter(Q(user__in=over) | Q(seats__in=[seat.pk for seat in expired]))
        parents = list(locks.locked_rows(Guardian, set(concerned.values_list("pk", flat=True))))
        seats = _standing(expired, skip_ended=True)
        for row in seats:
            _end(row, by=None, now=now)
        _tidy([parent for parent in parents if parent.user_id in over], now)
    return len(seats)


def open_resolution(
    *,
    committee: Committee,
    subject: Subject,
    title: str,
    text: str,
    object_id: UUID | None,
    by: User,
    now: datetime,
) -> Resolution:
    """Put a text to the vote. The quorum, more than half of the seats of this day, is fixed now.

    Raises NobodySeated, AlreadyOpen, and NamesAChild for the committee's own rules: the whole school reads them.
    """
    with transaction.atomic():
        row = locks.locked(committee)
        if subject == Subject.RULES:  # the others' words come from their rooms, which have looked at them
            names.refuse_children([title, text])
        seats = queries.seated(local_date(now), row).count()
        if not seats:
            raise NobodySeated
        if object_id and (running := queries.open_resolution(subject, object_id)):
            raise AlreadyOpen(number=running.number)
        resolution = Resolution(
            committee=row,
            subject=subject,
            object_id=object_id,
            title=title,
            text=text,
            text_sha256=digest(text),
            quorum=seats // 2 + 1,
            opened_at=now,
            by=by,
        )
        resolution.number = number_for(PREFIX, local_date(now), resolution.pk)
        resolution.save(force_insert=True)
        details = {"subject": subject.value, "number": resolution.number.lower(), "quorum": resolution.quorum}
        record(verb="committee.resolution.open", target=resolution, by=by, at=now, details=details)
    return resolution


def vote(*, resolution: Resolution, choice: Choice, by: User, now: datetime) -> Vote:
    """One seat, one vote, by who is seated on the day of the vote."""
    with transaction.atomic():
        row = locks.locked(resolution, also=("committee",))
        _refuse_decided(row)
        seat = queries.seat_of(by, row.committee, local_date(now))
        if seat is None:
            raise NotSeated
        cast = _cast(Vote(resolution=row, seat=seat, choice=choice, at=now))
        record(verb="committee.vote", target=row, by=by, at=now)  # that the seat voted, not what
    return cast


def close_resolution(*, resolution: Resolution, by: User, now: datetime) -> Resolution:
    """Count: passed with the quorum and more than half of the votes cast, rejected otherwise; final.

    The room whose thing it is hears of it in the same transaction (settings.RESOLUTION_CLOSED).
    """
    with transaction.atomic():
        row = locks.locked(resolution)
        _refuse_decided(row)
        tally = queries.tally(row)
        to = ResolutionState.PASSED if tally.passes(row.quorum) else ResolutionState.REJECTED
        states.move(row, to=to, moves=MOVES, at=now, also={"closed_at": now})
        hook = settings.RESOLUTION_CLOSED.get(row.subject)
        if hook and row.object_id:
            dotted(hook)(resolution=row, by=by, now=now)
        details = {"yes": tally.yes, "no": tally.no, "abstain": tally.abstain, "state": to.value}
        record(verb="committee.resolution.close", target=row, by=by, at=now, details=details)
    return row


def digest(text: str) -> str:
    """What a resolution was about stays provable."""
    return sha256(text.encode()).hexdigest()


def _standing(seats: Sequence[Seat], *, skip_ended: bool = False) -> list[Seat]:
    """The seats read again, under the locks of their parents and committees: every deed of a seat begins with these."""
    list(locks.locked_rows(Guardian, {seat.guardian_id for seat in seats}).values_list("pk"))
    list(locks.locked_rows(Committee, {seat.committee_id for seat in seats}).values_list("pk"))
    users = User.objects.filter(guardian__seats__in=[seat.pk for seat in seats]).values_list("pk", flat=True)
    list(locks.locked_rows(User, set(users)).values_list("pk"))
    found = Seat.objects.filter(pk__in=[seat.pk for seat in seats], ended_at=None)
    rows = list(found.select_related("committee", "guardian__user").order_by("pk"))
    if len(rows) != len(seats) and not skip_ended:
        raise SeatEnded
    return rows


def _end(row: Seat, *, by: User | None, now: datetime) -> None:
    row.ended_at = now
    row.save(update_fields=["ended_at"])
    follow_seats(row.guardian, now=now)
    record(verb="committee.seat.end", target=row, by=by, at=now, details={"office": row.office})
    telling.ended(row, by=by, now=now)


def _refuse_taken(committee: Committee, guardian: Guardian, office: Office, term: Period) -> None:
    """Raises AlreadySeated, OfficeTaken: a day of the term belongs to another one already."""
    standing = Seat.objects.filter(
        committee=committee, ended_at=None, from_date__lte=term.last, until_date__gte=term.first
    ).order_by("from_date", "pk")
    own = standing.filter(guardian=guardian).first()
    if own is not None:
        raise AlreadySeated(name=guardian.name, **_days(own))
    held = standing.filter(office=office).select_related("guardian").first()
    if office != Office.MEMBER and held is not None:
        raise OfficeTaken(office=office.label, name=held.guardian.name, **_days(held))


def _days(seat: Seat) -> dict[str, str]:
    return {"first": seat.from_date.isoformat(), "last": seat.until_date.isoformat()}


def _refuse_decided(resolution: Resolution) -> None:
    if resolution.state != ResolutionState.OPEN:
        raise VoteIsOver(state=ResolutionState(resolution.state).label)


def _cast(vote: Vote) -> Vote:
    try:
        with transaction.atomic():
            vote.save(force_insert=True)
    except IntegrityError as error:
        raise AlreadyVoted from error
    return vote


def follow_seats(guardian: Guardian, *, now: datetime) -> None:
    """The roles of the parent are those of the standing seats, in the days of the seats: given, redated, taken."""
    days = _days_of_seats(guardian, local_date(now))
    user = guardian.user
    if user is None and days:
        user = _new_user(guardian, now)
    if user is not None:
        for role in BY_SEAT:
            accounts.follow_seat(user=user, role=role, days=days.get(role), now=now)


def _new_user(guardian: Guardian, now: datetime) -> User:
    """A parent who has never logged in gets an account, as every parent has one."""
    logins.give([guardian], by=None, now=now)
    if guardian.user is None:
        raise NoLogin(name=guardian.name)
    guardian.save(update_fields=["user"])
    return guardian.user


def _tidy(parents: Sequence[Guardian], now: datetime) -> None:
    """Roles whose days are over: the parent's next seat gives them anew; without a seat they go."""
    for parent in parents:
        follow_seats(parent, now=now)
    for held in account_queries.past_by_seat(local_date(now)):
        accounts.follow_seat(user=held.user, role=Role(held.role), days=None, now=now)


def _days_of_seats(guardian: Guardian, today: date) -> Mapping[Role, Period]:
    """For each role the days of the seats that give it and run on without a gap, from the first that is not over."""
    found: dict[Role, Period] = {}
    standing = Seat.objects.filter(guardian=guardian, ended_at=None, until_date__gte=today)
    for seat in standing.select_related("committee").order_by("from_date", "until_date", "pk"):
        role, held = seat.role, found.get(seat.role)
        if held is None:
            found[role] = Period(seat.from_date, seat.until_date)
        elif seat.from_date <= held.last + ONE_DAY:
            found[role] = Period(held.first, max(held.last, seat.until_date))
    return found
