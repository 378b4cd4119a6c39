"""A complaint about the bureau is kept from whom it may be about."""

import pytest

from tenants.context import in_city
from tenants.letterbox import queries
from tenants.letterbox.models import Accused
from tests.oversight.hearings.stage import a_letter, an_officer


def sees(officer, letter) -> bool:
    with in_city():
        return queries.complaints_for(officer).filter(pk=letter.pk).exists()


@pytest.mark.parametrize(
    ("written", "kept_out"),
    [
        ("周明", True), ("周 明", True), ("周·明", True), ("周\u3000明", True), ("周明科长", True), ("周科长", True),
        ("周副科长", True), ("周", True), ("老周", True), ("管小学的周主任", True), ("小学科周明和别人", True),
        ("吴科长", False), ("周亮", False), ("吴周科", False), ("欧阳科长", False),
    ],
)  # fmt: skip
def test_an_officer_is_kept_out_by_name_surname_and_title(north, written, kept_out):
    officer, other = an_officer(name="周明"), an_officer(name="郑海")
    letter = a_letter(north, accused=Accused.BUREAU, accused_name=written)
    assert (sees(officer, letter), sees(other, letter)) == (not kept_out, True)


def test_a_surname_of_two_signs_and_traditional_signs(north):
    officer = an_officer(name="欧阳伟")
    for written in ("欧阳处长", "歐陽偉", "欧阳"):
        assert not sees(officer, a_letter(north, accused=Accused.BUREAU, accused_name=written))


@pytest.mark.parametrize("written", ["", "  ", "科长", "某领导", "不知道"])
def test_without_a_name_nobody_sees_it_who_is_alone(north, written):
    officer = an_officer(name="周明")
    an_officer(name="区里的人", scope="330102")
    letter = a_letter(north, accused=Accused.BUREAU, accused_name=written)
    assert not sees(officer, letter)
    other = an_officer(name="郑海")
    assert sees(officer, letter)
    assert sees(other, letter)


@pytest.mark.parametrize("group", [Accused.NOBODY, Accused.TEACHER, Accused.PRINCIPAL])
def test_a_name_beside_another_group_keeps_that_officer_out_and_no_namesake(north, group):
    officer, namesake = an_officer(name="周明"), an_officer(name="周亮")
    lake = an_officer(name="周明", scope="330102")
    for written in ("周明", "周 明（教育局的）"):
        letter = a_letter(north, accused=group, accused_name=written)
        assert [sees(user, letter) for user in (officer, namesake, lake)] == [False, True, False]
    assert sees(officer, a_letter(north, accused=group, accused_name="周老师"))
