"""Pages and API of people: each sees the own ones, everything else is not there, in few queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from schools.people.models import Pupil, Relation, Tie
from tenants.context import in_school
from tests import makers
from tests.schools.people.stage import class_teacher, client_of, parent, staff

pytestmark = pytest.mark.django_db
GONE = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def stage(north):
    """Two classes; the teacher has the first. Alice signs for Ming, Bob only collects him."""
    with in_school(north):
        first, second = makers.a_class(name="一年级1班"), makers.a_class(name="一年级2班")
        ming, fang = (
            makers.a_pupil(school_class=first, name="李小明"),
            makers.a_pupil(school_class=second, name="王小芳"),
        )
        alice, bob = parent(ming, name="李强"), parent(ming, name="张奶奶", may_sign=False)
        teacher = class_teacher(first)
    return {
        "first": first, "second": second, "ming": ming, "fang": fang, "alice": alice, "bob": bob,
        "teacher": client_of(north, teacher), "mother": client_of(north, alice.user), "grandma": client_of(north, bob.user),
        "clerk": staff(north, "clerk")[1], "principal": staff(north, "principal")[1],
    }  # fmt: skip


def test_the_office_sees_everybody_and_a_class_teacher_the_own_class(stage):
    office = stage["clerk"].get("/desk/pupils/").content.decode()
    assert "李小明" in office
    assert "王小芳" in office
    own = stage["teacher"].get("/desk/pupils/").content.decode()
    assert "李小明" in own
    assert "王小芳" not in own


def test_another_class_is_not_there_for_a_class_teacher(stage):
    assert stage["teacher"].get(f"/desk/pupils/{stage['ming'].pk}/").status_code == 200
    assert stage["teacher"].get(f"/desk/pupils/{stage['fang'].pk}/").status_code == 404
    assert stage["teacher"].get(f"/desk/pupils/{GONE}/").status_code == 404
    assert "一年级2班" not in stage["teacher"].get("/desk/classes/").content.decode()


def test_another_schools_child_is_not_there(stage, south):
    with in_school(south):
        strange = makers.a_pupil()
    for who, path in (
        ("clerk", "/desk/pupils/"),
        ("mother", "/family/children/"),
        ("clerk", "/api/v1/pupils/"),
    ):
        assert stage[who].get(f"{path}{strange.pk}/").status_code == 404


def test_filters_by_class_name_and_state(stage, north):
    with in_school(north):
        makers.a_pupil(school_class=stage["first"], name="赵毕业", left_date=makers.LAST)
    client = stage["clerk"]
    assert "王小芳" not in client.get(f"/desk/pupils/?school_class={stage['first'].pk}").content.decode()
    assert "李小明" not in client.get("/desk/pupils/?search=小芳").content.decode()
    assert "赵毕业" not in client.get("/desk/pupils/").content.decode()
    assert "赵毕业" in client.get("/desk/pupils/?state=left").content.decode()
    assert client.get("/desk/pupils/?school_class=nonsense&sort=nothing&page=9999").status_code == 200


def test_leaders_and_teachers_read_and_only_the_office_changes(stage):
    address = f"/desk/pupils/{stage['ming'].pk}/move/"
    assert stage["principal"].get(address).status_code == 403
    assert stage["teacher"].get(address).status_code == 403
    assert stage["clerk"].get(address).status_code == 200


def test_the_office_denies_with_a_reason_that_a_class_teacher_does_not_read(stage, north):
    """S24."""
    with in_school(north):
        tie = Tie.objects.get(guardian=stage["bob"])
    address = f"/desk/pupils/{stage['ming'].pk}/adults/{tie.pk}/deny/"
    assert stage["clerk"].post(address, {"reason": ""}).status_code == 400
    assert stage["clerk"].post(address, {"reason": "法院文书"}).status_code == 302
    page = f"/desk/pupils/{stage['ming'].pk}/"
    assert "法院文书" in stage["clerk"].get(page).content.decode()
    teachers = stage["teacher"].get(page).content.decode()
    assert "禁止接走" in teachers
    assert "法院文书" not in teachers
    assert "李小明" not in stage["grandma"].get("/family/").content.decode()
    assert stage["grandma"].get(f"/family/children/{stage['ming'].pk}/").status_code == 404


def test_the_office_moves_a_pupil_and_lets_it_leave_and_return(stage, north):
    pupil = stage["ming"]
    client, at = stage["clerk"], f"/desk/pupils/{stage['ming'].pk}/"
    assert client.post(f"{at}move/", {"school_class": str(stage["second"].pk)}).status_code == 302
    assert client.post(f"{at}leave/", {"on": "2199-01-01"}).status_code == 400
    assert client.post(f"{at}leave/", {"on": "2026-09-01"}).status_code == 302
    assert client.post(f"{at}move/", {"school_class": str(stage["first"].pk)}).status_code == 302
    with in_school(north):
        row = Pupil.objects.get(pk=pupil.pk)
        assert (row.left_date, row.school_class_id) == (None, stage["first"].pk)


def test_the_office_adds_a_pupil_and_an_adult(stage, north):
    client = stage["clerk"]
    given = {
        "number": "０0９",
        "name": "陈 晓",
        "school_class": str(stage["first"].pk),
        "joined_date": "2026-09-01",
    }
    answer = client.post("/desk/pupils/new/", given)
    assert answer.status_code == 302
    adult = {"name": "陈大文", "phone": "139 0013 9009", "relation": Relation.FATHER, "may_sign": "on"}
    assert client.post(answer.headers["Location"], adult).status_code == 302
    with in_school(north):
        tie = Tie.objects.get(pupil__number="009")
        assert (tie.guardian.phone, tie.may_sign, tie.may_collect) == ("+8613900139009", True, False)
    again = client.post("/desk/pupils/new/", given)
    assert again.status_code == 400
    assert "009" in again.content.decode()


def test_a_parent_adds_and_removes_a_collector(stage, north):
    """S24."""
    child = f"/family/children/{stage['ming'].pk}/"
    given = {"name": "赵爷爷", "phone": "13700137000", "relation": "grandparent"}
    assert stage["mother"].post(f"{child}collectors/new/", given).status_code == 302
    assert "赵爷爷" in stage["mother"].get(child).content.decode()
    with in_school(north):
        tie = Tie.objects.get(guardian__phone="+8613700137000")
    remove = f"{child}collectors/{tie.pk}/remove/"
    assert stage["mother"].get(remove).status_code == 200
    assert stage["mother"].post(remove).status_code == 302
    assert "赵爷爷" not in stage["mother"].get(child).content.decode()


def test_who_only_collects_changes_nothing_and_sees_masked_phones(stage):
    child = f"/family/children/{stage['ming'].pk}/"
    page = stage["grandma"].get(child).content.decode()
    assert "添加接送人" not in page
    assert stage["alice"].phone[-8:] not in page
    answer = stage["grandma"].post(
        f"{child}collectors/new/", {"name": "赵", "phone": "13700137000", "relation": "other"}
    )
    assert answer.status_code == 403


def test_a_parent_finds_neither_other_children_nor_their_ties(stage, north):
    with in_school(north):
        tie = makers.a_tie(makers.a_guardian(), stage["fang"], may_collect=True)
    assert stage["mother"].get(f"/family/children/{stage['fang'].pk}/").status_code == 404
    for pupil in (stage["fang"], stage["ming"]):
        assert (
            stage["mother"].post(f"/family/children/{pupil.pk}/collectors/{tie.pk}/remove/").status_code
            == 404
        )


def test_the_api_has_the_same_rights(stage):
    listed = stage["teacher"].get("/api/v1/pupils/").json()
    assert [row["name"] for row in listed["results"]] == ["李小明"]
    assert stage["teacher"].get(f"/api/v1/pupils/{stage['fang'].pk}/").status_code == 404
    adults = stage["teacher"].get(f"/api/v1/pupils/{stage['ming'].pk}/").json()["adults"]
    assert {adult["name"] for adult in adults} == {"李强", "张奶奶"}
    assert [(row["name"], row["may_sign"]) for row in stage["mother"].get("/api/v1/children/").json()] == [
        ("李小明", True)
    ]
    assert stage["grandma"].get(f"/api/v1/children/{stage['ming'].pk}/").json()["may_sign"] is False
    assert stage["mother"].get(f"/api/v1/children/{stage['fang'].pk}/").status_code == 404
    assert stage["mother"].get("/api/v1/pupils/").status_code == 403
    assert stage["clerk"].get("/api/v1/pupils/?school_class=nonsense").status_code == 400


@pytest.mark.parametrize("path", ["/desk/classes/", "/desk/pupils/", "/desk/roster/", "/api/v1/pupils/"])
def test_lists_take_as_many_queries_for_many_as_for_few(stage, north, path):
    few = queries_of(stage["clerk"], path)
    with in_school(north):
        for _number in range(30):
            makers.a_guardian(makers.a_pupil())
    assert queries_of(stage["clerk"], path) == few
    assert few <= 20


def test_a_childs_pages_take_few_queries_whatever_the_number_of_adults(stage, north):
    desk, family = f"/desk/pupils/{stage['ming'].pk}/", f"/family/children/{stage['ming'].pk}/"
    few = (
        queries_of(stage["clerk"], desk),
        queries_of(stage["mother"], family),
        queries_of(stage["mother"], "/family/"),
    )
    with in_school(north):
        for _number in range(10):
            makers.a_guardian(stage["ming"])
        makers.a_tie(stage["alice"], stage["fang"], may_sign=True)
    many = (
        queries_of(stage["clerk"], desk),
        queries_of(stage["mother"], family),
        queries_of(stage["mother"], "/family/"),
    )
    assert many == few
    assert max(few) <= 21


def queries_of(client, path: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len(seen)
