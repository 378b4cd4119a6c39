"""What the bureau does with a complaint: receive, pass on, answer, close. In the city; each deed is told to the family."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.audit.actions import record
from afterbell.kernel import locks, signs, states
from tenants.exchange import actions as exchange
from tenants.exchange import queries as envelopes
from tenants.exchange import wake
from tenants.exchange.states import EnvelopeState
from tenants.letterbox import doubts, queries, refusals
from tenants.letterbox.deadlines import due_after
from tenants.letterbox.family_actions import not_now, step
from tenants.letterbox.models import Accused, BureauComplaint, Origin, Passing, StepKind
from tenants.letterbox.states import MOVES, WAITING, LetterState

MOST_ANSWER = 500
"""As long as an envelope's note, with which the answer to an escalated one goes back."""
MOST_PASSED = 2000
LEAST_WHY, MOST_WHY = 4, 200
"""Signs of an answer to a question about words."""
LEAST, MOST = timedelta(days=1), timedelta(days=366)
"""How much time a school may be given."""


def receive(*, complaint: BureauComplaint, by: User, now: datetime) -> None:
    """The bureau has read it and sees to it. Raises NotYours, NotNow."""
    with transaction.atomic():
        row = _mine(complaint, by)
        if row.state != LetterState.OPEN:
            raise not_now(row)
        states.move(row, to=LetterState.RECEIVED, moves=MOVES, at=now)
        _done(row, StepKind.RECEIVED, "receive", by, now)
    locks.follow(complaint, row)


def pass_on(
    *,
    complaint: BureauComplaint,
    text: str,
    is_named: bool,
    accused: Accused,
    accused_name: str,
    due_at: datetime,
    by: User,
    now: datetime,
    why_fine: str = "",
) -> Passing:
    """Ask the school to look into it, with or without the family's name; who is accused there will not see it.

    Whom the family accused stays accused; what it wrote of them goes along only as `accused_name` says it again.

    Words that may tell who is meant are questions: `why_fine` answers them, and what the school asked before, in their
    order, a line each.

    Raises NoText, NameIsWithheld, TellsWhoItIs, LookAgain, NobodyLeft, StaysAccused, OnlyDirect, TooSoon, NotYours, NotNow.
    """
    said = text.strip()[:MOST_PASSED]
    with transaction.atomic():
        row = _mine(complaint, by)
        if row.origin != Origin.DIRECT:
            raise refusals.OnlyDirect
        if row.state not in (LetterState.RECEIVED, LetterState.RETURNED):
            raise not_now(row)
        name = accused_name.strip()[:60]
        _refuse_wrong_words(row, said, name, is_named=is_named)
        whom = _both(Accused(row.accused), accused)
        if not LEAST <= due_at - now <= MOST:
            raise refusals.TooSoon
        asked = _asked(row, said, name, is_named=is_named)
        why = "\n".join(line.strip() for line in why_fine.strip()[:MOST_WHY].splitlines() if line.strip())
        answers = [line for line in why.splitlines() if len(signs.plain(line)) >= LEAST_WHY]
        if len(answers) < len(asked):
            questions = "\n".join(doubts.in_words("\n".join(asked)))
            raise refusals.LookAgain(questions=questions, n=len(asked), least=LEAST_WHY)
        passing = Passing(
            complaint=row, text=said, is_named=is_named, accused=whom,
            accused_name=name, due_at=due_at, passed_at=now, doubts="\n".join(asked), why_fine=why if asked else "",
        )  # fmt: skip
        passing.save(force_insert=True)
        states.move(row, to=LetterState.PASSED, moves=MOVES, at=now)
        details = {"named": is_named, "due": due_at, "questions": len(asked)}
        _done(row, StepKind.PASSED, "pass_on", by, now, details=details)
    locks.follow(complaint, row)
    return passing


def answer(*, complaint: BureauComplaint, text: str, by: User, now: datetime) -> None:
    """The bureau's answer to the family. Raises NoText, NotYours, NotNow."""
    said = text.strip()[:MOST_ANSWER]
    if not said:
        raise refusals.NoText
    with transaction.atomic():
        row = _mine(complaint, by)
        if row.state not in WAITING or row.state == LetterState.OPEN:
            raise not_now(row)
        also: dict[str, object] = {"answer": said, "answered_at": now}
        if row.first_answered_at is None:
            also |= {"first_answered_at": now, "answered_in_time": now <= row.due_at}
        states.move(row, to=LetterState.ANSWERED, moves=MOVES, at=now, also=also)
        _note_envelopes(row, said, by=by, now=now)
        details: dict[str, object] = {"in_time": bool(row.answered_in_time)}
        _done(row, StepKind.ANSWERED, "answer", by, now, said=said, details=details)
    locks.follow(complaint, row)


