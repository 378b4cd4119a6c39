"""Reads for the pages and the API of the books: rows, families' bills, months with their state, what waits."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import TypeVar
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.kernel.dates import Month, local_date
from afterbell.kernel.money import Fen
from afterbell.kernel.waiting import Waiting
from schools.enrolment.models import Agreement
from schools.enrolment.states import AgreementState
from schools.finance import (
    accounts,
    doubled,
    ending,
    gathering,
    holding,
    provider_keys,
    rules,
    waiving,
)
from schools.finance.models import (
    Account,
    Calculation,
    Charge,
    ChargeRun,
    Expenditure,
    Payment,
    Refund,
    RefundCause,
    Settlement,
    Share,
    Statement,
    Transfer,
    TransferKind,
)
from schools.finance.states import ExpenditureState, RefundState, SettlementState
from schools.people.models import Pupil
from schools.planning.models import Plan
from schools.planning.states import PlanState
from tenants.exchange.models import Envelope
from tenants.exchange.queries import reports_about
from tenants.models import Term
from tenants.policies.national import COMMITTEES_STOP
from tenants.policies.queries import NoPolicyInForce, PolicyInForce

OfAgreement = TypeVar("OfAgreement", Charge, Payment, Refund, Share, Calculation)
HELD = Q(ties__ended_at=None, ties__is_denied=False, ties__may_sign=True)


def terms() -> list[Term]:
    """Terms with a plan or with books, newest first. Two queries."""
    planned, booked = Plan.objects.values_list("term_code"), Account.objects.values_list("term_code")
    codes = [code for (code,) in planned.order_by().union(booked.order_by())]
    return list(Term.objects.filter(code__in=codes).order_by("-first_date", "pk"))


def policy_or_none(day: date) -> PolicyInForce | None:
    """The rules of a day; None while the city has set none."""
    try:
        return rules.policy_on(day)
    except NoPolicyInForce:
        return None


def is_collector_forbidden(term: Term | None, today: date) -> bool:
    """A committee collects on a day on which the national rule forbids it: by the policy, or by the term's plan (S3)."""
    policy = policy_or_none(today)
    if policy is not None and policy.is_collector_forbidden:
        return True
    if term is None or term.last_date < COMMITTEES_STOP:
        return False
    live = [PlanState.ACCEPTED, PlanState.PUBLISHED, PlanState.ENDED]
    return Plan.objects.filter(term_code=term.code, collector="committee", state__in=live).exists()


def plan_of(term_code: str) -> Plan | None:
    """The published plan, or the one that has ended."""
    states = [PlanState.PUBLISHED, PlanState.ENDED]
    return Plan.objects.filter(term_code=term_code, state__in=states).order_by("-version").first()


def running_plan(term_code: str, now: datetime) -> Plan | None:
    """The published plan while it has days left."""
    rows = Plan.objects.filter(term_code=term_code, state=PlanState.PUBLISHED, last_date__gt=local_date(now))
    return rows.first()


def ended_plan(term_code: str) -> Plan | None:
    """The one that ended last before its time, where none has days left."""
    rows = Plan.objects.filter(term_code=term_code, ended_date__isnull=False)
    return rows.order_by("-ended_date", "-version", "pk").first()


def service_ends(term_code: str) -> QuerySet[Envelope]:
    """What the bureau was told of plans of the term that ended early, with what it said. Two statements."""
    ids = Plan.objects.filter(term_code=term_code).values_list("pk", flat=True)
    return reports_about("service_end", ids)


def plan(plan_id: UUID) -> Plan:
    """Raises Plan.DoesNotExist."""
    return Plan.objects.get(pk=plan_id)


# --- rows ------------------------------------------------------------------------------------------------------


def transfers(term_code: str, *, month: str = "", kind: str = "", cost_kind: str = "") -> QuerySet[Transfer]:
    """Rows of the books; a kind has its reversals with it, so that the rows sum to the number they stand behind."""
    found = Transfer.objects.filter(term_code=term_code).select_related(
        "debit__agreement", "credit__agreement"
    )
    if month:
        found = found.filter(month=month)
    if kind:
        found = found.filter(Q(kind=kind) | Q(reverses__kind=kind))
    if cost_kind:
        found = found.filter(cost_kind=cost_kind)
    return found.annotate(is_reversed=Exists(Transfer.objects.filter(reverses=OuterRef("pk"))))


