"""What a school sees is a function of what it knows: the same history is played with and without letters to the bureau.

Two worlds, one after the other, from the same facts: in the second no family writes and everything else happens at the
same moments. After each step all that somebody of the school can read is compared, byte by byte.
"""

import re
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from afterbell.outbox.actions import mark
from dashboards.frame import kept
from oversight.facts import actions as facts
from oversight.facts import collect, rollups
from oversight.facts.models import ClassFact, DayFact, MonthFact, TermFact
from oversight.redlines import actions as redlines
from oversight.redlines.models import Alert
from schools.voice.models import Complaint
from tenants.context import in_city, in_school
from tenants.exchange import relay
from tenants.letterbox import actions as letterbox
from tenants.letterbox.models import Accused, BureauComplaint, ComplaintKind
from tenants.policies import ready
from tests import makers as people
from tests.dashboards import makers
from tests.oversight.hearings import stage as desk

OVERVIEW = "/desk/overview/"
AT_SCHOOL = (
    *(f"{OVERVIEW}?{term}{file}" for term in ("", f"term={makers.PAST}&")
      for file in ("", "format=csv&chart=peers", "format=csv&chart=months", "format=csv&chart=classes")),
    "/desk/", "/desk/complaints/", "/api/v1/complaints/",
)  # fmt: skip
OF_THE_CITY = (
    "/disclosure/", "/disclosure/fees/", "/disclosure/statements/", "/disclosure/participation/",
    "/disclosure/fees/?format=csv", "/disclosure/statements/?format=csv", "/disclosure/participation/?format=csv",
)  # fmt: skip
"""Pages without a login: the accused reads them as everybody does."""
KEYS = {
    DayFact: ("date",),
    MonthFact: ("month", "term_code"),
    TermFact: ("term_code",),
    ClassFact: ("term_code", "class_id"),
}
NO_CONTENT = {"id", "school", "version", "computed_at"}
NOVEMBER, OCTOBER = "2026-11", "2026-10"


def at(day: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, 4, tzinfo=UTC)


