"""Carries envelopes between one school and the city, standing on each side in turn; neither sees the other's tables.

Every step is repeatable: the same id on both sides, compare-and-set on states. After a crash between two steps the
next run mends what was left, and nothing happens twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from afterbell.kernel import locks
from afterbell.kernel.strings import dotted
from tenants.context import in_city, in_school
from tenants.exchange import payloads, queries
from tenants.exchange.models import Envelope
from tenants.exchange.states import EnvelopeState
from tenants.models import School

AT_ONCE = 200
CARRIED_UP = (
    "id", "kind", "direction", "school_id", "subject", "payload", "payload_sha256", "sent_at", "due_at",
)  # fmt: skip


class Damaged(Exception):
    """An envelope whose payload is not what its hash says, or which names another school: never carried."""


@dataclass(frozen=True)
class Carried:
    """How many went up, and how many answers came down."""

    up: int
    down: int


def relay_school(school: School, now: datetime) -> Carried:
    """Everything that waits on both sides of one school; raises what went wrong after all others were carried."""
    up, lost = _carry_up(school, now)
    down, failed = _carry_down(school, now)
    for name in settings.EXCHANGE_ROUNDS:
        try:
            dotted(name)(school=school, now=now)
        except Exception as error:  # noqa: BLE001  as for answers
            failed.append(error)
    if lost or failed:
        raise ExceptionGroup(f"envelopes of {school.code} stay where they are", [*lost, *failed])
    return Carried(up=up, down=down)


def _carry_up(school: School, now: datetime) -> tuple[int, list[Exception]]:
    with in_school(school):
        rows = list(queries.waiting_up().values(*CARRIED_UP)[:AT_ONCE])
    whole = [
        row
        for row in rows
        if row["school_id"] == school.pk and payloads.digest(row["payload"]) == row["payload_sha256"]
    ]
    ids = {row["id"] for row in whole}
    lost: list[Exception] = [Damaged(str(row["id"])) for row in rows if row["id"] not in ids]
    put: list[Any] = []
    for some in _in_parts(whole):
        try:
            _put_in_city(some, now)
        except Exception as error:
            if some[0]["kind"] not in settings.EXCHANGE_ARRIVED:
                raise
            lost.append(error)  # what follows from one arrival is not the next one's trouble
        else:
            put += [row["id"] for row in some]
    if put:
        _mark_sent(school, put)
    return len(put), lost


def _in_parts(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """What somebody in the city looks at as it arrives comes alone, the others together."""
    plain = [row for row in rows if row["kind"] not in settings.EXCHANGE_ARRIVED]
    alone = [[row] for row in rows if row["kind"] in settings.EXCHANGE_ARRIVED]
    return [*([plain] if plain else []), *alone]


def _put_in_city(rows: list[dict[str, Any]], now: datetime) -> None:
    """With what follows from the arrival, in one transaction."""
    with in_city(), transaction.atomic():
        envelopes = [Envelope(**row, state=EnvelopeState.SENT) for row in rows]
        Envelope.objects.bulk_create(
            envelopes, ignore_conflicts=True
        )  # already there: carried before a crash
        for row in rows:
            hook = settings.EXCHANGE_ARRIVED.get(row["kind"])
            if hook:
                dotted(hook)(envelope=queries.envelope(row["id"]), now=now)


def _mark_sent(school: School, ids: list[Any]) -> None:
    with in_school(school), transaction.atomic():
        Envelope.objects.filter(pk__in=ids, state=EnvelopeState.WAITING).update(state=EnvelopeState.SENT)


def _carry_down(school: School, now: datetime) -> tuple[int, list[Exception]]:
    with in_city():
        answers = list(
            queries.to_carry_down(school.pk).values("id", "kind", "answer", "answer_note", "answered_at")[
                :AT_ONCE
            ]
        )
    told, failed = [], []
    for answer in answers:
        try:
            _tell_school(school, answer, now)
        except Exception as error:  # noqa: BLE001  one answer's trouble is not the next one's; raised at the end
            failed.append(error)
        else:
            told.append(answer["id"])
    if told:
        with in_city(), transaction.atomic():
            Envelope.objects.filter(pk__in=told).update(answer_carried=True)
    return len(told), failed


def _tell_school(school: School, answer: Mapping[str, Any], now: datetime) -> None:
    """The answer and what follows from it in the school, in one transaction; the second time nothing."""
    with in_school(school), transaction.atomic():
        locks.watch(Envelope)  # the update locks it, before what follows from the answer locks more
        said = {name: answer[name] for name in ("answer", "answer_note", "answered_at")}
        fresh = (
            Envelope.objects.filter(pk=answer["id"])
            .exclude(state=EnvelopeState.ANSWERED)
            .update(state=EnvelopeState.ANSWERED, answer_carried=True, **said)
        )
        hook = settings.EXCHANGE_ANSWERED.get(answer["kind"])
        if fresh and hook:
            dotted(hook)(envelope=queries.envelope(answer["id"]), now=now)
