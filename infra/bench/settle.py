"""`bench settle`: the fees of a term for 2,000 families, and its settlement from the preview to the confirmed refunds.

Beside both the peer (loop.py) on a school of 100 families, whose sums have to be ours to the fen.
"""

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Sum

from afterbell import warm
from afterbell.accounts import actions as people
from afterbell.accounts.models import User
from afterbell.accounts.roles import Role
from afterbell.kernel.dates import Period
from afterbell.kernel.money import Fen
from infra.bench import stage, term
from infra.bench.loop import Loop, Sums
from infra.bench.stage import NOW, Effort, Outcome
from infra.bench.term import FIRST, HASH, LAST, TERM
from schools.care.models import Session
from schools.committee.models import Committee, Level, Resolution, Subject
from schools.enrolment.models import Agreement
from schools.finance import accounts, actions, ledger, promises
from schools.finance.ledger import Posting
from schools.finance.models import Account, Charge, Payment, Refund, Settlement, TransferKind
from schools.finance.spending import BY_PAY_SHEET
from schools.planning.models import Plan
from schools.staffing.models import Candidate, Contract, Origin
from tenants.context import in_school
from tenants.models import PolicyProfile, Term
from tenants.policies import ready

FAMILIES = 2000
SAMPLE = 100
"""Families of the peer's school."""
LATE = datetime(2027, 1, 23, 4, 0, tzinfo=UTC)
"""The day after the last one."""


class Steps(NamedTuple):
    """What each took."""

    charge: Effort
    preview: Effort
    batch: Effort
    issue: Effort
    confirm: Effort
    verify: Effort

    @property
    def settle(self) -> Sequence[Effort]:
        """What a person waits for: from the books to the refunds on their way."""
        return self[1:5]


class Done(NamedTuple):
    """A school's steps, whether every sum is exact, and the peer's seconds for its charges and its settlement."""

    steps: Steps
    exact: bool
    peer: tuple[float, float] = (0.0, 0.0)


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
        warm.before_first_request()
        sample = _one_school(count + 1, seed, SAMPLE, beside=True)
        done = [_one_school(number, seed, FAMILIES) for number in range(1, count + 1)]
    slowest = max((each.steps for each in done), key=lambda steps: _seconds(steps.settle))
    exact = all(each.exact for each in (sample, *done))
    seconds, peers = _seconds(slowest.settle), [each / SAMPLE * FAMILIES for each in sample.peer]
    return Outcome(
        name="settle",
        schools=count,
        seed=seed,
        checked=exact,
        results={
            "families": FAMILIES,
            "seconds": seconds,
            "own_cpu_seconds": sum(step.own for step in slowest.settle),
            "server_cpu_seconds": sum(step.server for step in slowest.settle),
            "loop_ratio": peers[1] / seconds,
            "sum_exact": exact,
            "families_per_second": FAMILIES / seconds,
            **{f"{name}_seconds": step.seconds for name, step in slowest._asdict().items()},
            "charge_own_cpu_seconds": slowest.charge.own,
            "charge_server_cpu_seconds": slowest.charge.server,
            "charge_loop_ratio": peers[0] / slowest.charge.seconds,
        },
    )


def _seconds(steps: Iterable[Effort]) -> float:
    return sum(step.seconds for step in steps)


def _one_school(number: int, seed: int, families: int, *, beside: bool = False) -> Done:
    school = stage.open_school(number)
    with in_school(school):
        office = [_somebody(role) for role in (Role.CLERK, Role.PRINCIPAL)]
        with transaction.atomic():
            plan, agreements = term.made(random.Random(seed), office[1], families)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        return _settled(plan, agreements, office, random.Random(seed), beside=beside)


def _somebody(role: Role) -> User:
    """Of the school's office, which holds the money."""
    user: User = User.objects.create(login=f"u{role}", name="试验")
    people.assign_role(user=user, role=role, by=None, now=NOW)
    return user


def _settled(
    plan: Plan, agreements: list[Agreement], office: list[User], chance: random.Random, *, beside: bool
) -> Done:
    clerk, principal = office
    fees = Loop(plan, clerk, principal, NOW).charge() if beside else None
    with Effort() as charge:
        actions.charge_period(plan=plan, period=TERM, by=clerk, now=NOW)
    _all_pay(agreements)
    spent = _spend(chance, clerk, principal)
    Session.objects.filter(date__lte=LATE.date(), state="planned").update(state="closed", closed_at=LATE)
    _close_months(clerk)
    back = Loop(plan, clerk, principal, LATE).settle() if beside else None
    with Effort() as preview:
        made = actions.preview_settlement(term_code=TERM, by=clerk, now=LATE)
    _resolve(made)
    with Effort() as batch:
        refunds = actions.batch_settlement(settlement=made, by=principal, now=LATE)
    with Effort() as issue:
        actions.issue_refunds(refunds=refunds, by=clerk, now=LATE)
    with Effort() as confirm:
        actions.confirm_refunds(refunds=refunds, by=principal, now=LATE)
    with Effort() as verify:
        broken = promises.broken_promise()
    exact = broken is None and _is_exact(made, spent)
    steps = Steps(charge, preview, batch, issue, confirm, verify)
    if fees is None or back is None:
        return Done(steps, exact)
    return Done(steps, exact and _as_ours(fees[1], back[1]), (fees[0], back[0]))


def _as_ours(fees: Sums, back: Sums) -> bool:
    """What the peer charged and gave back, family by family."""
    charged = dict(Charge.objects.values_list("agreement_id", "gross_fen"))
    refunded = dict(Refund.objects.values_list("agreement_id", "amount_fen"))
    return fees == charged and {pk: fen for pk, fen in back.items() if fen} == refunded


def _is_exact(made: Settlement, spent: int) -> bool:
    """Received = spent + returned, to the fen, and nothing is left anywhere."""
    returned = Refund.objects.filter(state="confirmed").aggregate(fen=Sum("amount_fen"))["fen"]
    received = Payment.objects.aggregate(fen=Sum("amount_fen"))["fen"]
    cash = Account.objects.get(code=accounts.CASH).balance_fen
    return bool(returned == made.pool_fen == received - spent and cash == 0)


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
