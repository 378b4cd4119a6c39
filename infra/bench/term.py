"""A term for `bench settle`: a plan by the class hour, its lessons of five months, families that chose three activities."""

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from afterbell.accounts.models import User
from afterbell.kernel.ids import uuid7
from infra.bench.stage import NOW
from schools.care.models import Room, Session
from schools.enrolment.models import Agreement, Application, ChosenActivity
from schools.people.models import Guardian, Pupil, SchoolClass
from schools.planning.models import Activity, Consultation, Plan

ACTIVITIES: Final = 60
TERM: Final = "2026-2027-1"
FIRST, LAST = date(2026, 9, 1), date(2027, 1, 22)
HASH: Final = "0" * 64


def made(chance: random.Random, signer: User, families: int) -> tuple[Plan, list[Agreement]]:
    """A plan by the class hour with sessions of five months, some cancelled, and families that chose three activities."""
    asked = Consultation.objects.create(
        term_code=TERM, title="征询", text="…", state="closed", closes_at=NOW, opened_at=NOW, closed_at=NOW, asked=families,
        yes=families,
    )  # fmt: skip
    plan = Plan.objects.create(
        term_code=TERM, name="方案", consultation=asked, state="published", first_date=FIRST, last_date=LAST,
        fee_unit="class_hour", fee_fen=300, collector="school", expected_participants=families, resolution_id=uuid7(),
        filing_id=uuid7(), fee_notice_id=uuid7(), published_at=NOW, created_at=NOW,
    )  # fmt: skip
    activities = _activities(plan, chance)
    return plan, _families(plan, activities, chance, signer, families)


def _activities(plan: Plan, chance: random.Random) -> list[Activity]:
    rooms = Room.objects.bulk_create([Room(name=f"教室{number}", places=45) for number in range(ACTIVITIES)])
    activities: list[Activity] = Activity.objects.bulk_create(
        [
            Activity(
                plan=plan, title=f"活动{number}", kind="reading", weekday=number % 5 + 1, starts=time(16), ends=time(17, 20),
                room_id=room.pk, grade_from=1, grade_to=6, capacity=1000,
            )
            for number, room in enumerate(rooms)
        ]
    )  # fmt: skip
    sessions = []
    for activity, room in zip(activities, rooms, strict=True):
        day = FIRST + timedelta(days=(activity.weekday - FIRST.isoweekday()) % 7)
        while day <= LAST:
            starts = datetime.combine(day, time(8), tzinfo=UTC)
            is_off = chance.random() < 0.04
            sessions.append(
                Session(
                    activity=activity, room=room, date=day, starts_at=starts, ends_at=starts + timedelta(minutes=80),
                    planned_units=2, state="cancelled" if is_off else "planned", cancel_reason="台风" if is_off else "",
                )
            )  # fmt: skip
            day += timedelta(days=7)
    Session.objects.bulk_create(sessions, batch_size=1000)
    return activities


def _families(
    plan: Plan, activities: list[Activity], chance: random.Random, signer: User, count: int
) -> list[Agreement]:
    school_class = SchoolClass.objects.create(entry_year=2026, grade=1, number=1, name="一年级1班")
    pupils = [
        Pupil(number=f"G{number:08d}", name=f"学生{number}", school_class=school_class, joined_date=FIRST)
        for number in range(count)
    ]
    parents = [Guardian(name=f"家长{number}", phone=f"+86139{number:08d}") for number in range(count)]
    Pupil.objects.bulk_create(pupils, batch_size=1000)
    Guardian.objects.bulk_create(parents, batch_size=1000)
    applications = [
        Application(
            number=f"A{number}", plan=plan, pupil=pupil, guardian=parent, state="approved", text="…", text_sha256=HASH,
            signature="M 1 1", device=HASH, submitted_at=NOW, decided_at=NOW,
        )
        for number, (pupil, parent) in enumerate(zip(pupils, parents, strict=True))
    ]  # fmt: skip
    Application.objects.bulk_create(applications, batch_size=1000)
    agreements = [
        Agreement(
            number=f"X{number}", application=application, pupil=application.pupil, plan=plan, text="…", text_sha256=HASH,
            guardian_signed_at=NOW, school_signed_at=NOW, school_signed_by=signer, from_date=FIRST, until_date=LAST,
        )
        for number, application in enumerate(applications)
    ]  # fmt: skip
    Agreement.objects.bulk_create(agreements, batch_size=1000)
    choices = [
        ChosenActivity(
            application=application, activity=activity, holds_place=True, placed_from=FIRST, placed_at=NOW
        )
        for application in applications
        for activity in chance.sample(activities, 3)
    ]
    ChosenActivity.objects.bulk_create(choices, batch_size=1000)
    return agreements
