"""A school's whole term, made of rows of its own tables, in which no two indicators have the same value by chance.

Among what must count stands what must not: another term, a cancelled and a planned session, a handover that was undone,
an open survey, a reversed charge, a refund that is still on its way, a check that ran out.
"""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

from afterbell.accounts.models import User
from afterbell.kernel.money import Fen
from afterbell.outbox import actions as outbox
from schools.care.models import Handover, RollEntry, Session, Way
from schools.care.states import RollState, SessionState
from schools.enrolment.models import Agreement
from schools.finance import accounts, ledger
from schools.finance.models import Refund, Settlement, Statement, Transfer, TransferKind
from schools.planning.models import Activity, FeeUnit, Plan
from schools.staffing.models import Check, Contract
from schools.voice.models import Complaint, Rating, Survey
from tenants.policies import ready
from tests import makers
from tests.city import NOON
from tests.makers import MONDAY, TERM

NOW = datetime(2026, 12, 20, 4, 0, tzinfo=UTC)
"""The statement of November is overdue, the complaint of December is not yet."""
OTHER_TERM = "2025-2026-2"
DAYS = [MONDAY, MONDAY + timedelta(days=7), MONDAY + timedelta(days=14)]
MONTHS = ["2026-06", "2026-09", "2026-10", "2026-11", "2026-12"]


def the_city() -> None:
    """Public rows: call it outside a school."""
    makers.a_term()
    makers.a_policy(ready.document("national-2024"))


def a_whole_term() -> None:
    """Call it inside the school, once."""
    plan = makers.a_plan(fee_unit=FeeUnit.CLASS_HOUR, fee_fen=280, cap_fen=350)
    week = [makers.an_activity(plan, weekday=weekday) for weekday in range(1, 6)]
    families = [_a_family(plan, week if number < 5 else week[:3]) for number in range(8)]
    for _staying_home in range(3):
        makers.a_pupil()
    makers.a_pupil(left_date=date(2026, 9, 3))
    _care(week[0], families)
    _staff(week[1])
    _voices()
    _money(families)
    outbox.mark(now=NOW, days=DAYS, months=MONTHS, terms=[TERM])


def _a_family(plan: Plan, activities: list[Activity]) -> Agreement:
    agreement = makers.an_agreement(plan=plan)
    for activity in activities:
        makers.a_place(agreement, activity)
    return agreement


def _care(activity: Activity, families: list[Agreement]) -> None:
    """Two held days: of 8 children 6 and 7 came, one was excused once, one was never handed over."""
    user = makers.a_user()
    for day, came in zip(DAYS[:2], (6, 7), strict=True):
        session = makers.a_session(activity, day=day)
        for number, agreement in enumerate(families):
            left = session.starts_at + timedelta(minutes=50 + 7 * number, seconds=30)
            entry = _on_roll(session, agreement, number, came, left)
            if entry.state == RollState.LEFT and entry.left_at is not None:
                Handover.objects.create(
                    entry=entry, way=Way.ALONE, at=entry.left_at, by=user,
                    undone_at=entry.left_at if number == 1 else None,
                )  # fmt: skip
        _close(session)
    open_one = makers.a_session(activity, day=DAYS[2])
    makers.a_roll_entry(open_one, families[0], state=RollState.PRESENT, arrived_at=open_one.starts_at)
    makers.a_session(
        makers.an_activity(activity.plan, weekday=1, starts=time(17, 30), ends=time(18, 30)), day=DAYS[1],
        state=SessionState.CANCELLED, cancel_reason="台风",
    )  # fmt: skip


def _on_roll(session: Session, agreement: Agreement, number: int, came: int, left: datetime) -> RollEntry:
    row = {"session": session, "agreement": agreement, "pupil": agreement.pupil}
    if number == 0:  # still there when the session closed: without a handover
        return RollEntry.objects.create(**row, state=RollState.PRESENT, arrived_at=session.starts_at)
    if number < came:
        return RollEntry.objects.create(
            **row, state=RollState.LEFT, arrived_at=session.starts_at, left_at=left
        )
    state = RollState.EXCUSED if number == came else RollState.ABSENT
    return RollEntry.objects.create(**row, state=state)


def _close(session: Session) -> None:
    session.state, session.closed_at = SessionState.CLOSED, session.ends_at
    session.save()


def _staff(activity: Activity) -> None:
    """Four hired: all checks, one that failed later, one that ran out, none at all; and one of an earlier term."""
    user = makers.a_user()
    whole, failed, over, _none = (makers.a_contract() for _person in range(4))
    makers.a_contract(from_date=date(2026, 2, 1), until_date=date(2026, 7, 1))
    for contract in (whole, failed, over):
        for kind in ("identity", "qualification", "health", "criminal_record"):
            _a_check(contract, kind, user, expires_date=date(2027, 8, 31))
    _a_check(failed, "health", user, passed=False, checked_date=date(2026, 10, 1))
    _a_check(over, "criminal_record", user, checked_date=date(2026, 8, 2), expires_date=date(2026, 11, 30))
    _close(makers.a_session(activity, day=DAYS[0], contract=whole))


