"""Who wrote each of the words that plans and consultations are made of, by the audit log: they never answer (S46)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from afterbell.accounts.models import User
from afterbell.audit import queries as audit
from afterbell.kernel import signs
from schools.people import word_actions, words
from schools.people.words import Doubt
from schools.planning import doubts, queries
from schools.planning.amending import Content
from schools.planning.amendment_queries import UNDER_WAY
from schools.planning.models import Activity, Amendment, Consultation, CostLine, Plan
from schools.planning.states import ConsultationState, PlanState

WRITING: Final = (
    "plan.draft", "plan.change", "plan.activity.add", "plan.cost_line.add", "amendment.begin", "amendment.add_activity",
    "amendment.add_cost", "consultation.draft", "consultation.change", "care.room.keep",
)  # fmt: skip
Piece = tuple[str, UUID]
"""A text, and the key of what it was written in."""


def of_plan(plan: Plan, activities: Sequence[Activity]) -> list[Piece]:
    """All texts that doubts.of_plan looks at."""
    used = {row.room_id for row in activities}
    return [
        (plan.name, plan.pk),
        *((row.title, row.pk) for row in activities),
        *(
            (doubts.hours_of(span), row.pk)
            for row, span in zip(activities, queries.spans(activities), strict=True)
        ),
        *((room.name, room.id) for room in queries.rooms() if room.id in used),
        *((line.title, line.pk) for line in queries.cost_lines(plan)),
    ]


def of_amendment(row: Amendment) -> list[Piece]:
    """All texts of the new version, and why there is one."""
    content = Content.read(row.after)
    return [
        (row.reason, row.pk),
        *of_plan(row.plan, [each.row(row.plan) for each in content.groups]),
        *((each.title, UUID(each.id)) for each in content.costs),
    ]


def ask(found: Iterable[Doubt], pieces: Iterable[Piece], *, by: User, now: datetime) -> None:
    """Each question under who last wrote its text; under `by` where nobody knows."""
    known = _writers(pieces)
    for doubt in found:
        word_actions.ask(doubts=[doubt], writer=known.get(signs.plain(doubt.text)), by=by, now=now)


def writer_of(text: str) -> User | None:
    """Of a sentence in a plan that has not ended, in its amendment, in a consultation that is not closed
    (settings.WORD_WRITERS)."""
    plans = Plan.objects.exclude(state=PlanState.ENDED)
    activities = Activity.objects.filter(plan__in=plans).values_list("title", "pk")
    lines = CostLine.objects.filter(plan__in=plans).values_list("title", "pk")
    pieces: list[Piece] = [*plans.values_list("name", "pk"), *activities, *lines]
    for row in Amendment.objects.filter(state__in=UNDER_WAY).select_related("plan"):
        content = Content.read(row.after)
        pieces.append((row.reason, row.pk))
        pieces += [(each.title, UUID(each.id)) for each in content.groups]
        pieces += [(each.title, UUID(each.id)) for each in content.costs]
    for asked in Consultation.objects.exclude(state=ConsultationState.CLOSED):
        pieces += [(asked.title, asked.pk), (asked.text, asked.pk)]
    return _writers(pieces).get(signs.plain(text))


def _writers(pieces: Iterable[Piece]) -> dict[str, User]:
    """By the sentence, however it is written; of several hands the last. Two queries."""
    hands, last = audit.last_hands(WRITING), dict[str, tuple[int, UUID]]()
    for text, key in pieces:
        hand = hands.get(str(key))
        if hand is None:
            continue
        for sentence in {text, *words.sentences(text)}:
            plain = signs.plain(sentence)
            last[plain] = max(hand, last.get(plain, hand))
    users = User.objects.in_bulk({by_id for _position, by_id in last.values()})
    return {plain: users[by_id] for plain, (_position, by_id) in last.items() if by_id in users}
