"""Nobody is put out of a child's life without a reason, a line of history and word to who it is (S24)."""

import pytest

from schools.notices import queries as notices
from schools.people import adult_actions, queries
from schools.people.models import Change, Tie
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.people.stage import client_of, parent

WHY = "监护人来校书面要求"


@pytest.fixture
def stage(north, settings):
    """Alice and Bob sign for Ming."""
    settings.SECOND_FACTOR = "optional"
    with in_school(north):
        ming = makers.a_pupil(name="李小明")
        return {
            "ming": ming,
            "alice": parent(ming, name="李静"),
            "bob": parent(ming, name="李强"),
            "clerk": makers.a_user("clerk", name="周老师"),
        }


def read(person) -> list[str]:
    """What the adult finds on the own page now."""
    rows = notices.deliveries_to(person.user).order_by("-sent_at", "-pk")
    return list(rows.values_list("notice__body", flat=True))


def test_an_ended_tie_has_its_reason_in_the_history(stage, north):
    with in_school(north):
        tie = Tie.objects.get(guardian=stage["bob"])
        adult_actions.end_tie(tie=tie, reason=WHY, by=stage["clerk"], now=NOON)
        row = queries.history_of(stage["ming"]).get()
        assert (row.kind, row.guardian, row.reason, row.by) == ("ended", stage["bob"], WHY, stage["clerk"])


def test_whoever_was_removed_reads_it_and_so_do_the_others(stage, north):
    """Who has no tie any more reads nothing about the child, but that the tie has ended."""
    with in_school(north):
        tie = Tie.objects.get(guardian=stage["bob"])
        adult_actions.end_tie(tie=tie, reason=WHY, by=stage["clerk"], now=NOON)
        for person in (stage["alice"], stage["bob"]):
            (body,) = read(person)
            assert "不再是 李小明 在学校登记的家长或接送人" in body
            assert WHY not in body


def test_a_collector_whom_a_parent_takes_off_is_told_and_stands_in_the_history(stage, north):
    with in_school(north):
        grandma = parent(name="赵奶奶")
        tie = makers.a_tie(grandma, stage["ming"], may_sign=False, may_collect=True)
        adult_actions.remove_collector(tie=tie, by=stage["alice"].user, now=NOON)
        row = Change.objects.get()
        assert (row.kind, row.guardian, row.by) == ("ended", grandma, stage["alice"].user)
        for person in (grandma, stage["bob"]):
            assert "李静" in read(person)[0]


def test_the_page_asks_why(stage, north):
    client = client_of(north, stage["clerk"])
    with in_school(north):
        tie = Tie.objects.get(guardian=stage["bob"])
    at = f"/desk/pupils/{stage['ming'].pk}/adults/{tie.pk}/end/"
    assert "不能再签字" in client.get(at).content.decode()
    for nothing in ({}, {"reason": " "}):
        assert client.post(at, nothing).status_code == 400
    with in_school(north):
        assert Tie.objects.get(pk=tie.pk).ended_at is None
    page = client.post(at, {"reason": WHY}, follow=True).content.decode()
    assert "解除关系" in page
    assert WHY in page


def test_the_api_asks_why_as_well(stage, north):
    client = client_of(north, stage["clerk"])
    with in_school(north):
        tie = Tie.objects.get(guardian=stage["bob"])
    at = f"/api/v1/pupils/{stage['ming'].pk}/adults/{tie.pk}/end/"
    assert client.post(at, {}).status_code == 400
    assert client.post(at, {"reason": WHY}).status_code == 200
    assert client.post(at, {"reason": WHY}).status_code == 409
    history = client.get(f"/api/v1/pupils/{stage['ming'].pk}/history/").json()
    assert [(row["kind"], row["reason"]) for row in history] == [("ended", WHY)]
    mother = client_of(north, stage["alice"].user)
    assert mother.post(at, {"reason": WHY}).status_code == 403