def _a_check(contract: Contract, kind: str, user: object, **more: object) -> None:
    Check.objects.create(
        **{
            "candidate": contract.candidate, "kind": kind, "passed": True, "checked_date": date(2026, 8, 1),
            "expires_date": date(2027, 8, 31), "document_number": "1", "consent_at": NOON, "by": user,
            "recorded_at": NOON, **more,
        }
    )  # fmt: skip


def _voices() -> None:
    """A closed survey (12 asked, 9 answered), an open one, and six complaints of which one is of another term."""
    for state, scores in (("closed", (5, 5, 5, 5, 4, 4, 3, 2, 1)), ("open", (1, 1))):
        survey = Survey.objects.create(
            term_code=TERM, contract=makers.a_contract(), state=state, opened_at=NOON, closes_at=NOW, invited=12,
            closed_at=NOW if state == "closed" else None,
        )  # fmt: skip
        Rating.objects.bulk_create([Rating(survey=survey, score=score) for score in scores])
    day = timedelta(days=1)
    for came, answered in (
        (NOON + day, NOON + 3 * day),  # in time
        (NOON + 2 * day, NOON + 4 * day),  # in time
        (NOON + 40 * day, NOON + 60 * day),  # late
        (NOON + 41 * day, None),  # overdue
        (NOW - day, None),  # not yet due
    ):
        _a_complaint(came, answered)
    _a_complaint(NOON - 80 * day, None, term_code=OTHER_TERM)


def _a_complaint(came: datetime, answered: datetime | None, **more: object) -> None:
    Complaint.objects.create(
        **{
            "number": f"T{makers.number()}", "term_code": TERM, "kind": "fee", "addressee": "school", "text": "…",
            "submitted_at": came, "due_at": came + timedelta(days=5), "answered_at": answered,
            "state": "answered" if answered else "open", "answer": "已说明。" if answered else "", **more,
        }
    )  # fmt: skip


def _money(families: list[Agreement]) -> None:
    """September and October charged and spent, November spent only; one charge taken back; a surplus half returned."""
    for month, fen in (("2026-09", 11_200), ("2026-10", 9_800)):
        for agreement in families:
            _post("charge", accounts.family(agreement.pk), accounts.FEES, fen, month)
            _post("payment", accounts.CASH, accounts.family(agreement.pk), fen - 100, month)
        _post("waiver", accounts.FEES, accounts.family(families[0].pk), 2_300, month)
    wrong = _post("charge", accounts.family(families[1].pk), accounts.FEES, 555, "2026-10")
    ledger.reverse(transfer=wrong, by=None, now=datetime(2026, 11, 3, tzinfo=UTC))
    payer = makers.a_user("principal")
    for kind, fen, month in (
        ("staff", 61_000, "2026-09"), ("staff", 47_700, "2026-11"), ("materials", 8_100, "2026-10"),
        ("other", 1_900, "2026-10"),
    ):  # fmt: skip
        _post("expenditure", accounts.cost(kind), accounts.CASH, fen, month, cost_kind=kind, by=payer)
    _post("charge", accounts.family(families[0].pk), accounts.FEES, 77_000, "2026-06", term=OTHER_TERM)
    _statements()
    _settled(families)


def _post(
    kind: str,
    debit: str,
    credit: str,
    fen: int,
    month: str,
    *,
    cost_kind: str = "",
    term: str = TERM,
    by: User | None = None,
) -> Transfer:
    posting = ledger.Posting(
        TransferKind(kind), f"{kind}-{makers.number()}", debit, credit, Fen(fen), cost_kind=cost_kind
    )
    return ledger.post(posting, term_code=term, by=by, now=NOON, month=month)


def _statements() -> None:
    """September in time, October late, November not at all."""
    for month, due, published in (
        ("2026-09", date(2026, 10, 10), datetime(2026, 10, 10, 15, 30, tzinfo=UTC)),  # 23:30 of the due day
        ("2026-10", date(2026, 11, 10), datetime(2026, 11, 10, 16, 30, tzinfo=UTC)),  # half an hour after it
    ):
        Statement.objects.create(
            term_code=TERM, month=month, text="…", sha256="0" * 64, opening_fen=0, received_fen=0, spent_fen=0,
            refunded_fen=0, closing_fen=0, ledger_position=1, due_date=due, published_at=published, notice_id=uuid4(),
        )  # fmt: skip


def _settled(families: list[Agreement]) -> None:
    made = Settlement.objects.create(
        term_code=TERM, state="batched", key="paid", received_fen=166_400, spent_fen=118_700, refunded_fen=0,
        pool_fen=47_700, ledger_position=1, resolution_id=uuid4(), previewed_at=NOON, batched_at=NOW,
    )  # fmt: skip
    for number, (state, settlement) in enumerate(
        [("confirmed", made), ("confirmed", made), ("issued", made), ("confirmed", None)]
    ):
        Refund.objects.create(
            agreement=families[number], term_code=TERM, cause="settlement" if settlement else "absence",
            key=f"r{number}", amount_fen=5_000 + number, explanation="…", state=state, settlement=settlement,
            created_at=NOON,
        )  # fmt: skip
