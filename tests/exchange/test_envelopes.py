"""Envelopes: closed payloads, no child's name, each side its own rows, carried once and only once."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as rounds
from hypothesis import strategies as st

from afterbell.audit.models import Entry
from tenants.context import in_city, in_school
from tenants.exchange import actions, names, payloads, queries, relay, tasks, wake
from tenants.exchange.models import Envelope, EnvelopeKind
from tenants.exchange.states import EnvelopeState
from tests import makers
from tests.city import NOON

REPORT = {"about": "other", "note": "走廊灯坏了，已报修。"}
LATER = NOON + timedelta(days=1)
heard: list[str] = []


def remember(*, envelope, now):
    """Stands in for a room's hook."""
    heard.append(f"{envelope.pk} {envelope.answer}")


@pytest.fixture(autouse=True)
def hooked(settings):
    heard.clear()
    settings.EXCHANGE_ANSWERED = {"report": "tests.exchange.test_envelopes.remember"}


def send(by=None, **more):
    given = {"kind": EnvelopeKind.REPORT, "subject": "情况报告", "payload": REPORT, "due_at": LATER, **more}
    return actions.send(**given, by=by, now=NOON)


def answer(envelope_id, said="accepted", note=""):
    with in_city():
        by = makers.a_user("bureau_supervisor")
        actions.answer(envelope=queries.envelope(envelope_id), answer=said, note=note, by=by, now=LATER)


# --- what may be sent -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"about": "other", "pupil": "李小明"},
        {"about": "gossip"},
        {"about": "other", "note": 7},
        {"about": "other", "note": "长" * 1001},
    ],
)
def test_a_payload_holds_what_its_kind_knows_and_nothing_else(north, wrong):
    """Bad input: an unknown field, a missing one, too long."""
    with in_school(north):
        with pytest.raises(payloads.WrongPayload):
            send(payload=wrong)
        assert not Envelope.objects.exists()


@pytest.mark.parametrize("where", ["subject", "note"])
def test_no_childs_name_leaves_the_school(north, where):
    with in_school(north):
        makers.a_pupil(name="欧阳明月")
        more = (
            {"subject": "欧阳明月摔倒"}
            if where == "subject"
            else {"payload": {"about": "other", "note": "家长说欧阳明月哭了"}}
        )
        with pytest.raises(names.NamesAChild, match="某学生"):
            send(**more)
        assert not Envelope.objects.exists()


def test_another_schools_child_is_no_reason_and_a_single_sign_is_no_name(north, south):
    with in_school(south):
        makers.a_pupil(name="欧阳明月")
    with in_school(north):
        makers.a_pupil(name="灯")
        send(payload={"about": "other", "note": "欧阳明月的灯"})


def test_money_in_a_payload_is_never_a_float(north):
    with in_school(north), pytest.raises(payloads.WrongPayload):
        payload = {
            "term_code": makers.TERM, "month": "2026-09", "opening_fen": 0,
            "received_fen": 70.0, "spent_fen": 0,
            "refunded_fen": 0, "closing_fen": 70,
            "sha256": "a" * 64, "due_date": "2026-10-10", "published_date": "2026-10-09",
        }  # fmt: skip
        send(kind=EnvelopeKind.STATEMENT, payload=payload)


def test_each_kind_has_a_closed_schema():
    assert set(payloads.SCHEMAS) == set(EnvelopeKind)
    assert all(schema["additionalProperties"] is False for schema in payloads.SCHEMAS.values())
    assert settings.EXCHANGE_CHILDREN == ("people.Pupil", "name")


# --- rights ------------------------------------------------------------------------------------------------------------