def transfer(transfer_id: UUID) -> Transfer:
    """Raises Transfer.DoesNotExist."""
    return Transfer.objects.select_related("debit", "credit").get(pk=transfer_id)


def charges(term_code: str) -> QuerySet[Charge]:
    """With the child."""
    return Charge.objects.filter(term_code=term_code).select_related("agreement__pupil__school_class")


def doubled_charges(term: Term) -> list[Charge]:
    """Of each pair for the same days those from before runs, which can be taken back one by one. Two queries."""
    pairs = doubled.charges(term)
    rows = charges(term.code).filter(pk__in={pk for pair in pairs for pk in pair[1:]}, run=None)
    return list(rows.order_by("agreement__number", "period", "pk"))


def runs(term_code: str) -> QuerySet[ChargeRun]:
    """The latest first."""
    return (
        ChargeRun.objects.filter(term_code=term_code)
        .select_related("posted_by")
        .order_by("-posted_at", "-pk")
    )


def run(run_id: UUID) -> ChargeRun:
    """Raises ChargeRun.DoesNotExist."""
    return ChargeRun.objects.select_related("posted_by").get(pk=run_id)


def charge(charge_id: UUID) -> Charge:
    """Raises Charge.DoesNotExist."""
    return Charge.objects.select_related("agreement__pupil__school_class", "agreement__plan").get(
        pk=charge_id
    )


def hardship_without_waiver(term_code: str) -> int:
    """Charges of children in hardship that nobody has waived: to be looked at."""
    rows = Charge.objects.filter(term_code=term_code, taken_back_at=None, waived_fen=0, gross_fen__gt=0)
    return rows.filter(agreement__pupil__is_hardship=True).count()


def payments(term_code: str) -> QuerySet[Payment]:
    """With the child."""
    rows = Payment.objects.filter(agreement__plan__term_code=term_code)
    return rows.select_related("agreement__pupil__school_class", "by")


def payment(payment_id: UUID) -> Payment:
    """Raises Payment.DoesNotExist."""
    rows = Payment.objects.select_related("agreement__pupil__school_class", "agreement__plan")
    return rows.get(pk=payment_id)


def agreement_by_number(number: str) -> Agreement | None:
    """As it stands on the bill."""
    plain = number.strip().upper()
    rows = Agreement.objects.select_related("plan", "pupil__school_class")
    return rows.filter(number=plain).first()


def owed_by(agreement: Agreement) -> Fen:
    """What the family owes now; below zero: what we owe it."""
    rows = Account.objects.filter(agreement=agreement, term_code=agreement.plan.term_code)
    return Fen(rows.values_list("balance_fen", flat=True).first() or 0)


def is_booked(provider_key: str) -> bool:
    """Whether a payment with this number of the provider has come before."""
    return Payment.objects.filter(provider_key=provider_keys.plain(provider_key)).exists()


def agreement(agreement_id: UUID) -> Agreement:
    """Raises Agreement.DoesNotExist."""
    return Agreement.objects.select_related("plan", "pupil__school_class").get(pk=agreement_id)


def expenditures(term_code: str) -> QuerySet[Expenditure]:
    """With both persons."""
    rows = Expenditure.objects.filter(term_code=term_code)
    return rows.select_related("requested_by", "decided_by")


def expenditure(expenditure_id: UUID) -> Expenditure:
    """Raises Expenditure.DoesNotExist."""
    return Expenditure.objects.select_related("requested_by", "decided_by").get(pk=expenditure_id)


def refunds(term_code: str, *, state: str = "") -> QuerySet[Refund]:
    """With the child."""
    rows = Refund.objects.filter(term_code=term_code).select_related("agreement__pupil__school_class")
    return rows.filter(state=state) if state else rows


def refund(refund_id: UUID) -> Refund:
    """Raises Refund.DoesNotExist."""
    return Refund.objects.select_related("agreement__pupil__school_class").get(pk=refund_id)


def refunds_to_issue(term_code: str, user: User) -> list[Refund]:
    """Drafts, and those that the bank sent back, that the user may send: not what the user prepared."""
    rows = Refund.objects.filter(term_code=term_code, state__in=[RefundState.DRAFT, RefundState.FAILED])
    return list(rows.exclude(prepared_by=user).order_by("created_at", "pk"))


