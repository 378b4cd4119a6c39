"""Stage of the staffing tests: a candidate, the committee's word, checks in order, and the rules of the seed."""

from datetime import date

from django.db import transaction

from schools.committee.models import Resolution, Subject
from schools.staffing import actions
from schools.staffing.models import Candidate, Contract, Origin
from tenants.policies import ready
from tenants.policies.documents import Policy
from tests import makers
from tests.city import NOON

SEED = Policy.from_document(ready.document("seed"))
CHECKED = date(2026, 8, 20)
ALL = ("identity", "qualification", "health", "criminal_record")


def a_candidate(*, by=None, **more) -> Candidate:
    given = {
        "name": "陈静",
        "phone": f"+86137{makers.number():08d}",
        "origin": Origin.SCHOOL,
        "skills": "书法",
        **more,
    }
    return actions.propose_candidate(**given, by=by or makers.a_user("clerk"), now=NOON)


def hired(candidate: Candidate, *, by=None) -> Candidate:
    """The committee has said yes."""
    decided_on(candidate)
    actions.approve_candidate(candidate=candidate, by=by or makers.a_user("committee_chair"), now=NOON)
    return candidate


def decided_on(candidate: Candidate, *, state="passed", at=NOON, **more) -> Resolution:
    return makers.a_passed_resolution(
        Subject.HIRE, object_id=candidate.pk, state=state, opened_at=at, closed_at=at, **more
    )


def check(candidate: Candidate, kind: str, *, by=None, **more):
    given = {
        "passed": True, "checked_date": CHECKED, "expires_date": None, "document_number": "2026-001", "consent_at": NOON,
        "policy": SEED, "now": NOON, **more,
    }  # fmt: skip
    return actions.record_check(candidate=candidate, kind=kind, by=by or makers.a_user("principal"), **given)


def contracted(candidate: Candidate | None = None, *, kinds=ALL, by=None, **more) -> Contract:
    """Checked, hired and signed for the term."""
    candidate = candidate or a_candidate()
    for kind in kinds:
        check(candidate, kind)
    if candidate.state != "approved":
        hired(candidate)
    given = {
        "from_date": makers.FIRST, "until_date": makers.LAST, "pay_fen": 5500, "school_name": "湖滨区第一小学",
        "policy": SEED, "now": NOON, "is_another_person": True, **more,
    }  # fmt: skip  # several people called 陈静
    return actions.sign_contract(candidate=candidate, by=by or makers.a_user("committee_chair"), **given)


def vote_on(candidate: Candidate, *, state="passed", at=NOON, opened_at=None) -> None:
    """The committee has counted, and the room has heard of it."""
    resolution = decided_on(candidate, state=state, at=at)
    if opened_at is not None:
        Resolution.objects.filter(pk=resolution.pk).update(opened_at=opened_at)
        resolution.refresh_from_db()
    with transaction.atomic():
        actions.resolution_closed(resolution=resolution, by=None, now=at)
    candidate.refresh_from_db()
