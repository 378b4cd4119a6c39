"""Deeds of families and of the gate: applying, reviewing, leaving, lessons held, cancelled and forgotten."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta, timezone
from itertools import permutations
from typing import Any
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from schools.care import actions as care
from schools.care import day_queries, operations, restore_actions, roll_actions
from schools.care.models import RollEntry, Session
from schools.care.roll import Deed, Kind
from schools.enrolment import actions as enrolment
from schools.enrolment import exit_actions, signing, wording
from schools.enrolment.models import ChosenActivity, Placing, Side
from schools.enrolment.wording import Wanted
from schools.finance import actions
from schools.people import pupil_actions
from schools.people.models import Guardian, Pupil
from schools.planning.models import Activity, Plan
from tests.properties.books_corrected import is_charged_later
from tests.properties.books_deeds import FAULTS, NUMBERS, WHO, Deeds, is_in
from tests.properties.books_facts import as_read
from tests.properties.books_stage import CHILDREN, LAST

SIGNED = "M 40 120 L 200 60 L 380 160 M 420 40 L 430 200"
ONE_WEEK = timedelta(days=7)
CHINA = timezone(timedelta(hours=8))
SIDES = {Side.SCHOOL: "principal", Side.COMMITTEE: "chair"}
AWAY = st.integers(0, 2 ** (2 * CHILDREN) - 1)
"""Two bits a child and lesson: away where both are set, excused where it is the last lesson."""


class FamilyDeeds(Deeds):
    """Through the real hooks: an exit reckons its refund by itself, an early end cancels lessons."""

    @precondition(lambda self: self.today <= LAST + ONE_WEEK)
    @rule(
        child=st.integers(0, 3 * CHILDREN - 1),
        football=st.booleans(),
        who=WHO,
        each=st.booleans(),
        fault=FAULTS,
    )
    def apply(self, child: int, football: bool, who: int, each: bool = False, fault: int = 0) -> None:
        """Most often for a child that has no agreement, perhaps not any more; for all of it, or for each by itself."""
        stage = self.stage
        if child >= CHILDREN:
            rows = [*self.life.hand.rows("agreement"), *self.life.hand.rows("application")]
            busy = {row.pupil_id for row in rows if row.state in ("active", "submitted", "waiting")}
            free = [place for place, each in enumerate(stage.children) if each.pk not in busy]
            child = (free or [0])[child % max(1, len(free))]
        by = self.person(who, f"parent{child}")
        placing = Placing.EACH if each else Placing.ALL

        def submit() -> Any:
            plan, pupil = Plan.objects.get(pk=stage.plan.pk), Pupil.objects.get(pk=stage.children[child].pk)
            wanted = [each.pk for each in stage.activities][: 1 + football]
            chosen = tuple(Activity.objects.filter(pk__in=wanted).order_by("weekday"))
            guardian = Guardian.objects.get(pk=stage.guardians[child].pk)
            read = wording.texts(Wanted(stage.school, plan, pupil, guardian, chosen, False, placing)).sha256
            return enrolment.submit_application(
                school=stage.school, plan=plan, pupil=pupil, activities=chosen, goes_home_alone=False,
                signature=signing.drawn(SIGNED), read_sha256=read, device="d" * 64, placing=placing, by=by,
                now=self.now,
            )  # fmt: skip

        self.do(submit, fault=fault)

    @precondition(lambda self: self.has("application", is_in("submitted")))
    @rule(
        number=NUMBERS,
        sides=st.sampled_from((*permutations(Side), *permutations(Side), *((side,) for side in Side))),
        yes=st.sampled_from((True, True, True, True, False)),
        who=WHO,
        fault=FAULTS,
    )
    def review(
        self, number: int, sides: Sequence[Side], yes: bool = True, who: int = 0, fault: int = 0
    ) -> None:
        """One side, or one after the other by the same reading."""
        row = self.pick("application", number, is_in("submitted"))
        for side in sides:
            by = self.person(who, SIDES[side])

            def review(side: Side = side, by: Any = by) -> Any:
                return enrolment.review(
                    application=as_read(row),
                    side=side,
                    is_approval=yes,
                    reason="" if yes else "材料不全",
                    by=by,
                    now=self.now,
                )

            self.do(review, fault=fault)

    @precondition(lambda self: self.has("application", is_in("submitted", "waiting")))
    @rule(number=NUMBERS, who=WHO)
    def withdraw(self, number: int, who: int) -> None:
        row = self.pick("application", number, is_in("submitted", "waiting"))
        by = self.person(who, self._parent_of(row.pupil_id))

        def withdraw() -> None:
            enrolment.withdraw(application=as_read(row), by=by, now=self.now)

        self.do(withdraw)

    @precondition(lambda self: self.has("application", is_in("approved")))
    @rule(number=NUMBERS, who=WHO)
    def stop_waiting(self, number: int, who: int) -> None:
        """What waits under an agreement, where anything does."""
        row = self.pick("application", number, is_in("approved"))
        by = self.person(who, self._parent_of(row.pupil_id))

        def stop_waiting() -> None:
            enrolment.stop_waiting(application=as_read(row), by=by, now=self.now)

        self.do(stop_waiting)

    @precondition(lambda self: self.today <= LAST and self.has("agreement", is_in("active")))
    @rule(number=NUMBERS, who=WHO, fault=FAULTS)
    def leave(self, number: int, who: int = 0, fault: int = 0) -> None:
        row = self.pick("agreement", number, is_in("active"))
        by = self.person(who, self._parent_of(row.pupil_id))

        def leave() -> Any:
            return enrolment.exit_agreement(agreement=as_read(row), reason="搬家", by=by, now=self.now)

        self.do(leave, fault=fault, told=lambda _done: self.oracle.ended())

    @precondition(lambda self: self.today <= LAST + ONE_WEEK and self.has("agreement", is_in("active")))
    @rule(number=NUMBERS, days=st.integers(0, 9), fault=FAULTS)
    def leave_the_school(self, number: int, days: int, fault: int = 0) -> None:
        """Written down days after it, and ended by the night; the child may come back."""
        row = self.pick("agreement", number, is_in("active"))
        by = self.person(0, "clerk")

        def leave_the_school() -> None:
            pupil = Pupil.objects.get(pk=row.pupil_id)
            pupil_actions.leave(pupil=pupil, on=self.today - timedelta(days=days + 1), by=by, now=self.now)

        self.do(leave_the_school)
        self.do(
            lambda: enrolment.end_leavers(now=self.now), fault=fault, told=lambda _done: self.oracle.ended()
        )
        gone = Pupil.objects.get(pk=row.pupil_id)
        if gone.left_date is not None:
            self.do(
                lambda: pupil_actions.readmit(pupil=gone, school_class=gone.school_class, by=by, now=self.now)
            )

    @precondition(lambda self: self._unseen_after())
    @rule(number=NUMBERS, at_once=st.booleans(), fault=FAULTS)
    def be_seen_after(self, number: int, at_once: bool = True, fault: int = 0) -> None:
        """A gate's phone comes late: the roll has the child after the last day of its exit. Corrected at once, or later."""
        found = self._unseen_after()
        agreement, session = found[number % len(found)]

        def be_seen_after() -> None:
            RollEntry.objects.create(
                session=session,
                agreement=agreement,
                pupil=agreement.pupil,
                state="present",
                arrived_at=session.starts_at,
            )

        self.do(be_seen_after)
        if at_once:
            self.correct_exit(0, fault=fault)

    @precondition(lambda self: self._seen_after())
    @rule(number=NUMBERS, who=WHO, fault=FAULTS)
    def correct_exit(self, number: int, who: int = 0, fault: int = 0) -> None:
        """The roll has the child after the last day of its exit; now and then a day that is right already."""
        seen = self._seen_after()
        row = self.pick(
            "agreement", number, lambda row: row.pk in seen or (number % 16 == 1 and row.state != "active")
        )
        by = self.person(who, "clerk")
        if is_charged_later(self.oracle, row):
            return

        def correct_exit() -> Any:
            return exit_actions.correct_exit(agreement=as_read(row), by=by, now=self.now)

        self.do(correct_exit, fault=fault, told=self.oracle.corrected)

    def _unseen_after(self) -> list[tuple[Any, Session]]:
        """Agreements that have ended, with lessons of theirs in the nine days after it that were held."""
        rows = [row for row in self.life.hand.rows("agreement") if row.state == "ended"]
        places = ChosenActivity.objects.filter(application__agreement__in=rows).exclude(placed_from=None)
        has = set(places.values_list("application__agreement", "activity"))
        seen = set(RollEntry.objects.filter(agreement__in=rows).values_list("pupil", "session"))
        held = [row for row in self.life.hand.rows("session") if row.state == "closed"]
        return [
            (row, session) for row in rows for session in held
            if row.until_date < session.date <= row.until_date + timedelta(days=9)
            and (row.pk, session.activity_id) in has and (row.pupil_id, session.pk) not in seen
        ]  # fmt: skip

    def _seen_after(self) -> set[Any]:
        """Agreements that have ended, and then the child came under them."""
        ended = [row for row in self.life.hand.rows("agreement") if row.state != "active"]
        last = {
            row.pk: row.until_date if row.state == "ended" else row.from_date - timedelta(days=1)
            for row in ended
        }
        came = RollEntry.objects.filter(
            agreement__in=last, state__in=["present", "left"], session__state="closed"
        )
        return {pk for pk, day in came.values_list("agreement", "session__date") if day > last[pk]}

    @precondition(lambda self: self.today <= LAST)
    @rule(lessons=st.integers(1, 4), away=AWAY, fault=FAULTS)
    def weeks_go_by(self, lessons: int, away: int, fault: int = 0) -> None:
        """Days pass; each lesson is held from the gate's phone in one request."""
        for place in range(lessons):
            session = next(iter(self._planned()), None)
            if session is None:
                return
            self._go_to(session)
            self.hold(session, away, place, fault=fault if place == 0 else 0)

    def hold(self, session: Session, away: int, place: int, *, fault: int = 0) -> None:
        teacher = self.person(0, "teacher")
        there, missing = self._expected(session, away, place)

        def hold() -> Any:
            sent = [{"kind": "open"}]
            sent += [{"kind": "present", "pupil": str(pupil)} for pupil in there]
            sent += [{"kind": "excused" if place else "absent", "pupil": str(pupil)} for pupil in missing]
            sent += [
                {"kind": "handover", "pupil": str(pk), "collector": str(self._collector(pk))} for pk in there
            ]
            sent.append({"kind": "close", "note": "正常"})
            read = [
                operations.read({"session": str(session.pk), "at": (self.now + timedelta(seconds=n)).isoformat(), **each},
                                operation_id=uuid4(), now=self.now)
                for n, each in enumerate(sent)
            ]  # fmt: skip
            return operations.apply(sent=read, by=teacher, now=self.now)

        self.do(hold, fault=fault)

    @precondition(lambda self: self.today <= LAST)
    @rule(days=st.integers(1, 12))
    def days_go_by(self, days: int) -> None:
        """Nobody holds the lessons; they stay open until they are mended."""
        self.life.now += timedelta(days=days)

    @precondition(lambda self: self._forgotten())
    @rule(away=AWAY)
    def mend(self, away: int) -> None:
        """A leader writes down later what was forgotten."""
        session = self._forgotten()[0]
        by = self.person(0, "principal")
        there, missing = self._expected(session, away, 0)
        at = session.starts_at

        def mend() -> None:
            deeds = [Deed(Kind.OPEN, session.pk, at)]
            deeds += [Deed(Kind.PRESENT, session.pk, at, pupil_id=pupil) for pupil in there]
            deeds += [Deed(Kind.ABSENT, session.pk, at, pupil_id=pupil) for pupil in missing]
            deeds += [
                Deed(
                    Kind.HANDOVER, session.pk, session.ends_at, pupil_id=pk, collector_id=self._collector(pk)
                )
                for pk in there
            ]
            deeds.append(Deed(Kind.CLOSE, session.pk, session.ends_at, note="补记"))
            roll_actions.mend(deeds=deeds, by=by, now=self.now)

        self.do(mend)

    @precondition(lambda self: self._planned())
    @rule(number=NUMBERS, fault=FAULTS)
    def cancel(self, number: int, fault: int = 0) -> None:
        row = self.pick("session", number, lambda row: row.state == "planned" and row.date >= self.today)
        by = self.person(0, "principal")

        def cancel() -> None:
            care.cancel_session(session=as_read(row), reason="台风", by=by, now=self.now)

        self.do(cancel, fault=fault)

    @precondition(lambda self: day_queries.restorable(self.now).exists())
    @rule(number=NUMBERS, fault=FAULTS)
    def restore(self, number: int, fault: int = 0) -> None:
        """The typhoon turned away: a lesson is held after all, whoever was charged meanwhile."""
        rows = list(day_queries.restorable(self.now).order_by("date", "starts_at", "pk"))
        row, by = rows[number % len(rows)], self.person(0, "principal")

        def restore() -> None:
            restore_actions.restore(sessions=[as_read(row)], reason="没有登陆", by=by, now=self.now)

        self.do(restore, fault=fault)

    @precondition(lambda self: self.today <= LAST and self.today >= self.stage.plan.first_date)
    @rule(really=st.sampled_from((False, False, True)), fault=FAULTS)
    def end_early(self, really: bool, fault: int = 0) -> None:
        """The service ends; what comes later has its place."""
        by = self.person(0, "principal")
        plan = Plan.objects.get(pk=self.stage.plan.pk)

        def end_early() -> int:
            return actions.end_service(
                plan=plan, reason="校舍维修，服务停止" if really else "停", by=by, now=self.now
            )

        self.do(end_early, fault=fault)

    def _planned(self) -> list[Session]:
        rows = self.life.hand.rows("session")
        return sorted((row for row in rows if row.state == "planned" and row.date >= self.today),
                      key=lambda row: (row.date, row.starts_at))  # fmt: skip

    def _forgotten(self) -> list[Session]:
        return [
            row for row in self.life.hand.rows("session") if row.state == "planned" and row.date < self.today
        ]

    def _go_to(self, session: Session) -> None:
        starts = datetime.combine(session.date, time(16), tzinfo=CHINA)
        self.life.now = max(self.now, starts)

    def _expected(self, session: Session, away: int, place: int) -> tuple[list[Any], list[Any]]:
        """Pupils by whether they come."""
        rows = ChosenActivity.objects.filter(
            activity=session.activity_id, application__agreement__state__in=["active", "ended"],
            placed_from__lte=session.date,
            application__agreement__from_date__lte=session.date, application__agreement__until_date__gte=session.date,
        )  # fmt: skip
        pupils = sorted(set(rows.values_list("application__pupil", flat=True)))
        places = {child.pk: number for number, child in enumerate(self.stage.children)}
        is_away = {pk: bool(away >> (2 * places[pk]) & (3 if place % 2 else 1)) for pk in pupils}
        return [pk for pk in pupils if not is_away[pk]], [pk for pk in pupils if is_away[pk]]

    def _collector(self, pupil: Any) -> Any:
        places = {child.pk: number for number, child in enumerate(self.stage.children)}
        return self.stage.guardians[places[pupil]].pk

    def _parent_of(self, pupil: Any) -> str:
        return f"parent{[child.pk for child in self.stage.children].index(pupil)}"