def refunds_prepared_by(term_code: str, user: User) -> int:
    """How many wait for somebody else because the user prepared them."""
    rows = Refund.objects.filter(term_code=term_code, state__in=[RefundState.DRAFT, RefundState.FAILED])
    return rows.filter(prepared_by=user).count()


def refunds_on_the_way(term_code: str) -> list[Refund]:
    """Issued, not yet confirmed."""
    rows = Refund.objects.filter(term_code=term_code, state=RefundState.ISSUED)
    return list(rows.order_by("created_at", "pk"))


def periods_over(term_code: str, today: date) -> list[str]:
    """Periods that were charged and whose last day has passed, the latest first: absences in them can be looked at."""
    rows = Charge.objects.filter(term_code=term_code, taken_back_at=None)
    labels = rows.order_by("-period").values_list("period", flat=True).distinct()
    term = rules.term(term_code)
    return [label for label in labels if rules.billing(label, term).days.last < today]


def refund_counts(term_code: str) -> dict[str, tuple[int, Fen]]:
    """By state: how many, how much."""
    rows = Refund.objects.filter(term_code=term_code).values_list("state")
    return {state: (n, Fen(fen)) for state, n, fen in rows.annotate(n=Count("pk"), fen=Sum("amount_fen"))}


def exits_to_compute(term_code: str) -> list[Agreement]:
    """Ended, charged, and nobody has looked at what goes back; a settlement has looked at all that were left."""
    looked_at = Calculation.objects.filter(term_code=term_code, cause=RefundCause.EXIT, undone_at=None)
    standing = Charge.objects.filter(agreement=OuterRef("pk"), taken_back_at=None)
    rows = Agreement.objects.filter(Exists(standing), plan__term_code=term_code).exclude(
        state=AgreementState.ACTIVE
    )
    if Settlement.objects.filter(term_code=term_code, state=SettlementState.BATCHED).exists():
        return []
    found = rows.exclude(pk__in=looked_at.values("agreement"))
    return list(found.select_related("pupil__school_class", "plan").order_by("ended_at", "pk"))


# --- settlement ------------------------------------------------------------------------------------------------


def rounds_of(term_code: str) -> list[Settlement]:
    """Every round that counts, the latest first: that one may still be open, the others have made their refunds."""
    rows = Settlement.objects.filter(term_code=term_code).exclude(state=SettlementState.VOID)
    return list(rows.order_by("-round", "-pk"))


def pending_expenditure(term_code: str) -> list[Expenditure]:
    """Asked for and not decided: a close says what it does not hold."""
    rows = Expenditure.objects.filter(term_code=term_code, state=ExpenditureState.REQUESTED)
    return list(rows.order_by("spent_date", "pk"))


def settlement(settlement_id: UUID) -> Settlement:
    """Raises Settlement.DoesNotExist."""
    return Settlement.objects.get(pk=settlement_id)


def shares(settlement: Settlement) -> QuerySet[Share]:
    """With the child."""
    return settlement.shares.select_related("agreement__pupil__school_class")


def share(share_id: UUID) -> Share:
    """Raises Share.DoesNotExist."""
    return Share.objects.select_related("settlement", "agreement__pupil__school_class").get(pk=share_id)


# --- months ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MonthState:
    """A month of the term's books and what became of it."""

    line: gathering.MonthLine
    statement: Statement | None
    due: date | None
    state: str
    """running, open, late, closed, closed_late; before: older than the term, it is in the first month's opening"""

    @property
    def may_close(self) -> bool:
        return self.state in ("open", "late")


def months(term: Term, today: date) -> list[MonthState]:
    """From the term's first month to the present one, and every month with postings; none before the first is to close."""
    lines = {line.month: line for line in gathering.month_lines(term.code)}
    closed = {row.month: row for row in Statement.objects.filter(term_code=term.code)}
    labels = [str(month) for month in rules.days_of(term).months() if month <= Month.of(today)]
    policy = policy_or_none(min(today, term.last_date))
    days = policy.policy.deadlines.statement_days if policy else None
    held, found = Fen(0), []
    for label in sorted({*labels, *lines, *closed}):
        line = lines.get(label) or gathering.MonthLine(label, held, NO_FLOWS, held)
        held = line.closing
        found.append(_month_state(line, closed.get(label), days, today))
    return [_placed(state, term, today) for state in found]


