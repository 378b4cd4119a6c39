"""Who collects in a term, and for whom a person acts: by a seat or a post, never by a role that somebody hands out (S3).

The committee is whoever sits in it: its treasurer and its chair receive. The school is its office: who is employed
there and sits in no committee.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.accounts.roles import Role
from schools.committee import queries as committees
from schools.committee.models import Level, Office
from schools.finance import rules
from tenants.policies.documents import Collector

NAMES: Final[Mapping[Collector, Promise]] = {
    Collector.COMMITTEE: _("家长委员会"),
    Collector.SCHOOL: _("学校"),
}
RECEIVE: Final = frozenset({Office.CHAIR, Office.TREASURER})
IN_OFFICE: Final = frozenset({Role.PRINCIPAL, Role.DEPUTY, Role.CLERK})


def of_term(term_code: str) -> Collector:
    """By the policy that the term began with: a past term keeps it. Raises UnknownTerm, NoPolicyInForce."""
    return rules.policy_on(rules.term(term_code).first_date).policy.collector


def acts_for(user: User, day: date) -> frozenset[Collector]:
    """On a day. A seat in a committee counts for the committee alone, whatever else the person is."""
    seats = committees.seated(day).filter(guardian__user=user)
    held = list(seats.values_list("committee__level", "office"))
    if held:
        receives = any(level == Level.SCHOOL and office in RECEIVE for level, office in held)
        return frozenset({Collector.COMMITTEE}) if receives else frozenset()
    if user.assignments.filter(role__in=IN_OFFICE).exists():
        return frozenset({Collector.SCHOOL})
    return frozenset()
