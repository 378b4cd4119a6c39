"""Whose yes lets a child go home alone: not a signer's whom the office made since, and not over another guardian's no."""

from datetime import datetime

import pytest

from schools.care import homeward, homeward_actions
from schools.care.models import HomeWord
from schools.enrolment.models import Agreement, Application
from schools.notices.models import Notice
from schools.people import adult_actions
from schools.people.models import Relation, Tie
from tenants.context import in_school
from tests import makers
from tests.schools.care.stage import FOUR, item, logged_in, minutes, send, states
from tests.schools.care.test_home_alone import denies, ends, goes, loses, says, scene  # noqa: F401  (a fixture)

pytestmark = pytest.mark.usefixtures("at_four")


def fresh(gate, at, by=None):
    """A signer whom the office has just registered, with an account."""
    tie = adult_actions.add_adult(
        pupil=gate.child, name="赵新", phone="+8613900139009", relation=Relation.OTHER, may_sign=True,
        may_collect=True, by=by or gate.clerk, now=at,
    )  # fmt: skip
    return tie.guardian


class TestANo:
    def test_stands_against_the_yes_of_another_guardian(self, north, scene):  # noqa: F811
        with in_school(north):
            no = says(scene, False, at=FOUR)
            second = makers.a_guardian(scene.child, name="赵兰", user=makers.a_user("guardian"))
            with pytest.raises(homeward_actions.AnothersNo):
                says(scene, True, seen=no.at, by=second.user, at=FOUR + minutes(1))
            assert goes(scene, at=FOUR + minutes(11)) == "care.consent_gone"

    def test_is_taken_back_by_who_said_it(self, north, scene):  # noqa: F811
        with in_school(north):
            no = says(scene, False, at=FOUR)
            says(scene, True, seen=no.at, at=FOUR + minutes(1))
            assert goes(scene, at=FOUR + minutes(11)) == "applied"

    def test_ends_with_the_right_of_who_said_it(self, north, scene):  # noqa: F811
        with in_school(north):
            second = makers.a_guardian(scene.child, name="赵兰", user=makers.a_user("guardian"))
            no = says(scene, False, at=FOUR)
            ends_of(scene, scene.mother, FOUR + minutes(1))
            says(scene, True, seen=no.at, by=second.user, at=FOUR + minutes(2))
            assert goes(scene, at=FOUR + minutes(11)) == "applied"

    def test_of_each_guardian_stands_for_itself(self, north, scene):  # noqa: F811
        """S24: who takes the own no back does not take another's; both are kept, whoever was first."""
        with in_school(north):
            second = makers.a_guardian(scene.child, name="赵兰", user=makers.a_user("guardian"))
            hers = says(scene, False, at=FOUR)
            other = says(scene, False, seen=hers.at, by=second.user, at=FOUR + minutes(1))
            for by in (scene.mother.user, second.user):
                with pytest.raises(homeward_actions.SaidAlready):
                    says(scene, False, seen=other.at, by=by, at=FOUR + minutes(2))
            browser = logged_in(north, scene.mother.user)
        url = f"/family/agreements/{scene.agreements[0].pk}/home/"
        assert "赵兰 也要求" in browser.get(url).content.decode()
        back = browser.post(url, {"answer": "yes", "seen": other.at.isoformat()}, follow=True)
        assert "赵兰 的答复仍是由接送人来接" in back.content.decode()
        with in_school(north):
            assert Notice.objects.filter(title__contains="仍由接送人来接").count() == 1
            assert goes(scene, at=FOUR + minutes(11)) == "care.consent_gone"
            left = HomeWord.objects.get()
            assert (left.is_yes, left.guardian, left.others) == (False, second, {})
            with pytest.raises(homeward_actions.AnothersNo):
                says(scene, True, seen=left.at, at=FOUR + minutes(12))
            says(scene, True, seen=left.at, by=second.user, at=FOUR + minutes(13))
            assert goes(scene, at=FOUR + minutes(14)) == "applied"

    def test_is_left_when_the_last_one_signs_no_longer(self, north, scene):  # noqa: F811
        with in_school(north):
            second = makers.a_guardian(scene.child, name="赵兰", user=makers.a_user("guardian"))
            hers = says(scene, False, at=FOUR)
            other = says(scene, False, seen=hers.at, by=second.user, at=FOUR + minutes(1))
            ends_of(scene, second, FOUR + minutes(2))
            with pytest.raises(homeward_actions.AnothersNo):
                says(scene, True, seen=other.at, by=scene.father_user, at=FOUR + minutes(3))
            says(scene, True, seen=other.at, at=FOUR + minutes(4))

    def test_stands_under_a_new_agreement_of_another_guardian(self, north, scene):  # noqa: F811
        """Leaving and applying again is no way round it; who said it may sign the new one, or say yes under it."""
        with in_school(north):
            no = says(scene, False, at=FOUR)
            own = signed_again(scene, scene.mother, FOUR + minutes(1))
            assert homeward.consents([own.pk])[own.pk].holds
            new = signed_again(scene, scene.father, FOUR + minutes(2))
            stands = homeward.consents([new.pk])[new.pk]
            assert (stands.holds, stands.no_stands, stands.until) == (False, True, None)
            other = makers.an_agreement(makers.a_pupil(), goes_home_alone=True)
            assert homeward.consents([other.pk])[other.pk].holds
            with pytest.raises(homeward_actions.AnothersNo):
                homeward_actions.say(
                    agreement=new, is_yes=True, seen=no.at, by=scene.father_user, now=FOUR + minutes(2)
                )
            homeward_actions.say(
                agreement=new, is_yes=True, seen=no.at, by=scene.mother.user, now=FOUR + minutes(3)
            )
            assert homeward.consents([new.pk])[new.pk].holds

    def test_of_who_signed_no_longer_before_it_says_nothing_about_it(self, north, scene):  # noqa: F811
        with in_school(north):
            says(scene, False, at=FOUR)
            ends_of(scene, scene.mother, FOUR + minutes(1))
            new = signed_again(scene, scene.father, FOUR + minutes(2))
            assert homeward.consents([new.pk])[new.pk].holds

    def test_is_said_on_the_page_of_the_other_guardian_who_may_say_no_too(self, north, scene):  # noqa: F811
        with in_school(north):
            no = says(scene, False, at=FOUR)
            second = makers.a_guardian(scene.child, name="赵兰", user=makers.a_user("guardian"))
            hers, own = logged_in(north, second.user), logged_in(north, scene.mother.user)
        url = f"/family/agreements/{scene.agreements[0].pk}/home/"
        page = hers.get(url).content.decode()
        assert "只有王梅自己能改回" in page
        assert 'value="yes"' not in page
        assert 'value="no"' in page
        assert 'value="yes"' in own.get(url).content.decode()
        said = hers.post(url, {"answer": "yes", "seen": no.at.isoformat()}, follow=True)
        assert "王梅" in said.content.decode()
        api = hers.post(
            f"/api/v1{url}", {"alone": True, "seen": no.at.isoformat()}, content_type="application/json"
        )
        assert (api.status_code, api.json()["type"].rsplit(":", 1)[-1]) == (409, "care.anothers_no")