def _placed(state: MonthState, term: Term, today: date) -> MonthState:
    """Books from before a rule may have rows in months before the term."""
    if state.statement is None and state.line.month < str(Month.of(term.first_date)):
        return replace(state, state="before", due=None)
    return _early(state, term, today)


def _early(state: MonthState, term: Term, today: date) -> MonthState:
    """The term's last month may be closed once its service is over."""
    month = rules.month_named(state.line.month)
    if state.state != "running" or month is None or not ending.is_last_month_over(term, month, today):
        return state
    return replace(state, state="open")


NO_FLOWS = gathering.Flows(Fen(0), Fen(0), Fen(0), Fen(0), Fen(0))


def _month_state(
    line: gathering.MonthLine, statement: Statement | None, days: int | None, today: date
) -> MonthState:
    month = rules.month_named(line.month)
    last = month.period.last if month else today
    due = statement.due_date if statement else gathering.due_date(last, days) if days is not None else None
    if statement is not None:
        is_late = local_date(statement.published_at) > statement.due_date
        return MonthState(line, statement, due, "closed_late" if is_late else "closed")
    if today <= last:
        return MonthState(line, None, due, "running")
    return MonthState(line, None, due, "late" if due is not None and today > due else "open")


def statements() -> QuerySet[Statement]:
    """All published ones, newest first."""
    return Statement.objects.order_by("-month", "-term_code", "pk")


def statements_of(month: str) -> list[Statement]:
    """Of one month; two terms may share one."""
    return list(Statement.objects.filter(month=month).order_by("term_code", "pk"))


def statement(term_code: str, month: str) -> Statement:
    """Raises Statement.DoesNotExist."""
    return Statement.objects.get(term_code=term_code, month=month)


# --- a family's own --------------------------------------------------------------------------------------------


def agreements_of(user: User) -> QuerySet[Agreement]:
    """Of the children for whom the user may sign, also those who have left the school: money may still come back."""
    pupils = Pupil.objects.filter(HELD, ties__guardian__user=user)
    rows = Agreement.objects.filter(pupil__in=pupils.values("pk"))
    return rows.select_related("pupil", "plan").order_by("-from_date", "pk")


@dataclass(frozen=True)
class OwnBill:
    """One agreement of a family, with everything that was charged, paid and returned."""

    agreement: Agreement
    charges: list[Charge]
    payments: list[Payment]
    refunds: list[Refund]
    shares: list[Share]
    """Of settlements that have made their refunds."""
    calculations: list[Calculation]
    """Of an exit or of absences, where no refund says it: the rule gave nothing, or only less to pay."""
    balance: Fen

    @property
    def shares_of_nothing(self) -> list[Share]:
        """Shares that no refund says: it has the same proof, and what became of the money."""
        told = {each.settlement_id for each in self.refunds}
        return [each for each in self.shares if each.settlement_id not in told]

    @property
    def owes(self) -> Fen:
        return Fen(max(0, self.balance))

    @property
    def gets(self) -> Fen:
        return Fen(max(0, -self.balance))


def own_bills(user: User) -> list[OwnBill]:
    """Seven queries, whatever the number of children."""
    agreements = list(agreements_of(user))
    wanted = [row.pk for row in agreements]
    held = dict(Account.objects.filter(agreement__in=wanted).values_list("agreement", "balance_fen"))
    batched = Share.objects.filter(agreement__in=wanted, settlement__state=SettlementState.BATCHED)
    shared = list(batched.select_related("settlement").order_by("settlement__previewed_at", "pk"))
    charged = list(Charge.objects.filter(agreement__in=wanted).order_by("period", "pk"))
    paid = list(Payment.objects.filter(agreement__in=wanted).order_by("paid_at", "pk"))
    returned = list(Refund.objects.filter(agreement__in=wanted).order_by("created_at", "pk"))
    told = {row.key for row in returned}
    computed = list(Calculation.objects.filter(agreement__in=wanted, undone_at=None).order_by("at", "pk"))
    return [
        OwnBill(
            agreement=row,
            charges=_of(row, charged),
            payments=_of(row, paid),
            refunds=_of(row, returned),
            shares=_of(row, shared),
            calculations=[each for each in _of(row, computed) if each.key not in told],
            balance=Fen(held.get(row.pk, 0)),
        )
        for row in agreements
    ]


