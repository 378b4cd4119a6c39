"""Operations of the gate: each id one effect, whatever is sent how often in which order by how many phones."""

import threading
import time
from uuid import UUID, uuid4

import pytest
from django.db import ProgrammingError, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterbell.audit.models import Entry
from afterbell.outbox.models import Mark
from schools.care import boards, operations
from schools.care.models import Handover, Operation, RollEntry, Session
from schools.care.states import SessionState
from tenants.context import in_school
from tests import makers
from tests.schools.care.stage import FOUR, a_gate, count_is_right, entry, item, minutes, opened, send, states

COLLECTOR = "collector"


def whole_day(gate) -> list[dict]:
    """Everything that happens to a session, as a phone keeps it."""
    said = [item("open", gate)]
    said += [item("present", gate, pupil, at=FOUR + minutes(1)) for pupil in gate.pupils]
    for pupil, guardian in zip(gate.pupils, gate.guardians, strict=True):
        said.append(item("handover", gate, pupil, at=FOUR + minutes(2), collector=str(guardian.pk)))
    return [*said, item("close", gate, at=FOUR + minutes(3), note="作业辅导")]


def test_a_whole_session_comes_in_one_request(north):
    """S24."""
    with in_school(north):
        gate = a_gate(3)
        said = whole_day(gate)
        assert send(gate, *said, now=FOUR + minutes(4)) == ["applied"] * 8
        assert Session.objects.get().state == SessionState.CLOSED
        assert states(gate) == ["left"] * 3
        assert Handover.objects.count() == 3
        assert Operation.objects.count() == 8
        assert count_is_right(gate.session)


def test_sent_again_everything_is_a_duplicate_and_nothing_happens_twice(north):
    with in_school(north):
        gate = a_gate(2)
        said = whole_day(gate)
        send(gate, *said, now=FOUR + minutes(4))
        assert send(gate, *said, now=FOUR + minutes(9)) == ["duplicate"] * 6
        assert Handover.objects.count() == 2
        assert Operation.objects.count() == 6
        assert Entry.objects.filter(verb="care.operations.apply").count() == 1


def test_the_order_in_the_list_does_not_matter_the_times_do(north):
    with in_school(north):
        gate = a_gate(2)
        said = whole_day(gate)
        assert send(gate, *reversed(said), now=FOUR + minutes(4)) == ["applied"] * 6


def test_the_same_operation_twice_in_one_list_counts_once(north):
    """Bad input of issue 3: double submit."""
    with in_school(north):
        gate = opened(1)
        said = item("present", gate, gate.pupils[0])
        assert send(gate, said, said, said) == ["applied", "duplicate", "duplicate"]


def test_the_same_id_with_another_content_is_refused(north):
    with in_school(north):
        gate = opened(2)
        said = item("present", gate, gate.pupils[0])
        other = {**said, "pupil": str(gate.pupils[1].pk)}
        assert send(gate, said) == ["applied"]
        assert send(gate, other) == ["care.other_payload"]
        assert states(gate) == ["present", "expected"]
        assert send(gate, said) == ["duplicate"]


def test_somebody_elses_operation_tells_nothing(north):
    with in_school(north):
        gate = opened(1)
        stranger = makers.a_user("care_staff")
        said = item("present", gate, gate.pupils[0])
        send(gate, said)
        assert send(gate, said, by=stranger) == ["care.other_payload"]


def test_an_unknown_kind_is_refused_and_the_others_are_done(north):
    """Bad input of issue 3: an unknown operation kind."""
    with in_school(north):
        gate = opened(1)
        said = [
            item("teleport", gate, gate.pupils[0]),
            item("present", gate, gate.pupils[0], at=FOUR + minutes(1)),
        ]
        assert send(gate, *said) == ["care.unknown_operation", "applied"]
        assert send(gate, *said) == ["care.unknown_operation", "duplicate"]
        assert Operation.objects.get(result="refused").kind == "unknown"


@pytest.mark.parametrize(
    "broken",
    [
        {"session": "?"},
        {"pupil": None},
        {"at": "yesterday"},
        {"at": "2026-09-07T16:00:00"},
        {"at": "0001-01-01T00:00:00+00:00"},
        {"note": "\x00"},
        {"note": "\ud800"},
        {"note": ["x"]},
        {"note": "x" * 2001},
        {"kind": ["present"]},
        {"kind": "\ud800\x00"},
    ],
)
def test_an_operation_that_can_t_be_read_is_refused_alone(north, broken):
    with in_school(north):
        gate = opened(1)
        bad = {**item("present", gate, gate.pupils[0]), **broken}
        answers = send(gate, bad, item("present", gate, gate.pupils[0]))
        assert answers[0] in {"care.malformed_operation", "care.unknown_operation"}
        assert answers[1] == "applied"


