"""`bench settle`: the settlement of a term for 2,000 families, from the preview to the confirmed refunds."""

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Sum

from afterbell.accounts import actions as people
from afterbell.accounts.models import User
from afterbell.accounts.roles import Role
from afterbell.kernel.dates import Period
from afterbell.kernel.ids import uuid7
from afterbell.kernel.money import Fen
from infra.bench import stage
from infra.bench.stage import Clock, Outcome
from schools.care.models import Room, Session
from schools.committee.models import Committee, Level, Resolution, Subject
from schools.enrolment.models import Agreement, Application, ChosenActivity
from schools.finance import accounts, actions, ledger, promises
from schools.finance.ledger import Posting
from schools.finance.models import Account, Payment, Refund, Settlement, TransferKind
from schools.finance.spending import BY_PAY_SHEET
from schools.people.models import Guardian, Pupil, SchoolClass
from schools.planning.models import Activity, Consultation, Plan
from schools.staffing.models import Candidate, Contract, Origin
from tenants.context import in_school
from tenants.models import PolicyProfile, Term
from tenants.policies import ready

FAMILIES = 2000
ACTIVITIES = 60
TERM = "2026-2027-1"
FIRST, LAST = date(2026, 9, 1), date(2027, 1, 22)
NOW = stage.NOW
LATE = datetime(2027, 1, 23, 4, 0, tzinfo=UTC)
"""The day after the last one."""
HASH = "0" * 64


class Times(NamedTuple):
    """Seconds of each step."""

    charge: float
    preview: float
    batch: float
    issue: float
    confirm: float
    verify: float

    @property
    def settle(self) -> float:
        """What a person waits for: from the books to the refunds on their way."""
        return self.preview + self.batch + self.issue + self.confirm


def run(*, schools: int | None, seed: int) -> Outcome:
    """N schools (one unless said) with 2,000 families each: the slowest one's seconds, and whether every sum is exact."""
    count = schools or 1
    with stage.own_database("settle"):
        Term.objects.create(code=TERM, name="试验学期", first_date=FIRST, last_date=LAST)
        PolicyProfile.objects.create(
            name="试验",
            valid_from_date=date(2022, 1, 1),
            document=ready.document("national-2024"),
            source="试验",
            created_at=NOW,
        )
        results = [_one_school(number, seed) for number in range(1, count + 1)]
    slowest = max((times for times, _exact in results), key=lambda times: times.settle)
    exact = all(exact for _times, exact in results)
    return Outcome(
        name="settle",
        schools=count,
        seed=seed,
        checked=exact,
        results={
            "families": FAMILIES,
            "seconds": slowest.settle,
            "sum_exact": exact,
            "families_per_second": FAMILIES / slowest.settle,
            **{f"{name}_seconds": value for name, value in slowest._asdict().items()},
        },
    )


def _one_school(number: int, seed: int) -> tuple[Times, bool]:
    school = stage.open_school(number)
    with in_school(school):
        office = [_somebody(role) for role in (Role.CLERK, Role.PRINCIPAL)]
        with transaction.atomic():
            plan, agreements = _a_term(random.Random(seed), office[1])
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        return _settled(plan, agreements, office, random.Random(seed))


def _somebody(role: Role) -> User:
    """Of the school's office, which holds the money."""
    user: User = User.objects.create(login=f"u{role}", name="试验")
    people.assign_role(user=user, role=role, by=None, now=NOW)
    return user


def _settled(
    plan: Plan, agreements: list[Agreement], office: list[User], chance: random.Random
) -> tuple[Times, bool]:
    clerk, principal = office
    stage.as_served()
    with Clock() as charge:
        actions.charge_period(plan=plan, period=TERM, by=clerk, now=NOW)
    _all_pay(agreements)
    spent = _spend(chance, clerk, principal)
    Session.objects.filter(date__lte=LATE.date(), state="planned").update(state="closed", closed_at=LATE)
    _close_months(clerk)
    with Clock() as preview:
        made = actions.preview_settlement(term_code=TERM, by=clerk, now=LATE)
    _resolve(made)
    with Clock() as batch:
        refunds = actions.batch_settlement(settlement=made, by=principal, now=LATE)
    with Clock() as issue:
        actions.issue_refunds(refunds=refunds, by=principal, now=LATE)
    with Clock() as confirm:
        actions.confirm_refunds(refunds=refunds, by=principal, now=LATE)
    with Clock() as verify:
        broken = promises.broken_promise()
    exact = broken is None and _is_exact(made, spent)
    return (
        Times(*(clock.seconds for clock in (charge, preview, batch, issue, confirm, verify))),
        exact,
    )