class World:
    """One school's own facts, which its deeds change, and what families and the bureau do about it."""

    def __init__(self, school, monkeypatch) -> None:
        self.school, self.with_letters = school, True
        with in_city():
            self.own = {model: self._rows(model, keys) for model, keys in KEYS.items()}
            self.officer = desk.an_officer()
        self.buckets = {
            "days": [day for (day,) in self.own[DayFact]],
            "months": [month for month, _term in self.own[MonthFact]],
            "terms": [term for (term,) in self.own[TermFact]],
        }
        monkeypatch.setattr(collect, "days", lambda _school, wanted: self._asked(DayFact, 0, wanted))
        monkeypatch.setattr(collect, "months", lambda _school, wanted, now: self._asked(MonthFact, 0, wanted))
        monkeypatch.setattr(collect, "term", lambda _school, code, now: self.own[TermFact].get((code,)))
        monkeypatch.setattr(
            collect,
            "classes",
            lambda _school, code, on: {
                key[1]: row for key, row in self._asked(ClassFact, 0, [code], whole=True)
            },
        )

    def _rows(self, model, keys):
        names = [f.name for f in model._meta.concrete_fields if f.name not in {*NO_CONTENT, *keys}]
        rows = model.objects.filter(school=self.school).order_by(*keys)
        return {
            tuple(getattr(row, key) for key in keys): {name: getattr(row, name) for name in names}
            for row in rows
        }

    def _asked(self, model, place, wanted, *, whole=False):
        found = {key: dict(row) for key, row in self.own[model].items() if key[place] in wanted}
        if whole:
            return list(found.items())
        return {key if len(key) > 1 else key[0]: row for key, row in found.items()}

    def drain(self, now: datetime) -> None:
        """As after a deed at school, which marks whatever it touched."""
        with in_school(self.school), transaction.atomic():
            mark(now=now, **self.buckets)
        facts.drain(school=self.school, now=now)

    # --- deeds ------------------------------------------------------------------------------------------------------

    def letter(self, now: datetime, **more) -> BureauComplaint | None:
        """A family writes to the bureau; the carrier marks the month, and the figures follow."""
        if not self.with_letters:
            return None
        made = desk.a_letter(self.school, at=now, **more)
        relay.relay_school(self.school, now)
        facts.drain(school=self.school, now=now)
        return made

    def answered(self, made: BureauComplaint | None, now: datetime) -> None:
        if made is None:
            return
        with in_city():
            letterbox.receive(complaint=made, by=self.officer, now=now)
            letterbox.answer(complaint=made, text="已办。", by=self.officer, now=now)
        relay.relay_school(self.school, now)
        facts.drain(school=self.school, now=now)

    def about_somebody(self, now: datetime) -> None:
        """A complaint to the school about its principal, who is not to learn of it by the figures."""
        if self.with_letters:
            key = (f"{now:%Y-%m}", makers.RUNNING)
            row = self.own[MonthFact].setdefault(key, {**collect.finance.nothing(), **collect.NO_COMPLAINTS})
            for name in ("complaints", "complaints_waiting"):
                row[name] += 1
                row[name.replace("complaints", "complaints_unheard")] += 1
        self.drain(now)

    def signs(self, now: datetime, *, with_statement: bool = False, **more) -> None:
        """A class of the school shows a sign of its own; a late statement is a notice that comes up with it."""
        next(iter(self.own[ClassFact].values())).update(more)
        if with_statement:
            late = {"statement_due_date": date(2026, 11, 5), "statement_published_at": at(7)}
            self.own[MonthFact][OCTOBER, makers.RUNNING] |= late
        self.drain(now)

    def closed(self, now: datetime, rule: str = "coercion") -> None:
        """An officer closes what is open of this rule."""
        with in_city():
            for alert in Alert.objects.filter(school=self.school, rule=rule).exclude(state="closed"):
                redlines.close(alert=alert, reason="已核实。", by=self.officer, now=now)


ONE_SIGN = {
    "pupils": 40, "participants": 30, "asked_answers": 38, "asked_no": 8, "consents": 30, "consents_in_burst": 4,
    "consents_one_device": 29, "consents_before_close": 0,
}  # fmt: skip
NO_SIGN = {**ONE_SIGN, "consents_one_device": 1}
Step = Callable[[World], object]


def forget(world: World, model, *keys) -> None:
    for key in keys or list(world.own[model]):
        world.own[model].pop(key, None)


def without_november(world: World) -> None:
    """Sessions are held, and nothing is in the books of the month yet."""
    forget(world, MonthFact, (NOVEMBER, makers.RUNNING))
    world.drain(at(8))


def without_books(world: World) -> None:
    forget(world, MonthFact)
    world.drain(at(8))


def without_anything(world: World) -> None:
    for model in KEYS:
        forget(world, model)
    world.drain(at(8))


def without_the_term_before(world: World) -> None:
    forget(world, TermFact, (makers.PAST,))
    forget(world, MonthFact, *[key for key in world.own[MonthFact] if key[1] == makers.PAST])
    forget(world, DayFact, *[key for key in world.own[DayFact] if key[0] < date(2026, 8, 1)])
    world.drain(at(8))


