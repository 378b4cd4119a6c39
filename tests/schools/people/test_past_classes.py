"""A class that has left the school is offered to nobody who is put into one; lists of the past tell it by its year."""

import pytest
from django.utils import timezone

from schools.people import class_queries
from schools.people.roster.classes import school_year
from tenants.context import in_school
from tests import makers
from tests.schools.people.stage import class_teacher, client_of, parent, staff

pytestmark = pytest.mark.django_db
YEAR = school_year(timezone.localdate())


@pytest.fixture
def stage(north):
    """六年级1班 of last year, whose children have left, beside that of this year."""
    with in_school(north):
        gone = makers.a_class(entry_year=YEAR - 6, grade=6, number=1, name="六年级1班")
        here = makers.a_class(entry_year=YEAR - 5, grade=6, number=1, name="六年级1班")
        makers.a_pupil(school_class=gone, name="赵毕业", left_date=makers.FIRST)
        pupil = makers.a_pupil(school_class=here)
        adult = parent(pupil, name="李强")
        user = makers.a_user("clerk", name="韩梅")
    return {
        "gone": gone, "here": here, "pupil": pupil, "adult": adult, "user": user,
        "clerk": staff(north, "clerk")[1], "principal": staff(north, "principal")[1],
    }  # fmt: skip


def page_of(stage, address, *, who="clerk"):
    answer = stage[who].get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    ("who", "address"),
    [
        ("clerk", "/desk/pupils/{pupil}/move/"),
        ("clerk", "/desk/pupils/new/"),
        ("clerk", "/committee/seats/new/?q=李强"),
        ("clerk", "/desk/notices/new/"),
        ("principal", "/accounts/users/{user}/"),
    ],
)
def test_nobody_is_put_into_a_class_that_has_left(stage, who, address):
    text = page_of(stage, address.format(pupil=stage["pupil"].pk, user=stage["user"].pk), who=who)
    assert str(stage["here"].pk) in text
    assert str(stage["gone"].pk) not in text
    assert "年入学" not in text


def test_a_child_is_not_moved_there_by_a_made_up_form_either(stage):
    address = f"/desk/pupils/{stage['pupil'].pk}/move/"
    assert stage["clerk"].post(address, {"school_class": stage["gone"].pk}).status_code == 400


def test_the_filter_of_the_list_has_both_and_names_their_years(stage):
    text = page_of(stage, "/desk/pupils/")
    assert f"六年级1班（{YEAR - 6} 年入学）" in text
    assert f"六年级1班（{YEAR - 5} 年入学）" in text


def test_what_a_teacher_held_is_told_by_its_year(north, stage):
    with in_school(north):
        teacher = class_teacher(stage["gone"])
    text = page_of(stage, f"/accounts/users/{teacher.pk}/", who="principal")
    assert f"六年级1班（{YEAR - 6} 年入学）" in text


def test_before_the_new_years_list_the_classes_with_children_are_still_there(north):
    with in_school(north):
        waits = makers.a_class(entry_year=YEAR - 3, grade=3, name="三年级1班")  # moves up with the list
        new = makers.a_class(entry_year=YEAR, grade=1, name="一年级1班")  # nobody in it yet
        makers.a_pupil(school_class=waits)
        assert {row.pk for row in class_queries.current(timezone.localdate())} == {waits.pk, new.pk}


def test_a_class_teacher_may_choose_among_the_own_only(north, stage):
    with in_school(north):
        other = makers.a_class(entry_year=YEAR, grade=1, name="一年级2班")
        teacher = class_teacher(stage["here"])
    text = client_of(north, teacher).get("/desk/pupils/").content.decode()
    assert str(stage["here"].pk) in text
    assert str(other.pk) not in text
