"""The rules as they were known at a moment, for many rows at once: terms and profiles are read once (three queries)."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from afterbell.kernel.dates import Period
from schools.finance import rules
from tenants.models import PolicyProfile, School, Term
from tenants.policies import queries as policies
from tenants.policies.documents import Policy


@dataclass
class Known:
    """A profile that was published after a row was made changes nothing that the row was made by."""

    school: School
    terms: dict[str, Term]
    profiles: list[PolicyProfile]
    """Most specific first, within a scope the latest first."""
    _found: dict[tuple[date, datetime | None], Policy | None] = field(default_factory=dict)
    _read: dict[UUID, Policy] = field(default_factory=dict)

    def policy(self, day: date, at: datetime | None) -> Policy | None:
        """In force on a day, as it was known at a moment; always the same object for the same question."""
        if (day, at) not in self._found:
            begun = [row for row in self.profiles if row.valid_from_date <= day]
            known = [row for row in begun if at is None or row.created_at <= at] or begun
            self._found[day, at] = self._policy(known[0]) if known else None
        return self._found[day, at]

    def in_force(self, day: date, at: datetime | None = None) -> Policy:
        """As `policy`; raises NoPolicyInForce."""
        found = self.policy(day, at)
        if found is None:
            raise policies.NoPolicyInForce(date=day)
        return found

    def _policy(self, row: PolicyProfile) -> Policy:
        if row.pk not in self._read:
            self._read[row.pk] = Policy.from_document(row.document)
        return self._read[row.pk]

    def term(self, code: str) -> Term:
        """Raises UnknownTerm."""
        if code not in self.terms:
            raise rules.UnknownTerm(term=code[:20])
        return self.terms[code]

    def days(self, term_code: str, period: str) -> Period | None:
        """Of a period of fees; None where the city has no such term, or the term no such period."""
        term = self.terms.get(term_code)
        if term is None:
            return None
        try:
            return rules.billing(period, term).days
        except rules.PeriodOutsideTerm:
            return None


def read() -> Known:
    """Of the school at hand."""
    school = rules.school_here()
    profiles = policies.covering(district=school.district, kind=school.kind)
    return Known(school, {term.code: term for term in Term.objects.all()}, list(profiles))