STORIES: dict[str, list[Step]] = {
    "a closed alert stays closed": [
        lambda w: w.signs(at(9), **ONE_SIGN), lambda w: w.closed(at(10)), lambda w: w.letter(at(12)),
    ],
    "closed after the letter": [
        lambda w: w.signs(at(9), **ONE_SIGN), lambda w: w.letter(at(10)), lambda w: w.closed(at(11)),
        lambda w: w.letter(at(12)),
    ],
    "a second sign of its own brings it back": [
        lambda w: w.signs(at(9), **ONE_SIGN), lambda w: w.closed(at(10)), lambda w: w.letter(at(12)),
        lambda w: w.signs(at(13), consents_in_burst=29), lambda w: w.closed(at(14)), lambda w: w.letter(at(15)),
    ],
    "the sign goes and comes back": [
        lambda w: w.signs(at(9), **ONE_SIGN), lambda w: w.closed(at(10)), lambda w: w.letter(at(12)),
        lambda w: w.signs(at(13), **NO_SIGN), lambda w: w.signs(at(14), **ONE_SIGN),
    ],
    "the order of what came up at once": [
        lambda w: w.signs(at(10), **ONE_SIGN, with_statement=True), lambda w: w.letter(at(12)),
    ],
    "many letters of every kind": [
        lambda w: [w.letter(at(10), kind=kind) for kind in ComplaintKind for _twice in range(3)],
    ],
    "a letter nobody answers in time, and one that is answered": [
        lambda w: w.letter(at(2, month=10)), lambda w: w.answered(w.letter(at(10)), at(12)),
        lambda w: w.letter(at(20)),
    ],
    "a letter about the principal": [lambda w: w.letter(at(10), accused=Accused.PRINCIPAL)],
    "a complaint about somebody": [lambda w: w.about_somebody(at(10))],
    "a month without books": [without_november, lambda w: w.letter(at(10)), lambda w: w.about_somebody(at(11))],
    "no month in the books": [without_books, lambda w: w.letter(at(10))],
    "a term of which nothing is known": [without_anything, lambda w: w.letter(at(10))],
    "a term before of which nothing is known": [
        without_the_term_before, lambda w: w.letter(at(6, month=5), term=makers.PAST),
    ],
}  # fmt: skip


@pytest.fixture
def world(at_the_school, among_others, north, monkeypatch):
    people.a_policy(ready.document("national-2024"), name="全国规则")
    among_others(14)
    made = World(north, monkeypatch)
    made.browser = at_the_school(north)
    with in_city():
        redlines.evaluate_all(now=at(1))
    return made


@pytest.mark.parametrize("story", STORIES)
def test_letters_leave_no_trace_that_the_school_can_read(world, settings, story):
    with_letters, complaints = played(world, STORIES[story], settings)
    without, none = played(world, STORIES[story], settings, with_letters=False)
    assert complaints > none, "the city counts them"
    for number, (one, other) in enumerate(zip(with_letters, without, strict=True)):
        for path, page in one.items():
            assert page == other[path], f"step {number} of “{story}” shows on {path}"


def played(world: World, story: list[Step], settings, *, with_letters: bool = True):
    """What can be read after the steps, and how many complaints the city counts at the end; then undone."""
    before = deepcopy(world.own)
    world.with_letters = with_letters
    start, pages = transaction.savepoint(), []
    for number, step in enumerate(story, 1):
        step(world)
        pages.append(read(world, settings, everything=number == len(story)))
    with in_city():
        counted = sum(MonthFact.objects.filter(school=world.school).values_list("complaints", flat=True))
    with in_school(world.school):
        assert not Complaint.objects.exists()
    transaction.savepoint_rollback(start)
    world.own = before
    return pages, counted


def read(world: World, settings, *, everything: bool) -> dict[str, str]:
    """The overview after each step, every page and file at the end."""
    with in_city():
        rollups.roll_all_areas(now=makers.NOW)
    kept._kept.clear()
    cache.clear()
    visitor = Client(HTTP_HOST=settings.CITY_HOST)
    asked = (
        ((world.browser, AT_SCHOOL), (visitor, OF_THE_CITY)) if everything else ((world.browser, [OVERVIEW]),)
    )
    found = {}
    for browser, paths in asked:
        for path in paths:
            answer = browser.get(path)
            assert answer.status_code == 200, (path, answer.status_code)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            found[path] = _without_the_moment(body.decode("utf-8-sig"))
    return found


def _without_the_moment(page: str) -> str:
    """What is drawn anew for each visitor: tokens of forms and scripts."""
    return re.sub(r'(nonce|value|name="csrf[^"]*"|hx-headers)=("[^"]*"|\'[^\']*\')', "", page)
