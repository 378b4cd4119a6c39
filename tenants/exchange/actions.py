"""Writes of the exchange: a school sends, the city answers; carrying is the relay's."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit.actions import record
from afterbell.kernel import locks, states
from afterbell.kernel.errors import Refused
from tenants.exchange import names, payloads, queries, wake
from tenants.exchange.models import Direction, Envelope, EnvelopeKind
from tenants.exchange.states import MOVES, EnvelopeState

ANSWERS = frozenset({"accepted", "returned", "noted"})
FREE_SUBJECTS = frozenset({EnvelopeKind.REPORT, EnvelopeKind.INCIDENT})
"""Their subjects are the school's words; the others' are the house's, around a name that stands in the payload."""


class NoReason(Refused):
    """Whoever returns something says why."""

    code = "exchange.no_reason"
    message = _("请写明退回原因，学校会看到。")
    status = 400


class UnknownAnswer(Refused):
    """An answer that the counter does not know."""

    code = "exchange.unknown_answer"
    message = _("不认识的处理结果“%(answer)s”。")
    status = 400


def send(
    *,
    kind: EnvelopeKind,
    subject: str,
    payload: Mapping[str, Any],
    due_at: datetime | None,
    by: User | None,
    now: datetime,
) -> Envelope:
    """Put an envelope on the school's counter; the relay carries it to the city after the commit.

    Raises WrongPayload, and NamesAChild when what the school wrote in it names a pupil.
    """
    payloads.check(kind, payload)
    own = [subject] if kind in FREE_SUBJECTS else []
    names.refuse_children([*own, *payloads.written(payload)])
    with transaction.atomic():
        school_id = queries.school_here().pk
        envelope = Envelope(
            kind=kind,
            direction=Direction.UP,
            school_id=school_id,
            subject=subject[:120],
            payload=dict(payload),
            payload_sha256=payloads.digest(payload),
            sent_at=now,
            due_at=due_at,
        )
        envelope.save(force_insert=True)
        record(verb="exchange.send", target=envelope, by=by, at=now, details={"kind": kind.value})
        transaction.on_commit(partial(wake.relay, school_id), robust=True)
    return envelope


def answer(*, envelope: Envelope, answer: str, note: str, by: User, now: datetime) -> None:
    """In the city: accept, return with a reason, or note what a school sent. The relay carries it back.

    Raises UnknownAnswer, NoReason, StateMoved.
    """
    said = note.strip()[:500]
    if answer not in ANSWERS:
        raise UnknownAnswer(answer=answer[:20])
    if answer == "returned" and not said:
        raise NoReason
    with transaction.atomic():
        also = {"answer": answer, "answer_note": said, "answered_at": now}
        row = locks.locked(envelope)
        states.move(row, to=EnvelopeState.ANSWERED, moves=MOVES, at=now, also=also)
        record(verb=f"exchange.{answer}", target=row, by=by, at=now, details={"kind": row.kind})
        transaction.on_commit(partial(wake.relay, row.school_id), robust=True)
    locks.follow(envelope, row)