def test_a_handover_without_an_adult_is_refused(north):
    with in_school(north):
        gate = opened(1)
        assert send(gate, item("handover", gate, gate.pupils[0])) == ["care.malformed_operation"]


def test_another_teachers_session_and_none_at_all_look_alike(north):
    with in_school(north):
        gate = opened(1)
        stranger = makers.a_user("care_staff")
        nowhere = {**item("present", gate, gate.pupils[0]), "session": str(uuid4())}
        answers = send(gate, item("present", gate, gate.pupils[0]), nowhere, by=stranger)
        assert answers == ["care.session_not_yours"] * 2
        assert states(gate) == ["expected"]


def test_a_child_of_another_school_is_not_on_the_roll(north, south):
    """Bad input of issue 3: another school's child id."""
    with in_school(south):
        foreign = makers.a_pupil()
    with in_school(north):
        gate = opened(1)
        assert send(gate, item("present", gate, foreign)) == ["care.child_not_on_roll"]


def test_a_phone_whose_clock_runs_ahead_is_refused(north):
    with in_school(north):
        gate = opened(2)
        one, two = gate.pupils
        answers = send(
            gate,
            item("present", gate, one, at=FOUR + minutes(4)),
            item("present", gate, two, at=FOUR + minutes(6)),
        )
        assert answers == ["applied", "care.implausible_time"]
        assert entry(gate, one).arrived_at == FOUR  # never later than now


def test_a_hit_of_the_deny_list_is_refused_marked_and_on_record(north):
    """S24."""
    with in_school(north):
        gate = opened(1)
        uncle = makers.a_guardian()
        makers.a_tie(uncle, gate.pupils[0], is_denied=True, denied_reason="法院禁止")
        said = item("handover", gate, gate.pupils[0], collector=str(uncle.pk))
        before = Mark.objects.count()
        assert send(gate, said) == ["care.denied_adult"]
        assert send(gate, said) == ["care.denied_adult"]
        assert Entry.objects.get(verb="care.handover.denied").details["operations"] == [said["id"]]
        assert Mark.objects.count() == before + 1
        assert Operation.objects.get().reason == "care.denied_adult"


