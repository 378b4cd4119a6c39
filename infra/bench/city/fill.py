"""Fills one opened school with its rows: school.sql, with the numbers of its shape."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.audit import sealing, standing
from afterbell.kernel import writes
from afterbell.outbox.models import Grain, Mark
from infra.bench.city.shape import GROUP, LAST_DAY, Shape
from tenants.context import as_owner, in_school
from tenants.models import School

TERM = "2026-2027-1"
BEFORE = datetime(2026, 8, 30, 4, 0, tzinfo=UTC)
"""When all was asked, planned, published and signed."""
EVENING = datetime.combine(LAST_DAY, time(12), tzinfo=UTC)
"""After the last day: when the school is rolled up."""
ROWS = Path(__file__).with_name("school.sql").read_text(encoding="utf-8")
KINDS = (
    "klass", "pupil", "guardian", "tie", "room", "activity", "application", "choice", "agreement", "candidate", "check",
    "contract", "clearance", "session", "duty", "entry", "handover",
)  # fmt: skip
SINGLES = ("consultation", "plan")
READ_MOST = "care_session, care_rollentry, care_handover, care_duty, enrolment_agreement"


def is_filled(school: School) -> bool:
    """One transaction fills a school, so one row tells."""
    with in_school(school), connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM planning_plan)")
        (filled,) = cursor.fetchone()
    return bool(filled)


def fill(school: School, shape: Shape, *, days: Sequence[date], seed: int) -> None:
    """Everything of the school in one transaction, with one audit row and a mark for each bucket."""
    with in_school(school), transaction.atomic(), connection.cursor() as cursor:
        user = User.objects.create(login="bench", name="校长")
        cursor.execute(ROWS, _numbers(shape, days=days, seed=seed, user=user))
        for label in sealing.labels_here(list(sealing.registry())):
            writes.tell(apps.get_model(label), standing.due(label))
        buckets = [(Grain.DAY, day.isoformat()) for day in days] + [(Grain.TERM, TERM)]
        Mark.objects.bulk_create(
            [Mark(grain=grain, bucket=bucket, marked_at=BEFORE) for grain, bucket in buckets]
        )
        audit.record(
            verb="bench.fill",
            target=f"school:{school.code}",
            by=None,
            at=BEFORE,
            details={"pupils": shape.pupils, "participants": shape.participants, "days": len(days)},
        )
    with as_owner(school.schema_name), connection.cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) {READ_MOST}")


def _numbers(shape: Shape, *, days: Sequence[date], seed: int, user: User) -> dict[str, Any]:
    ids = {kind: f"01990000-{shape.number:04x}-7{place:03x}-8000-" for place, kind in enumerate(KINDS)}
    singles = {
        kind: f"01990000-{shape.number:04x}-7{place:03x}-9000-000000000000"
        for place, kind in enumerate(SINGLES)
    }
    return {
        **ids,
        **singles,
        "user": str(user.pk),
        "number": shape.number,
        "code": shape.code,
        "seed": seed,
        "term": TERM,
        "before": BEFORE,
        "days": list(days),
        "pupils": shape.pupils,
        "participants": shape.participants,
        "groups": shape.groups,
        "group": GROUP,
        "classes": max(len(shape.grades), -(-shape.pupils // 45)),
        "grades": len(shape.grades),
        "first_grade": shape.grades.start,
        "whole_week": shape.whole_week_percent,
        "may_cancel": shape.whole_week_percent < 100,
    }