def test_a_school_may_not_touch_the_citys_envelopes_nor_the_city_a_schools(north):
    with in_school(north):
        send()
        for statement in ("SELECT * FROM public.exchange_envelope", "DELETE FROM public.exchange_envelope"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                connection.cursor().execute(statement)
    with in_city():
        assert not Envelope.objects.exists()
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(f"SELECT * FROM {north.schema_name}.exchange_envelope")


# --- the relay -----------------------------------------------------------------------------------------------------------


def test_an_envelope_goes_up_and_its_answer_comes_down(north, south):
    with in_school(north):
        sent = send()
    assert relay.relay_school(north, NOON) == relay.Carried(up=1, down=0)
    assert relay.relay_school(south, NOON) == relay.Carried(up=0, down=0)
    with in_city():
        arrived = Envelope.objects.get()
        assert (arrived.pk, arrived.state, arrived.payload) == (sent.pk, EnvelopeState.SENT, REPORT)
        assert arrived.payload_sha256 == payloads.digest(arrived.payload)
    answer(sent.pk, "returned", "请补充时间")
    assert relay.relay_school(north, LATER) == relay.Carried(up=0, down=1)
    with in_school(north):
        own = Envelope.objects.get()
        assert (own.state, own.answer, own.answer_note) == (EnvelopeState.ANSWERED, "returned", "请补充时间")
    assert heard == [f"{sent.pk} returned"]
    assert relay.relay_school(north, LATER) == relay.Carried(up=0, down=0)


def test_an_answer_needs_a_reason_when_it_returns_and_is_given_once(north):
    with in_school(north):
        sent = send()
    relay.relay_school(north, NOON)
    with pytest.raises(actions.NoReason):
        answer(sent.pk, "returned", "  ")
    with pytest.raises(actions.UnknownAnswer):
        answer(sent.pk, "perhaps")
    answer(sent.pk)
    with pytest.raises(Exception, match="已答复"):
        answer(sent.pk, "returned", "晚了")
    with in_city():
        assert Envelope.objects.get().answer == "accepted"
        assert list(Entry.objects.values_list("verb", flat=True))[-1] == "exchange.accepted"


STEPS = ("_put_in_city", "_mark_sent", "_tell_school", None)


class Lightning(Exception):
    """The machine stops here."""


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", STEPS[:3])
def test_a_crash_before_or_after_a_step_is_mended_by_the_next_run(north, monkeypatch, step, after):
    """A crash between the two sides: nothing is lost, nothing happens twice."""
    with in_school(north):
        sent = send()
    if step == "_tell_school":
        relay.relay_school(north, NOON)
        answer(sent.pk)
    with monkeypatch.context() as struck:
        crash_at(struck, step, after)
        with pytest.raises((Lightning, ExceptionGroup)):
            relay.relay_school(north, LATER)
    relay.relay_school(north, LATER)
    with in_city():
        assert Envelope.objects.count() == 1
    if step == "_tell_school":
        assert heard == [f"{sent.pk} accepted"]
        with in_city():
            assert Envelope.objects.get().answer_carried
    with in_school(north):
        assert Envelope.objects.get().state == (
            EnvelopeState.ANSWERED if step == "_tell_school" else EnvelopeState.SENT
        )


def crash_at(monkeypatch, step, after):
    real = getattr(relay, step)

    def struck(*args):
        if after:
            real(*args)
        raise Lightning

    monkeypatch.setattr(relay, step, struck)


@pytest.fixture
def bureau(db):
    with in_city():
        return makers.a_user("bureau_supervisor")


@rounds(
    max_examples=25,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    deeds=st.lists(
        st.one_of(
            st.just(("send",)),
            st.just(("answer",)),
            st.tuples(st.just("relay"), st.sampled_from(STEPS), st.booleans()),
        ),
        max_size=14,
    )
)
def test_whatever_happens_in_which_order_each_envelope_is_carried_once(north, bureau, deeds):
    """Property: sends, answers and crashes anywhere; one calm run at the end and both sides agree, each hook heard once."""
    with transaction.atomic():
        heard.clear()
        _play(north, bureau, deeds)
        relay.relay_school(north, LATER)
        columns = ("pk", "state", "answer", "payload_sha256")
        with in_school(north):
            here = sorted(Envelope.objects.values_list(*columns))
        with in_city():
            there = sorted(Envelope.objects.values_list(*columns))
            answered = Envelope.objects.filter(state=EnvelopeState.ANSWERED)
            assert not answered.filter(answer_carried=False).exists()
            assert sorted(heard) == sorted(f"{row.pk} {row.answer}" for row in answered)
        assert here == there
        assert len(here) == sum(deed[0] == "send" for deed in deeds)
        transaction.set_rollback(True)


def _play(north, bureau, deeds):
    for deed in deeds:
        if deed[0] == "send":
            with in_school(north):
                send()
        elif deed[0] == "answer":
            with in_city():
                open_one = Envelope.objects.filter(state=EnvelopeState.SENT).order_by("pk").first()
                if open_one:
                    actions.answer(envelope=open_one, answer="accepted", note="", by=bureau, now=LATER)
        else:
            with pytest.MonkeyPatch.context() as struck:
                if deed[1]:
                    crash_at(struck, deed[1], deed[2])
                with suppress(Lightning, ExceptionGroup):
                    relay.relay_school(north, LATER)


def test_without_compare_and_set_the_hook_would_be_heard_twice(north, monkeypatch):
    """The guard taken away: a crash after the school was told, and no look at the state."""
    with in_school(north):
        sent = send()
    relay.relay_school(north, NOON)
    answer(sent.pk)

    def careless(school, said, now):
        with in_school(school):
            remember(envelope=queries.envelope(said["id"]), now=now)
        if len(heard) == 1:
            raise Lightning

    monkeypatch.setattr(relay, "_tell_school", careless)
    with pytest.raises(ExceptionGroup):
        relay.relay_school(north, LATER)
    relay.relay_school(north, LATER)
    assert len(heard) == 2


def test_a_changed_payload_stays_where_it_is_and_does_not_hold_up_the_others(north):
    with in_school(north):
        bad, good = send(), send()
        Envelope.objects.filter(pk=bad.pk).update(payload={"about": "other", "note": "改过了"})
    with pytest.raises(ExceptionGroup):
        relay.relay_school(north, NOON)
    with in_city():
        assert [row.pk for row in Envelope.objects.all()] == [good.pk]


def test_one_answers_trouble_is_not_the_next_ones(north, settings):
    settings.EXCHANGE_ANSWERED = {"report": "tests.exchange.test_envelopes.stumble"}
    with in_school(north):
        first, second = send(), send()
    relay.relay_school(north, NOON)
    answer(first.pk)
    answer(second.pk)
    stumble.over = first.pk
    with pytest.raises(ExceptionGroup):
        relay.relay_school(north, LATER)
    with in_school(north):
        states = dict(Envelope.objects.values_list("pk", "state"))
    assert (states[first.pk], states[second.pk]) == (EnvelopeState.SENT, EnvelopeState.ANSWERED)


def stumble(*, envelope, now):
    if envelope.pk == stumble.over:
        raise Lightning


def test_the_sweep_goes_on_past_a_school_that_fails(north, south, monkeypatch):
    real = relay.relay_school

    def fragile(school, now):
        if school.pk == north.pk:
            raise Lightning
        return real(school, now)

    monkeypatch.setattr(relay, "relay_school", fragile)
    with in_school(south):
        sent = send()
    tasks.sweep()
    with in_city():
        assert Envelope.objects.get().pk == sent.pk


def test_the_task_carries_for_its_own_school(north):
    with in_school(north):
        send()
    tasks.carry(school_id=str(north.pk))
    with in_city():
        assert Envelope.objects.get().school_id == north.pk


def test_the_name_that_wakes_is_the_tasks_own():
    assert tasks.carry.name == wake.CARRY


def test_the_relay_is_woken_after_the_commit_and_redis_may_be_down(
    north, monkeypatch, django_capture_on_commit_callbacks
):
    woken = []
    monkeypatch.setattr("tenants.exchange.wake.relay", lambda school_id: woken.append(school_id))
    with in_school(north), django_capture_on_commit_callbacks(execute=True):
        send()
        assert woken == []
    assert woken == [north.pk]