def test_operations_are_written_once_and_never_touched(north):
    """Append-only by the database's own rights."""
    with in_school(north):
        gate = opened(1)
        send(gate, item("present", gate, gate.pupils[0]))
        for act in (
            lambda: Operation.objects.update(result="refused"),
            lambda: Operation.objects.all().delete(),
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                act()


def test_a_collision_with_another_phone_is_done_again_one_by_one(north, monkeypatch):
    """The net below the locks: one bad operation never takes others with it."""
    with in_school(north):
        gate = opened(2)
        said = [item("present", gate, pupil) for pupil in gate.pupils]
        known = Operation.objects.in_bulk
        first = [True]

        def blind(ids):
            """As if another connection had not committed yet at the first look."""
            return {} if first and first.pop() else known(ids)

        send(gate, said[0])
        first[:] = [False, True]
        monkeypatch.setattr(Operation.objects, "in_bulk", blind, raising=False)
        assert send(gate, *said) == ["duplicate", "applied"]
        assert Operation.objects.count() == 2


def test_the_number_of_statements_does_not_grow_with_the_operations(north, django_assert_max_num_queries):
    with in_school(north):
        small, large = opened(3), opened(30)
        for gate in (small, large):
            said = [item("present", gate, pupil) for pupil in gate.pupils]
            said += [
                item("handover", gate, pupil, at=FOUR + minutes(1), collector=str(guardian.pk))
                for pupil, guardian in zip(gate.pupils, gate.guardians, strict=True)
            ]
            with django_assert_max_num_queries(22):
                assert set(send(gate, *said, now=FOUR + minutes(2))) == {"applied"}


SENDING = st.lists(st.lists(st.integers(0, 11), min_size=1, max_size=6), min_size=1, max_size=8)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(requests=SENDING)
def test_whatever_is_sent_how_often_each_id_has_one_effect(north, requests):
    """S24: as many rows as ids, one final answer an id, and the count of children right after every request."""
    with in_school(north), transaction.atomic():
        gate = opened(3)
        kinds = ("present", "handover", "undo", "absent")
        said = [
            item(kind, gate, pupil, at=FOUR + minutes(place), collector=str(guardian.pk))
            for pupil, guardian in zip(gate.pupils, gate.guardians, strict=True)
            for place, kind in enumerate(kinds)
        ]
        answers: dict[str, set[str]] = {}
        for places in requests:
            chosen = [said[place] for place in places]
            for one, answer in zip(chosen, send(gate, *chosen, now=FOUR + minutes(5)), strict=True):
                answers.setdefault(one["id"], set()).add(answer.replace("duplicate", "applied"))
            assert count_is_right(gate.session)
        assert all(len(results) == 1 for results in answers.values())
        assert Operation.objects.count() == len(answers)
        standing = Handover.objects.filter(undone_at=None).count()
        assert standing == RollEntry.objects.filter(state="left").count()
        transaction.set_rollback(True)


def test_more_than_five_hundred_are_too_many(north):
    with in_school(north), pytest.raises(operations.refusals.TooManyOperations):
        gate = opened(1)
        send(gate, *(item("present", gate, gate.pupils[0]) for _ in range(501)))


class TestTwoPhones:
    """Real connections and real commits."""

    def test_two_phones_at_once_lose_and_double_nothing(self, committed_gate):
        """S24: both send the same whole session, in two orders, again and again."""
        school, gate = committed_gate
        said = whole_day(gate)
        answers: list[list[str]] = []
        begin = threading.Barrier(4)

        def phone(order) -> None:
            try:
                with in_school(school):
                    begin.wait()
                    answers.append(send(gate, *order, now=FOUR + minutes(4)))
            finally:
                connections.close_all()

        phones = [threading.Thread(target=phone, args=(order,)) for order in (said, said[::-1]) * 2]
        for each in phones:
            each.start()
        for each in phones:
            each.join()
        assert len(answers) == 4
        with in_school(school):
            assert Operation.objects.count() == len(said)
            assert Handover.objects.count() == len(gate.pupils)
            said_by_all = sorted(answer for phone_answers in answers for answer in phone_answers)
            assert said_by_all == ["applied"] * len(said) + ["duplicate"] * len(said) * 3
            assert Session.objects.get().state == SessionState.CLOSED

    def test_two_different_taps_on_one_child_count_once(self, committed_gate, monkeypatch):
        """Without the session's lock both would read the child as expected."""
        school, gate = committed_gate
        locked = boards.locked

        def slowly(*args, **more):
            held = locked(*args, **more)
            time.sleep(0.3)
            return held

        monkeypatch.setattr(boards, "locked", slowly)
        with in_school(school):
            send(gate, item("open", gate))
        answers: list[str] = []
        begin = threading.Barrier(2)

        def phone() -> None:
            try:
                with in_school(school):
                    begin.wait()
                    answers.extend(send(gate, item("present", gate, gate.pupils[0])))
            finally:
                connections.close_all()

        phones = [threading.Thread(target=phone) for _ in range(2)]
        for each in phones:
            each.start()
        for each in phones:
            each.join()
        assert sorted(answers) == ["applied", "care.already_recorded"]
        with in_school(school):
            assert count_is_right(gate.session)

    def test_two_that_share_ids_over_two_sessions_wait_in_one_order(self, committed_gate, monkeypatch):
        """Crafted: the same two ids, each phone with its own session and its own order of times."""
        school, gate = committed_gate
        with in_school(school):
            other = opened(2)
            send(gate, item("open", gate))
        one, two = uuid4(), uuid4()
        said = {
            name: [
                item("present", at, at.pupils[0], key=keys[0], at=FOUR + minutes(1)),
                item("present", at, at.pupils[1], key=keys[1], at=FOUR + minutes(2)),
            ]
            for name, at, keys in (("here", gate, (one, two)), ("there", other, (two, one)))
        }
        alone, both = operations._alone, threading.Barrier(2, timeout=10)
        done: dict[int, int] = {}

        def meets(*args, **more):
            """Each has done its first before either does its second."""
            me = threading.get_ident()
            answer = alone(*args, **more)
            done[me] = done.get(me, 0) + 1
            if done[me] == 1:
                both.wait()
            return answer

        monkeypatch.setattr(operations, "_alone", meets)
        answers: dict[str, list[str]] = {}

        def phone(name, at) -> None:
            try:
                with in_school(school):
                    sent = [
                        operations.read(each, operation_id=UUID(each["id"]), now=FOUR) for each in said[name]
                    ]
                    found = operations._one_by_one(sent, by=at.teacher, now=FOUR + minutes(3))
                    answers[name] = sorted(answer.code or answer.result for answer in found)
            finally:
                connections.close_all()

        phones = [threading.Thread(target=phone, args=each) for each in (("here", gate), ("there", other))]
        for each in phones:
            each.start()
        for each in phones:
            each.join()
        assert sorted(answers.values()) == [["applied"] * 2, ["care.other_payload"] * 2]
        with in_school(school):
            assert Operation.objects.filter(pk__in=[one, two]).count() == 2
            assert RollEntry.objects.filter(state="present").count() == 2