def close(*, complaint: BureauComplaint, by: User, now: datetime) -> None:
    """After the family had as long to object as the bureau had to answer. Raises FamilyHasTime, NotYours, NotNow."""
    with transaction.atomic():
        row = _mine(complaint, by)
        if row.state != LetterState.ANSWERED:
            raise not_now(row)
        until = objection_until(row)
        if until is not None and now < until:
            raise refusals.FamilyHasTime(at=f"{timezone.localtime(until):%Y-%m-%d %H:%M}")
        states.move(row, to=LetterState.CLOSED, moves=MOVES, at=now)
        _done(row, StepKind.CLOSED, "close", by, now)
    locks.follow(complaint, row)


def objection_until(row: BureauComplaint) -> datetime | None:
    """Until when the family alone closes it; None where the bureau knows no family."""
    if row.origin != Origin.DIRECT or row.answered_at is None:
        return None
    return due_after(row.school, row.answered_at)


def _mine(complaint: BureauComplaint, by: User) -> BureauComplaint:
    """The row under lock, for an officer who may see it: never the accused, never another district's."""
    if not by.has(Permission.COMPLAINTS_HANDLE):
        raise refusals.NotYours
    row = locks.locked(complaint)
    if not queries.complaints_for(by).filter(pk=row.pk).exists():
        raise refusals.NotYours
    return row


def _note_envelopes(row: BureauComplaint, said: str, *, by: User, now: datetime) -> None:
    """An escalation takes the words back to the school and its family; a school's own answer is noted without any."""
    if row.envelope_id is not None:
        sent = envelopes.envelope(row.envelope_id)
        exchange.answer(envelope=sent, answer="noted", note=said, by=by, now=now)
    for passing in row.passings.order_by("pk"):
        own = envelopes.envelope(passing.envelope_id) if passing.envelope_id else None
        if own is not None and own.state == EnvelopeState.SENT:
            exchange.answer(envelope=own, answer="noted", note="", by=by, now=now)


def _both(family: Accused, officer: Accused) -> Accused:
    """Whom the family accused and whom the officer adds. Raises NobodyLeft, and StaysAccused where no group holds both."""
    said = {family, officer} - {Accused.NOBODY}
    if said & {Accused.LEADERS, Accused.BUREAU} or said == {Accused.PRINCIPAL, Accused.DEPUTY}:
        raise refusals.NobodyLeft
    if len(said) > 1:
        raise refusals.StaysAccused(whom=family.label)
    return said.pop() if said else Accused.NOBODY


def _refuse_wrong_words(row: BureauComplaint, said: str, name: str, *, is_named: bool) -> None:
    """Name and phone are looked for however they are written; names of children the school itself looks for."""
    if not said:
        raise refusals.NoText
    if is_named and not row.may_name:
        raise refusals.NameIsWithheld
    phone = signs.plain(row.guardian_phone.removeprefix("+86"))
    if not is_named and any(
        signs.names(row.guardian_name, text) or (phone and phone in signs.plain(text))
        for text in (said, name)
    ):
        raise refusals.TellsWhoItIs


def _asked(row: BureauComplaint, said: str, name: str, *, is_named: bool) -> list[str]:
    """What the bureau can ask of these words itself, and what the school, which knows its people, asked before."""
    before = row.passings.filter(bounced_at__isnull=False).order_by("passed_at", "pk")
    at_school = [each for kept in before.values_list("doubts", flat=True) for each in kept.splitlines()]
    still = doubts.still_asked(at_school, () if is_named else (said, name))
    return list(dict.fromkeys([*doubts.of_words(said, row.accused_name), *still]))


def _done(
    row: BureauComplaint,
    kind: StepKind,
    deed: str,
    by: User,
    now: datetime,
    *,
    said: str = "",
    details: dict[str, object] | None = None,
) -> None:
    """History, audit, and what wakes the carrying: the figures follow, and a school hears what was passed on."""
    BureauComplaint.objects.filter(pk=row.pk).update(changes=F("changes") + 1)
    step(row, kind, now, said=said, by_id=by.pk)
    about = {"school": row.school_id, "number": row.number.lower(), **(details or {})}
    record(verb=f"letterbox.{deed}", target=row, by=by, at=now, details=about)
    woken: Callable[[], None] = partial(wake.relay, row.school_id)
    transaction.on_commit(woken, robust=True)