class TestASignerOfSince:
    @pytest.mark.parametrize("deed", [denies, loses, ends])
    def test_does_not_let_the_child_go(self, north, scene, deed):  # noqa: F811
        with in_school(north):
            deed(scene, FOUR)
            adult = fresh(scene, FOUR + minutes(1))
            with pytest.raises(homeward_actions.SignsTooLately):
                says(scene, True, by=adult.user, at=FOUR + minutes(2))

    def test_nor_one_whom_the_same_hand_made_a_day_before(self, north, scene):  # noqa: F811
        with in_school(north):
            adult = fresh(scene, FOUR - minutes(1440))
            denies(scene, FOUR)
            with pytest.raises(homeward_actions.SignsTooLately):
                says(scene, True, by=adult.user, at=FOUR + minutes(2))

    def test_one_whom_another_hand_made_before_may(self, north, scene):  # noqa: F811
        with in_school(north):
            adult = fresh(scene, FOUR - minutes(1440), by=makers.a_user("clerk"))
            denies(scene, FOUR)
            says(scene, True, by=adult.user, at=FOUR + minutes(2))

    def test_nor_after_a_no_whose_giver_was_put_out(self, north, scene):  # noqa: F811
        with in_school(north):
            no = says(scene, False, at=FOUR)
            adult = fresh(scene, FOUR + minutes(1))
            ends_of(scene, scene.mother, FOUR + minutes(2))
            with pytest.raises(homeward_actions.SignsTooLately):
                says(scene, True, seen=no.at, by=adult.user, at=FOUR + minutes(3))

    def test_is_told_at_the_field_what_to_do(self, north, scene):  # noqa: F811
        with in_school(north):
            denies(scene, FOUR)
            browser = logged_in(north, fresh(scene, FOUR + minutes(1)).user)
        url = f"/family/agreements/{scene.agreements[0].pk}/home/"
        said = browser.post(url, {"answer": "yes", "seen": ""})
        assert said.status_code == 400
        assert "重新申请" in said.content.decode()

    def test_may_say_no(self, north, scene):  # noqa: F811
        with in_school(north):
            assert says(scene, False, by=fresh(scene, FOUR).user, at=FOUR + minutes(1)).is_yes is False


def test_the_gate_says_who_agreed_and_when(north, scene):  # noqa: F811
    url = f"/care/sessions/{scene.session.pk}/children/{scene.child.pk}/"
    with in_school(north):
        send(scene, item("present", scene, scene.child))
        assert states(scene) == ["present"]
        browser = logged_in(north, scene.teacher)
    page = browser.get(url).content.decode()
    assert f"由 {scene.father.name} 于" in page
    with in_school(north):
        no = says(scene, False, at=FOUR + minutes(3))
        says(scene, True, seen=no.at, at=FOUR + minutes(5))
    assert "由 王梅 于 2026年9月7日 16:05 同意" in browser.get(url).content.decode()


def ends_of(gate, guardian, at: datetime):
    tie = Tie.objects.get(guardian=guardian, pupil=gate.child)
    adult_actions.end_tie(tie=tie, reason="搬走", by=gate.clerk, now=at)


def signed_again(gate, guardian, at: datetime):
    """The agreement before is over, and this adult has applied anew, with "alone"."""
    Agreement.objects.filter(pupil=gate.child, state="active").update(state="ended", ended_at=at)
    Application.objects.filter(pupil=gate.child).update(state="withdrawn")
    return makers.an_agreement(gate.child, guardian=guardian, goes_home_alone=True, guardian_signed_at=at)
