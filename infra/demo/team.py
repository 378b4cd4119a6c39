"""The hired people of a school: candidates with checks, resolutions, contracts and clearances, as rows."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from math import ceil
from random import Random

from django.contrib.auth.hashers import make_password
from django.db.models import F

from afterbell.accounts.actions import UNNAMED
from afterbell.accounts.models import Assignment, User
from afterbell.accounts.roles import Role
from afterbell.kernel import copying
from afterbell.kernel.dates import local_date
from afterbell.kernel.numbers import number_for
from infra.demo import names, stories, words
from infra.demo.folk import Officials
from infra.demo.groups import Enrolment, Group
from infra.demo.shapes import Shape, pay_fen
from infra.demo.stories import Plot
from infra.demo.times import Times, at
from schools.committee.models import Choice, Committee, Resolution, Seat, Subject, Vote
from schools.committee.states import ResolutionState
from schools.staffing import clearing, texts
from schools.staffing.models import Candidate, Check, Clearance, Contract, Origin
from schools.staffing.states import CandidateState, ContractState
from tenants.models import School
from tenants.policies.documents import Policy

LEADERS = 2
SPARE = 1.35
"""People for each group that is held at one time."""
CHECKED, CHECKED_AGAIN = date(2026, 2, 24), date(2026, 8, 26)
OVERDUE = date(2025, 10, 15)
"""When the person of the story was last checked for a criminal record: a year later it runs out."""
ORIGINS = ((Origin.SCHOOL, 0.76), (Origin.PROFESSIONAL, 0.17), (Origin.PARENT, 0.07))


@dataclass(frozen=True)
class Team:
    """Clearances of one term: of teachers, and of those who lead."""

    teachers: list[Clearance]
    leaders: list[Clearance]

    def responsible(self, group: Group) -> Clearance:
        """Each weekday in another room, nobody in two rooms at once."""
        return self.teachers[(group.room + group.weekday * 3) % len(self.teachers)]


def fill(
    found: Shape,
    times: Times,
    who: Officials,
    enrolment: Enrolment,
    school: School,
    policy: Policy,
    index: int,
) -> Team:
    """Those of the last term go on; new ones come where more are needed. Contracts for this term."""
    teachers = ceil(enrolment.most_at_once * SPARE)
    known = list(Candidate.objects.select_related("user").order_by("phone"))
    wanted = teachers + LEADERS
    fresh = _hire(found, times, who, policy, index, first=len(known), count=max(0, wanted - len(known)))
    people = (known + fresh)[:wanted]
    _end_contracts(times)
    pay = pay_fen(found, enrolment.mean_group)
    decided = Resolution.objects.in_bulk([person.resolution_id for person in people])
    contracts = [
        _contract(person, times, pay, school, decided[person.resolution_id].number) for person in people
    ]
    copying.instances(contracts)
    clearances = [
        Clearance(contract=contract, from_date=contract.from_date, until_date=contract.until_date)
        for contract in contracts
    ]
    copying.instances(clearances)
    return Team(clearances[LEADERS:], clearances[:LEADERS])


def _hire(
    found: Shape, times: Times, who: Officials, policy: Policy, index: int, *, first: int, count: int
) -> list[Candidate]:
    chance = Random(f"{names.SEED}:{found.school.code}:team:{first}")
    people = islice(names.people(f"team:{found.school.code}"), first, first + count)
    proposed = times.day(1, 10)
    candidates, users, resolutions, votes, checks = [], [], [], [], []
    seats = list(Seat.objects.select_related("committee").order_by("office", "pk"))
    for number, name in enumerate(people, start=first):
        phone = f"+86137{index:04d}{number:04d}"
        user = _account(name, phone, number, proposed)
        candidate = _candidate(phone, number, user, proposed, chance)
        decided = _decided(candidate, seats[0].committee, who, times.day(7, 15))
        candidate.resolution_id = decided.pk
        users += [user] if user._state.adding else []
        candidates.append(candidate)
        resolutions.append(decided)
        votes += [
            Vote(resolution=decided, seat=seat, choice=Choice.YES, at=times.day(7, 19)) for seat in seats
        ]
        checks += _checks(
            candidate, who, policy, times, is_overdue=Plot.UNCHECKED in _ever(found) and number == LEADERS
        )
    copying.instances(users)
    copying.instances(Assignment(user=user, role=Role.CARE_STAFF, created_at=proposed) for user in users)
    for rows in (resolutions, votes, candidates, checks):
        copying.instances(rows)
    return candidates


def _ever(found: Shape) -> frozenset[Plot]:
    """The person of a story is hired a term before it is told."""
    return stories.told_in(found.school.code, stories.RUNNING)


def _account(name: str, phone: str, number: int, now: datetime) -> User:
    """The demo's care account is the first teacher's; the others have one without a password."""
    known: User | None = User.objects.filter(login="care").first() if number == LEADERS else None
    if known is not None:
        return known
    user = User(name=name, phone=phone, password=make_password(None), created_at=now)
    user.login = f"{UNNAMED}{user.pk.hex}"
    return user


def _candidate(phone: str, number: int, user: User, now: datetime, chance: Random) -> Candidate:
    origin = Origin.SCHOOL
    if number >= LEADERS:
        origin = chance.choices([kind for kind, _w in ORIGINS], [w for _k, w in ORIGINS])[0]
    return Candidate(
        name=user.name,
        phone=phone,
        origin=origin,
        skills="带班管理" if number < LEADERS else chance.choice(words.SKILLS),
        state=CandidateState.APPROVED,
        user=user,
        proposed_at=now,
    )


def _decided(candidate: Candidate, committee: Committee, who: Officials, now: datetime) -> Resolution:
    text = f"同意聘用{candidate.name}为课后服务人员。"
    row = Resolution(
        committee=committee,
        subject=Subject.HIRE,
        object_id=candidate.pk,
        title=f"聘用{candidate.name}",
        text=text,
        text_sha256=texts.digest(text),
        state=ResolutionState.PASSED,
        quorum=2,
        opened_at=now,
        closed_at=now + timedelta(hours=5),
        by=who.clerk,
    )
    row.number = number_for("J", local_date(now), row.pk)
    return row


def _checks(
    candidate: Candidate, who: Officials, policy: Policy, times: Times, *, is_overdue: bool
) -> list[Check]:
    """Of every kind, so that they count for whoever the policy asks."""
    usual = CHECKED if times.first_date < CHECKED_AGAIN else CHECKED_AGAIN
    found = []
    for check in policy.checks_for("professional"):
        day = OVERDUE if is_overdue and check.code == "criminal_record" else usual
        found.append(
            Check(
                candidate=candidate,
                kind=check.code,
                passed=True,
                checked_date=day,
                expires_date=clearing.expiry(day, validity_months=check.validity_months),
                document_number=f"{day:%Y%m}-{candidate.phone[-5:]}",
                consent_at=at(day, 8),
                by=who.principal,
                recorded_at=at(day, 16),
            )
        )
    return found


def _end_contracts(times: Times) -> None:
    """Those of the last term are over."""
    over = Contract.objects.filter(state=ContractState.ACTIVE, until_date__lt=times.first_date)
    over.update(state=ContractState.ENDED, ended_date=F("until_date"))


def _contract(candidate: Candidate, times: Times, pay: int, school: School, decision: str) -> Contract:
    signed = times.day(8, 16)
    row = Contract(
        candidate=candidate,
        from_date=times.service.first,
        until_date=times.last_date,
        pay_fen=pay,
        signed_at=signed,
    )
    row.number = number_for("P", local_date(signed), row.pk)
    row.text = texts.agreement_text(
        number=row.number,
        school=school.name,
        name=candidate.name,
        from_date=row.from_date,
        until_date=row.until_date,
        pay_fen=pay,
        resolution=decision,
    )
    row.text_sha256 = texts.digest(row.text)
    return row
