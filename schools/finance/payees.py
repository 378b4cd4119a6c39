"""Who may be paid: people hired for the term, shops that sell goods, organisations on the bureau's register (S16, S26)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.kernel.errors import Refused
from schools.finance import asked_before, known_payees, rules, spending, statements
from schools.finance.findings import Fact, Finding, read
from schools.finance.models import Expenditure
from schools.finance.spending import Item, Payee, PayeeKind
from schools.people import naming
from schools.staffing import organisations
from schools.staffing.models import Candidate, Contract
from tenants.models import Provider, Term
from tenants.providers import queries as register


class NotOnRegister(Refused):
    """No paid cooperation with a company that the bureau has not approved (S26)."""

    code = "finance.provider_not_on_register"
    message = _(
        "“%(payee)s”在 %(date)s 不在教育局核准的合作机构名录中。学校不得擅自与社会机构合作进行有偿服务，"
        "请先由教育局核准，或从名录中选择。"
    )


class Withdrawn(Refused):
    """Whom the bureau has refused is paid for nothing, as a shop neither (S26)."""

    code = "finance.provider_withdrawn"
    message = _("教育局已于 %(date)s 撤销“%(payee)s”的核准，不能向其付款，作为商家也不行。")


class PayeeDoesNotFit(Refused):
    """Work is paid to people, goods to shops, services to organisations."""

    code = "finance.payee_does_not_fit"
    message = _("“%(item)s”只能付给%(payee)s，请改选项目或收款方。")


class NoPayee(Refused):
    """Money goes to somebody."""

    code = "finance.no_payee"
    message = _("请填写收款方。")
    status = 400


class NotHired(Refused):
    """Pay is for those whom the committee hired (S16, S18)."""

    code = "finance.payee_not_hired"
    message = _("%(date)s 之前，本学期没有与“%(payee)s”签订聘用协议。报酬只能付给已签协议的服务人员。")


@dataclass(frozen=True)
class Paid:
    """The payee as the row keeps it."""

    payee_kind: str
    payee: str = ""
    contract: Contract | None = None
    provider_id: UUID | None = None


def hired(term: Term, until: date) -> QuerySet[Contract]:
    """Contracts that ran on a day of the term up to this one, by name; pay may follow after their end."""
    rows: QuerySet[Contract] = Contract.objects.select_related("candidate").filter(
        Q(ended_date__isnull=True) | Q(ended_date__gte=term.first_date),
        from_date__lte=until,
        until_date__gte=term.first_date,
    )
    return rows.order_by("candidate__name", "pk")


def providers(day: date) -> QuerySet[Provider]:
    """Organisations that this school may pay for services on a day, by name."""
    return register.in_force(day, rules.school_here().district)


def checked(item: Item, payee: Payee, *, title: str, term: Term, day: date) -> Paid:
    """The payee of an expenditure of a day. Raises NoPayee, NotOnRegister, Withdrawn, PayeeDoesNotFit, NotHired.

    The item's kind decides: work is people's, a service is an organisation's of the register, and a shop sells goods. What
    a shop is called decides nothing, it asks (`findings`), unless the register says that the bureau refused it.
    """
    name = statements.one_line(payee.name)
    if payee.kind not in PayeeKind.values or (payee.kind == PayeeKind.SUPPLIER and not name):
        raise NoPayee
    if not item.is_goods and (payee.kind != PayeeKind.STAFF or organisations.looks_like_one(name)):
        found = _provider(payee.provider_id, name, day)
        if item.payee_kind == PayeeKind.PROVIDER:
            return Paid(PayeeKind.PROVIDER, found.name, provider_id=found.pk)
    if payee.kind != item.payee_kind:
        raise PayeeDoesNotFit(item=item.name, payee=item.payee_kind.label)
    if item.is_goods:
        _refuse_withdrawn(name, title, day)
        return Paid(PayeeKind.SUPPLIER, name[:60])
    return _person(payee.contract_id, name, term, day)


def findings(title: str, payee: Payee, day: date) -> list[Finding]:
    """What both persons are asked about: words of the title, and what the registers know about a shop (S2, S26)."""
    found = spending.asked_by_words(title, payee)
    if payee.kind != PayeeKind.SUPPLIER:
        return found
    known = known_payees.about(payee.name, title, day)
    if any(finding.kind == Fact.KNOWN for finding in known):
        found = [finding for finding in found if finding.kind != Fact.PERSON]
    return [*found, *known]


def findings_of(row: Expenditure) -> list[Finding]:
    """Of an open request: what it was asked with, and what has come to the registers since."""
    before = read(row.findings)
    now = [*findings(row.title, Payee(row.payee_kind, row.payee), row.spent_date), *asked_before.of_row(row)]
    return [*before, *(each for each in now if each not in before)]


def own_words(item: str, title: str, payee: str) -> list[str]:
    """What somebody typed and everybody may read: the purpose, and a shop's name; others are paid by a list of names."""
    is_shop = item in spending.BY_CODE and spending.BY_CODE[item].is_goods
    return [statements.one_line(title), *([statements.one_line(payee)] if is_shop else [])]


def refuse_unapproved(row: Expenditure) -> None:
    """Looked at once more when it is decided: an approval may have been taken back meanwhile."""
    if row.provider_id is not None:
        _provider(row.provider_id, row.payee, row.spent_date)
    if row.payee_kind == PayeeKind.SUPPLIER:
        _refuse_withdrawn(row.payee, row.title, row.spent_date)


def is_paid(row: Expenditure, user: User, term: Term) -> bool:
    """Whether the money goes to this user: alone, with everybody on the pay sheet, or as the shop of the own name."""
    if row.payee_kind == PayeeKind.SUPPLIER:
        own = [user.name, *Candidate.objects.filter(user=user).values_list("name", flat=True)]
        return any(naming.same(row.payee, name) for name in own if name)
    if row.payee_kind != PayeeKind.STAFF:
        return False
    theirs = hired(term, row.spent_date).filter(candidate__user=user)
    return (theirs.filter(pk=row.contract_id) if row.contract_id else theirs).exists()


def _provider(provider_id: UUID | None, name: str, day: date) -> Provider:
    """By its row, or by the name that it has on the register."""
    wanted = Q(pk=provider_id) if provider_id else Q(name=name)
    found = providers(day).filter(wanted).first()
    if found is None:
        known = Provider.objects.filter(pk=provider_id).first() if provider_id else None
        raise NotOnRegister(payee=known.name if known else name or "–", date=day)
    return found


def _refuse_withdrawn(name: str, title: str, day: date) -> None:
    """However the name is written, with whatever around it, or by its credit code."""
    found = known_payees.refused_of(name, title, day)
    if found is not None:
        raise Withdrawn(payee=found.name, date=found.revoked_date)


def _person(contract_id: UUID | None, name: str, term: Term, day: date) -> Paid:
    """One hired person, or all of them by the pay sheet, where there is somebody."""
    people = hired(term, day)
    found = people.filter(pk=contract_id).first() if contract_id else None
    if found is not None:
        return Paid(PayeeKind.STAFF, found.candidate.name, contract=found)
    if contract_id or name or not people.exists():
        raise NotHired(payee=name or "–", date=day)
    return Paid(PayeeKind.STAFF)
