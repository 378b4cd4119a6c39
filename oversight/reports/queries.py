"""Reads of the reports: of the whole city or of the supervisor's districts."""

from uuid import UUID

from django.db.models import Q, QuerySet

from afterbell.accounts.models import User
from oversight.cases.queries import districts_of
from tenants.exchange import queries as exchange
from tenants.exchange.models import Envelope, EnvelopeKind
from tenants.exchange.states import EnvelopeState

UNREAD, NOTED = "unread", "noted"
STATE_OF = {UNREAD: EnvelopeState.SENT, NOTED: EnvelopeState.ANSWERED}


def reports_for(user: User) -> QuerySet[Envelope]:
    """Of the user's districts; school and district stand beside each. One query."""
    return exchange.sent_to_city(EnvelopeKind.REPORT, districts=districts_of(user))


def narrowed(
    reports: QuerySet[Envelope], *, school: str = "", district: str = "", state: str = ""
) -> QuerySet[Envelope]:
    """By the filters of the address, the newest first; an empty one does not filter."""
    if school:
        reports = reports.filter(Q(school_name__icontains=school) | Q(school_code__startswith=school))
    if district:
        reports = reports.filter(Q(district_code=district))
    if state:
        reports = reports.filter(state=STATE_OF[state])
    return reports.order_by("-sent_at", "-pk")


def report_for(user: User, report_id: UUID) -> Envelope:
    """Raises Envelope.DoesNotExist for another district's, too."""
    return reports_for(user).get(pk=report_id)


def state_of(report: Envelope) -> str:
    return NOTED if report.state == EnvelopeState.ANSWERED else UNREAD
