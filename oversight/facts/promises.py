"""What `afterbell verify` checks of facts and roll-ups: what is kept equals a recomputation, once the marks are taken.

And the city's own witness of each published statement: the envelope that came when it was published. A school's rows are
all in the school's hands; what it sent is not.
"""

from collections.abc import Iterator

from django.db import connections
from django.utils import timezone

from afterbell.kernel import checking
from afterbell.outbox.models import Mark
from oversight.facts import actions, rollups
from oversight.facts.models import MonthFact, Pulse
from tenants import queries
from tenants.context import PUBLIC, current_schema
from tenants.exchange.models import Direction, Envelope, EnvelopeKind
from tenants.models import School


def broken_promises() -> Iterator[str]:
    """How many facts of the school, or roll-ups of the city, differ; the comparison is rolled back."""
    if current_schema() == PUBLIC:
        yield from checking.finished("facts, check rollups_hold", rollups.broken_promises)
        yield from checking.finished("facts, check statements_not_as_sent", statements_not_as_sent)
        return
    if Mark.objects.exists():
        return  # marked facts are known to be old
    school = queries.school_by_id(connections["default"].tenant.pk)  # type: ignore[attr-defined]  # of tenants.backend
    drift = actions.drift(school=school, now=timezone.now())
    if drift:
        yield f"{drift} facts differ from their recomputation"


def statements_not_as_sent() -> Iterator[str]:
    """Statements whose hash in the figures differs from the one that the school sent, or that are gone."""
    keys = ("school_id", "term_code", "month")
    facts = {
        (school, term, month): (sha256, computed)
        for school, term, month, sha256, computed in MonthFact.objects.values_list(
            *keys, "statement_sha256", "computed_at"
        )
    }
    rolled = dict(Pulse.objects.values_list("school_id", "rolled_at"))
    sent = Envelope.objects.filter(kind=EnvelopeKind.STATEMENT, direction=Direction.UP)
    for envelope in sent.order_by("sent_at", "pk").iterator(chunk_size=2000):
        said = envelope.payload
        key = (envelope.school_id, said["term_code"], said["month"])
        known, computed = facts.get(key, ("", rolled.get(envelope.school_id)))
        if computed is not None and computed > envelope.sent_at and known != said["sha256"]:
            code = School.objects.filter(pk=envelope.school_id).values_list("code", flat=True).first()
            what = f"says {known[:12]}" if known else "is gone"
            name = f"statement {said['month']} of {said['term_code']} of {code}"
            yield f"{name} {what}, the school sent {said['sha256'][:12]} when it published it"
