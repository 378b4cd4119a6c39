"""Classes, children and their adults, the staff with accounts and the committee of one school."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from random import Random

from afterbell.accounts import actions as accounts
from afterbell.accounts.models import User
from afterbell.accounts.roles import Role
from afterbell.kernel import copying
from infra.demo import names
from infra.demo.names import DemoSchool
from infra.demo.shapes import Shape
from schools.committee import actions as committee
from schools.committee import queries as committees
from schools.committee.models import Level, Office
from schools.people.models import Guardian, Pupil, Relation, SchoolClass, Tie

GRADE_SIGNS = "零一二三四五六七八九"
AUTUMN = 2026
GRADUATED = date(2026, 7, 8)
CLASS_SIZE = 41
SEATS = (("chair", Office.CHAIR), ("treasurer", Office.TREASURER), ("member", Office.MEMBER))
DESKS = (("principal", Role.PRINCIPAL), ("deputy", Role.DEPUTY), ("office", Role.CLERK))
SEATED_FROM = 9
"""Place in the roster of the first parent with a seat: whose child is in no leaving class."""
OFFICE_TERM = (date(2026, 2, 20), date(2027, 8, 31))


@dataclass(frozen=True)
class Officials:
    """Who acts for school and committee."""

    principal: User
    deputy: User
    clerk: User
    chair: User
    treasurer: User
    member: User

    @property
    def voters(self) -> tuple[User, User, User]:
        return self.chair, self.treasurer, self.member


def spring(found: Shape, index: int) -> int:
    """Everybody who is there in spring, before anything else; gives how many children."""
    return _fill(
        found, index, [_class(found.school, grade, spring=True) for grade in _in_spring(found.school)], 0
    )


def autumn(found: Shape, index: int) -> int:
    """Classes move up, the oldest have left in summer, the youngest come; gives how many children came."""
    grades = found.school.grades
    oldest = SchoolClass.objects.filter(entry_year=AUTUMN - len(grades))
    Pupil.objects.filter(school_class__in=oldest, left_date=None).update(left_date=GRADUATED)
    for school_class in SchoolClass.objects.exclude(entry_year=AUTUMN - len(grades)):
        school_class.grade += 1
        school_class.name = f"{GRADE_SIGNS[school_class.grade]}年级{school_class.number}班"
        school_class.save(update_fields=["grade", "name"])
    youngest = _class(found.school, grades[0], spring=False)
    return _fill(found, index, [youngest], Pupil.objects.count())


def _in_spring(school: DemoSchool) -> list[int]:
    """Grades in the order of the roster: the first families are there in both terms."""
    return [*school.grades[1:-1], school.grades[0], school.grades[-1]]


def _class(school: DemoSchool, grade: int, *, spring: bool) -> list[SchoolClass]:
    """The parallel classes of a grade."""
    year = AUTUMN - (grade - school.grades[0]) - int(spring)
    return [
        SchoolClass(entry_year=year, grade=grade, number=number, name=f"{GRADE_SIGNS[grade]}年级{number}班")
        for number in range(1, _parallel(school) + 1)
    ]


def _fill(found: Shape, index: int, grades: list[list[SchoolClass]], before: int) -> int:
    school, chance = found.school, Random(f"{names.SEED}:{found.school.code}:folk:{before}")
    classes = [school_class for grade in grades for school_class in grade]
    SchoolClass.objects.bulk_create(classes)
    children = islice(names.people(f"child:{school.code}"), before, None)
    adults = names.people(f"adult:{school.code}:{before}")
    pupils: list[Pupil] = []
    guardians: list[Guardian] = []
    ties: list[Tie] = []
    for school_class in classes:
        for _place in range(_size(school, school_class.number)):
            number = before + len(pupils) + 1
            pupil = Pupil(
                number=f"G{school.code}{number:05d}",
                name=next(children),
                school_class_id=school_class.pk,
                joined_date=date(school_class.entry_year, 9, 1),
                is_hardship=chance.random() < found.hardship,
            )
            pupils.append(pupil)
            for guardian, tie in _adults(pupil, index, number, pupil.name[0], adults, chance):
                guardians.append(guardian)
                ties.append(tie)
    _give_accounts(guardians)
    copying.instances(pupils)
    copying.instances(guardians)
    copying.instances(ties)
    return len(pupils)


def _parallel(school: DemoSchool) -> int:
    return max(1, round(school.pupils / len(school.grades) / CLASS_SIZE))


def _size(school: DemoSchool, number: int) -> int:
    """Children of a year, dealt out to its classes."""
    year = school.pupils // len(school.grades)
    return year // _parallel(school) + (number <= year % _parallel(school))


def _adults(
    pupil: Pupil, index: int, number: int, family_name: str, people: Iterator[str], chance: Random
) -> Iterator[tuple[Guardian, Tie]]:
    """One who signs, mostly the mother; for two of three children another one, who may collect."""
    first = Guardian(name=next(people), phone=f"+86138{index:04d}{number:04d}")
    yield (
        first,
        Tie(
            guardian_id=first.pk, pupil_id=pupil.pk, relation=Relation.MOTHER, may_sign=True, may_collect=True
        ),
    )
    if chance.random() < 0.67:
        relation = Relation.FATHER if chance.random() < 0.5 else Relation.GRANDPARENT
        name = family_name + next(people)[1:]
        second = Guardian(name=name, phone=f"+86139{index:04d}{number:04d}")
        yield (
            second,
            Tie(
                guardian_id=second.pk, pupil_id=pupil.pk, relation=relation, may_sign=False, may_collect=True
            ),
        )


def _give_accounts(guardians: list[Guardian]) -> None:
    """Where the demo has accounts of a guardian and of the committee, they belong to the first families by their phones."""
    by_phone = {user.phone: user for user in User.objects.exclude(phone=None)}
    for guardian in guardians:
        guardian.user = by_phone.get(guardian.phone)
        if guardian.user is not None and not guardian.user.assignments.filter(role=Role.GUARDIAN).exists():
            accounts.assign_role(
                user=guardian.user, role=Role.GUARDIAN, by=None, now=guardian.user.created_at
            )


def seat(school_code: str, now: datetime) -> None:
    """The committee of the school: chair, treasurer, member, out of three families whose children stay."""
    clerk = staff(school_code, now)[-1]
    founded = committee.found_committee(level=Level.SCHOOL, by=clerk, now=now)
    signers = Guardian.objects.filter(phone__startswith="+86138").order_by("phone")
    for guardian, (_login, office) in zip(signers[SEATED_FROM:][: len(SEATS)], SEATS, strict=True):
        committee.appoint_seat(
            committee=founded,
            guardian=guardian,
            office=office,
            from_date=OFFICE_TERM[0],
            until_date=OFFICE_TERM[1],
            by=clerk,
            now=now,
        )


def desk(login: str, role: Role, name: str, now: datetime) -> User:
    """A member of staff with an account; without a password where the demo has none."""
    user: User | None = User.objects.filter(login=login).first()
    if user is None:
        user = accounts.create_user(login=login, name=name, by=None, now=now)
        accounts.assign_role(user=user, role=role, by=None, now=now)
    return user


def staff(school_code: str, now: datetime) -> tuple[User, User, User]:
    """Principal, deputy and clerk; made where they are missing."""
    people = names.people(f"staff:{school_code}")
    principal, deputy, clerk = (desk(login, role, next(people), now) for login, role in DESKS)
    return principal, deputy, clerk


def officials(school_code: str, now: datetime) -> Officials:
    """Those who act."""
    voters = committees.school_committee()
    if voters is None:
        raise RuntimeError(f"{school_code} has no committee yet")
    seats = {
        seat.office: seat.guardian.user
        for seat in voters.seats.select_related("guardian__user")
        if seat.guardian.user is not None
    }
    return Officials(
        *staff(school_code, now), seats[Office.CHAIR], seats[Office.TREASURER], seats[Office.MEMBER]
    )
