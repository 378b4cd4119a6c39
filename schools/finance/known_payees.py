"""Whom the registers know under what was typed as a shop: organisations of the bureau's register, people of the school."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Final

from afterbell.kernel.signs import plain
from schools.finance import rules, trade_names
from schools.finance.findings import Fact, Finding
from schools.people import queries as people
from schools.people.models import Guardian
from schools.staffing.models import Candidate
from tenants.models import District, Provider
from tenants.providers import queries as register

LEAST_NAME: Final = 2
LEAST_INSIDE: Final = 3
"""Signs of a parent's name that is looked for inside a longer one; two signs stand together by chance."""


def refused_of(payee: str, title: str, day: date) -> Provider | None:
    """Whose approval was taken back, by the credit code or by the name; its short name only asks."""
    written, codes = plain(payee), trade_names.credit_codes(payee) | trade_names.credit_codes(title)
    for found in register.withdrawn(day, rules.school_here().district):
        if found.credit_code in codes or plain(found.name) in written or _is_core_of(found, written):
            return found
    return None


def about(payee: str, title: str, day: date) -> list[Finding]:
    """What the registers say about a shop's name, and about who is named in a title. Four queries."""
    return [*_organisations(payee, title, day), *_people(payee, title)]


def _organisations(payee: str, title: str, day: date) -> Iterator[Finding]:
    places = list(District.objects.values_list("name", flat=True))
    known = list(Provider.objects.order_by("name", "pk"))
    running = set(register.in_force(day, rules.school_here().district).values_list("credit_code", flat=True))
    codes = trade_names.credit_codes(payee) | trade_names.credit_codes(title)
    short, written = trade_names.brand(payee, places), plain(f"{payee}\n{title}")
    said: set[str] = set()
    for one in known:
        if one.credit_code in said:
            continue
        if one.credit_code in codes:
            word = one.credit_code
        elif plain(one.name) in written or _is_core_of(one, written):
            word = one.name
        elif trade_names.same_brand(short, trade_names.brand(one.name, places)):
            word = short
        else:
            continue
        said.add(one.credit_code)
        yield Finding(_kind(one, running, day), word, one.name)


def _kind(one: Provider, running: set[str], day: date) -> str:
    if one.credit_code in running:
        return Fact.PROVIDER
    is_revoked = one.revoked_date is not None and one.revoked_date <= day
    return Fact.REVOKED if is_revoked else Fact.EXPIRED


def _is_core_of(one: Provider, written: str) -> bool:
    """青禾教育科技 names 青禾教育科技有限公司; a core that is no more than a trade's word (少儿艺术) names nobody."""
    core = trade_names.core(one.name)
    return bool(trade_names.brand(one.name)) and core in written


def _people(payee: str, title: str) -> Iterator[Finding]:
    """The payee is a person of the school, or the payee or the title has a member of staff in it."""
    written, whole = plain(payee), plain(f"{payee}\n{title}")
    staff = [
        *Candidate.objects.order_by("pk").values_list("name", flat=True),
        *people.staff_accounts().order_by("pk").values_list("name", flat=True),
    ]
    adults = Guardian.objects.order_by("pk").values_list("name", flat=True)
    found = _first(staff, lambda name: name in whole) or _first(
        adults, lambda name: name == written or (len(name) >= LEAST_INSIDE and name in written)
    )
    if found:
        yield Finding(Fact.KNOWN, found)


def _first(names: Iterable[str], fits: Callable[[str], bool]) -> str:
    """As the register has it."""
    folded = ((name, plain(name)) for name in names)
    return next((name for name, written in folded if len(written) >= LEAST_NAME and fits(written)), "")