def _of(agreement: Agreement, rows: list[OfAgreement]) -> list[OfAgreement]:
    """The rows of one agreement, which they carry from now on: nobody reads it once more for each."""
    found = [row for row in rows if row.agreement_id == agreement.pk]
    for row in found:
        row.agreement = agreement
    return found


def own_payment(user: User, payment_id: UUID) -> Payment:
    """Raises Payment.DoesNotExist for what is not there or not the family's own."""
    rows = Payment.objects.filter(agreement__in=agreements_of(user).values("pk"))
    return rows.select_related("agreement__pupil__school_class", "agreement__plan").get(pk=payment_id)


def own_agreement(user: User, agreement_id: UUID) -> Agreement:
    """Raises Agreement.DoesNotExist for what is not there or not the family's own."""
    return agreements_of(user).get(pk=agreement_id)


# --- what waits ------------------------------------------------------------------------------------------------


def waiting_for(user: User, now: datetime) -> list[Waiting]:
    """Months to close, waivers and expenditure to approve, refunds to issue (settings.WAITING)."""
    found: list[Waiting] = []
    if user.has(Permission.STATEMENT_CLOSE):
        found += _months_waiting(now)
    found += _waivers_waiting(user, now)
    pays = user.has(Permission.EXPENDITURE_APPROVE) or user.has(Permission.REFUNDS_APPROVE)
    others = holding.terms_of_others(user, now) if pays else []
    if user.has(Permission.EXPENDITURE_APPROVE):
        rows = Expenditure.objects.filter(state=ExpenditureState.REQUESTED).exclude(term_code__in=others)
        asked = rows.exclude(requested_by=user).count()
        if asked:
            said = _("%(n)s 笔支出待审批") % {"n": asked}
            found.append(Waiting(said, reverse("finance:expenditures")))
    if user.has(Permission.REFUNDS_APPROVE):
        drafts = Refund.objects.filter(state__in=[RefundState.DRAFT, RefundState.FAILED])
        ready = drafts.exclude(term_code__in=others).exclude(prepared_by=user).count()
        if ready:
            said = _("%(n)s 笔退费待发放") % {"n": ready}
            found.append(Waiting(said, reverse("finance:refunds")))
    return found


def _waivers_waiting(user: User, now: datetime) -> list[Waiting]:
    """For who decides: what was asked; for who asked: what was refused."""
    open_ones = waiving.to_decide(user) if user.has(Permission.WAIVERS_DECIDE) else 0
    refused = waiving.refused_lately(user, now) if user.has(Permission.CHARGES_MANAGE) else 0
    found = []
    if open_ones:
        found.append(Waiting(_("%(n)s 笔减免待审批") % {"n": open_ones}, reverse("finance:waivers")))
    if refused:
        said = _("您申请的 %(n)s 笔减免未获批准") % {"n": refused}
        found.append(Waiting(said, reverse("finance:waivers") + "?state=refused"))
    return found


def _months_waiting(now: datetime) -> list[Waiting]:
    term = rules.term_of_day(local_date(now))
    if term is None or not Account.objects.filter(term_code=term.code).exists():
        return []
    return [
        Waiting(
            _("%(month)s 待月结公示") % {"month": state.line.month},
            reverse("finance:close", args=[state.line.month]) + f"?term={term.code}",
            due=timezone.make_aware(datetime.combine(state.due, time(23, 59))) if state.due else None,
        )
        for state in months(term, local_date(now))
        if state.may_close
    ]


def balances(term_code: str) -> dict[str, Fen]:
    """Money held; what families owe, and what is owed to them. One query."""
    families = ~Q(agreement=None)
    found = Account.objects.filter(term_code=term_code).aggregate(
        cash=Sum("balance_fen", filter=Q(code=accounts.CASH), default=0),
        families_owe=Sum("balance_fen", filter=families & Q(balance_fen__gt=0), default=0),
        owed_to_families=Sum("balance_fen", filter=families & Q(balance_fen__lt=0), default=0),
    )
    return {
        "cash": Fen(found["cash"]),
        "families_owe": Fen(found["families_owe"]),
        "owed_to_families": Fen(-found["owed_to_families"]),
    }


def kinds() -> list[tuple[str, str]]:
    """For the filter of the rows."""
    return [(kind.value, str(kind.label)) for kind in TransferKind]