def _is_exact(made: Settlement, spent: int) -> bool:
    """Received = spent + returned, to the fen, and nothing is left anywhere."""
    returned = Refund.objects.filter(state="confirmed").aggregate(fen=Sum("amount_fen"))["fen"]
    received = Payment.objects.aggregate(fen=Sum("amount_fen"))["fen"]
    cash = Account.objects.get(code=accounts.CASH).balance_fen
    return bool(returned == made.pool_fen == received - spent and cash == 0)


def _a_term(chance: random.Random, signer: User) -> tuple[Plan, list[Agreement]]:
    """A plan by the class hour with sessions of five months, some cancelled, and families that chose three activities."""
    asked = Consultation.objects.create(
        term_code=TERM, title="征询", text="…", state="closed", closes_at=NOW, opened_at=NOW, closed_at=NOW, asked=FAMILIES,
        yes=FAMILIES,
    )  # fmt: skip
    plan = Plan.objects.create(
        term_code=TERM, name="方案", consultation=asked, state="published", first_date=FIRST, last_date=LAST,
        fee_unit="class_hour", fee_fen=300, collector="school", expected_participants=FAMILIES, resolution_id=uuid7(),
        filing_id=uuid7(), fee_notice_id=uuid7(), published_at=NOW, created_at=NOW,
    )  # fmt: skip
    activities = _activities(plan, chance)
    return plan, _families(plan, activities, chance, signer)


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


def _families(plan: Plan, activities: list[Activity], chance: random.Random, signer: User) -> list[Agreement]:
    school_class = SchoolClass.objects.create(entry_year=2026, grade=1, number=1, name="一年级1班")
    pupils = [
        Pupil(number=f"G{number:08d}", name=f"学生{number}", school_class=school_class, joined_date=FIRST)
        for number in range(FAMILIES)
    ]
    parents = [Guardian(name=f"家长{number}", phone=f"+86139{number:08d}") for number in range(FAMILIES)]
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
        ChosenActivity(application=application, activity=activity, holds_place=True)
        for application in applications
        for activity in chance.sample(activities, 3)
    ]
    ChosenActivity.objects.bulk_create(choices, batch_size=1000)
    return agreements


def _all_pay(agreements: list[Agreement]) -> None:
    """What each was charged, except that every twentieth pays half; in bulk, it is not what is measured."""
    owed: dict[UUID | None, int] = dict(
        Account.objects.exclude(agreement=None).values_list("agreement_id", "balance_fen")
    )
    payments = [
        Payment(
            agreement=agreement,
            receipt_number=f"R{number}",
            provider_key=f"wx-{number}",
            amount_fen=owed[agreement.pk] // (2 if number % 20 == 0 else 1),
            paid_at=NOW,
            recorded_at=NOW,
        )
        for number, agreement in enumerate(agreements)
    ]
    Payment.objects.bulk_create(payments, batch_size=1000)
    postings = [
        Posting(
            TransferKind.PAYMENT,
            f"payment:{row.pk}",
            accounts.CASH,
            accounts.family(row.agreement_id),
            Fen(row.amount_fen),
        )
        for row in payments
    ]
    ledger.post_all(postings, term_code=TERM, by=None, now=NOW)


def _spend(chance: random.Random, asker: User, approver: User) -> int:
    held = Account.objects.get(code=accounts.CASH).balance_fen
    fen = Fen(held * 4 // 5 + chance.randrange(10_000))
    candidate = Candidate.objects.create(
        name="何静", phone="+8613700000001", origin=Origin.SCHOOL, proposed_at=NOW
    )
    Contract.objects.create(
        number="P1", candidate=candidate, from_date=FIRST, until_date=LAST, pay_fen=5500, text_sha256=HASH, signed_at=NOW,
    )  # fmt: skip
    asked = actions.request_expenditure(
        term_code=TERM, item="teaching_pay", title="报酬", amount=fen, payee=BY_PAY_SHEET, spent_date=FIRST, by=asker,
        now=NOW,
    )  # fmt: skip
    actions.approve_expenditure(expenditure=asked, by=approver, now=NOW)
    return fen


def _close_months(by: User) -> None:
    for month in Period(FIRST, LAST).months():
        actions.close_month(term_code=TERM, month=str(month), by=by, now=LATE)


def _resolve(made: Settlement) -> None:
    committee = Committee.objects.create(level=Level.SCHOOL, founded_date=FIRST)
    Resolution.objects.create(
        committee=committee, number="J1", subject=Subject.SETTLEMENT, object_id=made.pk, title="结算", text="同意。",
        text_sha256=HASH, state="passed", quorum=1, opened_at=NOW, closed_at=NOW,
    )  # fmt: skip
