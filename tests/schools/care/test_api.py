"""The gate's API: an answer for each operation, problem JSON for what is no list of operations."""

import json

import pytest

from schools.care.models import Operation
from tenants.context import in_school
from tests import makers
from tests.schools.care.stage import FOUR, item, logged_in, minutes, opened, states

pytestmark = pytest.mark.usefixtures("at_four")
ADDRESS = "/api/v1/care/operations/"


@pytest.fixture
def gate(north):
    with in_school(north):
        return opened(2)


@pytest.fixture
def phone(north, gate):
    with in_school(north):
        return logged_in(north, gate.teacher)


def post(client, said):
    return client.post(
        ADDRESS, said if isinstance(said, str) else json.dumps(said), content_type="application/json"
    )


def test_each_operation_is_answered_in_the_order_of_the_list(north, phone, gate):
    """The contract: applied, duplicate, refused with the reason."""
    here = item("present", gate, gate.pupils[0])
    said = [item("fly", gate), here, here, item("undo", gate, gate.pupils[1], at=FOUR + minutes(1))]
    answer = post(phone, said)
    assert answer.status_code == 200
    results = answer.json()
    assert [each["id"] for each in results] == [each["id"] for each in said]
    assert [each["result"] for each in results] == ["refused", "applied", "duplicate", "refused"]
    assert results[0]["code"] == "care.unknown_operation"
    assert "更新页面" in results[0]["reason"]
    assert "code" not in results[1]
    with in_school(north):
        assert states(gate) == ["present", "expected"]


def test_a_hit_of_the_deny_list_is_named(north, phone, gate):
    """S24."""
    with in_school(north):
        uncle = makers.a_guardian()
        makers.a_tie(uncle, gate.pupils[0], is_denied=True, denied_reason="法院禁止")
    answer = post(phone, [item("handover", gate, gate.pupils[0], collector=str(uncle.pk))])
    assert answer.json()[0]["code"] == "care.denied_adult"


@pytest.mark.parametrize("said", ["{", "{}", '"x"', '[{"id": NaN}]'])
def test_what_is_no_list_of_operations_is_bad_input_and_nothing_is_done(north, phone, said):
    assert post(phone, said).status_code == 400
    with in_school(north):
        assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("bad", "echo"),
    [
        (1, None),
        ({}, None),
        ({"kind": "present"}, None),
        ({"id": "x"}, "x"),
        ({"id": 7}, None),
        ({"id": None}, None),
        ({"id": ["x"]}, None),
        ({"id": "\x00"}, None),
        ({"id": "\ud800"}, None),
        ({"id": "x" * 101}, None),
    ],
)
def test_one_without_an_id_is_answered_by_its_place_and_the_others_are_done(north, phone, gate, bad, echo):
    """Each operation has its own answer: one broken line in a phone's store keeps no child waiting (S24)."""
    here = item("present", gate, gate.pupils[0])
    answer = post(phone, [bad, here, bad])
    assert answer.status_code == 200
    first, second, third = answer.json()
    assert second == {"id": here["id"], "result": "applied"}
    assert first == third
    assert (first["id"], first["result"], first["code"]) == (echo, "refused", "care.operation_without_id")
    assert "编号" in first["reason"]
    with in_school(north):
        assert states(gate) == ["present", "expected"]
        assert Operation.objects.count() == 1


def test_more_than_five_hundred_are_too_large(phone, gate):
    answer = post(phone, [item("present", gate, gate.pupils[0]) for _ in range(501)])
    assert answer.status_code == 413
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "care.too_many_operations"


def test_an_empty_list_has_no_answers(phone):
    assert post(phone, []).json() == []


def test_the_door_asks_for_the_right(north, gate):
    with in_school(north):
        clerk = logged_in(north, makers.a_user("clerk"))
    assert post(clerk, []).status_code == 403
    clerk.cookies.clear()
    assert post(clerk, []).status_code == 401


def test_without_its_token_a_browser_is_not_believed(north, gate):
    """Cross-site requests do nothing."""
    with in_school(north):
        phone = logged_in(north, gate.teacher)
    phone.handler.enforce_csrf_checks = True
    assert post(phone, [item("present", gate, gate.pupils[0])]).status_code == 403


def test_an_operation_of_another_school_meets_no_session(south, phone, gate):
    """Bad input of issue 3: another school's ids."""
    with in_school(south):
        foreign = opened(1)
    answer = post(phone, [item("present", foreign, foreign.pupils[0])])
    assert answer.json()[0]["code"] == "care.session_not_yours"
    with in_school(south):
        assert states(foreign) == ["expected"]
