"""A child goes home alone on the word of who may sign for it, and on nobody else's (S24)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from schools.care import homeward, homeward_actions, refusals, roll_actions
from schools.care.models import Alarm, HomeWord
from schools.care.roll import Deed, Kind
from schools.notices.models import Delivery, Notice
from schools.people import adult_actions, ties
from schools.people.models import Relation, Tie
from schools.people.rights import Rights
from tenants.context import in_school
from tests import makers
from tests.schools.care.stage import FOUR, entry, item, logged_in, minutes, opened, send, states
from tests.schools.care.test_onward import a_leader

pytestmark = pytest.mark.usefixtures("at_four")
GONE, DENIED, SENT = FOUR + minutes(15), FOUR + minutes(40), FOUR + minutes(60)


@pytest.fixture
def scene(north):
    """A child whose father has agreed that it goes home alone; its mother signs too; duty leader, clerk, head."""
    with in_school(north):
        gate = opened(1, goes_home_alone=True)
        gate.leader, contract = a_leader()
        makers.a_duty(gate.session, contract, role="leader")
        gate.child, gate.father = gate.pupils[0], gate.guardians[0]
        gate.tie = Tie.objects.get(guardian=gate.father)
        gate.father.user = gate.father_user = makers.a_user("guardian", name=gate.father.name)
        gate.father.save()
        gate.mother = makers.a_guardian(gate.child, name="王梅", user=makers.a_user("guardian", name="王梅"))
        gate.clerk, gate.head = makers.a_user("clerk"), makers.a_user("principal")
        return gate


def denies(gate, at=DENIED):
    adult_actions.deny(tie=gate.tie, reason="法院裁定", by=gate.clerk, now=at)


def loses(gate, at=DENIED):
    adult_actions.change_rights(
        tie=gate.tie, before=Rights.of(gate.tie), relation=Relation(gate.tie.relation), may_sign=False,
        may_collect=True, reason="改由母亲签字", by=gate.clerk, now=at,
    )  # fmt: skip


def ends(gate, at=DENIED):
    adult_actions.end_tie(tie=gate.tie, reason="搬走", by=gate.clerk, now=at)


def says(gate, is_yes, *, seen=None, by=None, at=SENT):
    agreement = gate.agreements[0]
    return homeward_actions.say(
        agreement=agreement, is_yes=is_yes, seen=seen, by=by or gate.mother.user, now=at
    )


def goes(gate, at=GONE, now=SENT):
    """What a phone kept: the child was there, and went."""
    said = [
        item("present", gate, gate.child, at=FOUR + minutes(10)),
        item("alone", gate, gate.child, at=at),
    ]
    return send(gate, *said, now=now)[1]


def there(gate):
    send(gate, item("present", gate, gate.child))


def body():
    return Notice.objects.filter(kind="incident").order_by("-published_at", "-pk").first().body


class TestTheGate:
    @pytest.mark.parametrize("deed", [denies, loses, ends])
    def test_on_a_lost_word_no_child_is_let_go(self, north, scene, deed):
        with in_school(north):
            there(scene)
            deed(scene, FOUR)
            with pytest.raises(refusals.ConsentGone):
                roll_actions.let_go_alone(
                    session=scene.session, pupil=scene.child, by=scene.teacher, now=FOUR
                )
            assert goes(scene, at=FOUR + minutes(11)) == "care.consent_gone"
            assert states(scene) == ["present"]
            assert not Alarm.objects.filter(at=FOUR).exists()  # the teacher has the child

    def test_the_page_offers_it_no_longer_and_says_why(self, north, scene):
        url = f"/care/sessions/{scene.session.pk}/children/{scene.child.pk}/"
        with in_school(north):
            there(scene)
            browser = logged_in(north, scene.teacher)
        assert 'name="alone"' in browser.get(url).content.decode()
        with in_school(north):
            denies(scene, FOUR)
        page = browser.get(url).content.decode()
        assert 'name="alone"' not in page
        assert "同意已不再有效" in page

    def test_while_it_holds_nothing_changes(self, north, scene):
        with in_school(north):
            assert goes(scene) == "applied"
            assert not Alarm.objects.exists()

    def test_who_signs_again_must_say_it_again(self, north, scene):
        """The word of before the break is not taken up silently."""
        with in_school(north):
            there(scene)
            loses(scene, FOUR)
            scene.tie.refresh_from_db()
            ties.set_to(scene.tie, now=FOUR + minutes(1), may_sign=True)
            assert goes(scene, at=FOUR + minutes(5)) == "care.consent_gone"


class TestPhonesWithoutNetwork:
    def test_what_was_right_at_its_hour_is_recorded_and_heard_of(self, north, scene):
        with in_school(north):
            denies(scene)
            assert goes(scene) == "applied"
            assert states(scene) == ["left"]
            alarm = Alarm.objects.get()
            assert (alarm.kind, alarm.adult, alarm.right_until) == ("alone", scene.father, DENIED)
            for word in ("09-07 16:15", "09-07 16:40", "09-07 17:00", "核实"):
                assert word in body()
            assert "法院" not in body()

    def test_what_was_wrong_at_its_hour_is_refused_and_somebody_looks_for_the_child(self, north, scene):
        with in_school(north):
            denies(scene)
            assert goes(scene, at=DENIED) == "care.consent_gone"
            assert entry(scene, scene.child).state == "present"
            assert (Alarm.objects.get().kind, "没有记录" in body()) == ("alone", True)
            told = Delivery.objects.filter(notice__kind="incident")
            assert set(told.values_list("user", "guardian")) == {
                (scene.leader.pk, None), (None, scene.mother.pk)
            }  # fmt: skip

    def test_sent_twice_it_is_one_alarm(self, north, scene):
        with in_school(north):
            denies(scene)
            goes(scene)
            assert send(scene, item("alone", scene, scene.child, at=GONE), now=SENT) == [
                "care.already_recorded"
            ]
            assert Alarm.objects.count() == 1

    def test_a_leader_writes_it_afterwards_by_the_same_rule(self, north, scene, monkeypatch):
        day = FOUR + timedelta(days=1)
        with in_school(north):
            there(scene)
            denies(scene)
            monkeypatch.setattr(timezone, "now", lambda: day)
            browser = logged_in(north, scene.head)
        url = f"/desk/sessions/{scene.session.pk}/mend/{scene.child.pk}/"
        assert "按协议自行离校（09-07 16:40 起同意失效）" in browser.get(url).content.decode()
        assert browser.post(url, {"collector": "alone", "at": "16:50"}).status_code == 400
        assert browser.post(url, {"collector": "alone", "at": "16:15"}).status_code == 302
        with in_school(north):
            assert entry(scene, scene.child).state == "left"
            assert Alarm.objects.get().kind == "alone"


class TestANewWord:
    def test_a_signing_adults_yes_lets_it_go_again(self, north, scene):
        with in_school(north):
            there(scene)
            denies(scene, FOUR)
            word = says(scene, True, at=FOUR + minutes(5))
            assert goes(scene, at=FOUR + minutes(6)) == "applied"
            assert not Alarm.objects.exists()
            told = Delivery.objects.filter(notice__title__contains="可以自行离校")
            assert {row.user for row in told if row.user} >= {
                scene.teacher,
                scene.leader,
                scene.clerk,
                scene.head,
            }
            assert not told.filter(guardian=scene.father).exists()
            assert HomeWord.objects.get() == word

    def test_a_no_settles_it_and_ends_a_word_that_holds(self, north, scene):
        with in_school(north):
            says(scene, False, at=DENIED)
            assert goes(scene, at=DENIED) == "care.consent_gone"
            assert not homeward.unsettled(homeward.running(makers.MONDAY)).exists()

    def test_a_deed_of_before_the_no_happened(self, north, scene):
        with in_school(north):
            says(scene, False, at=DENIED)
            assert goes(scene) == "applied"
            assert Alarm.objects.get().right_until == DENIED

    def test_who_said_yes_and_loses_the_right_opens_it_again(self, north, scene):
        with in_school(north):
            denies(scene, FOUR)
            says(scene, True, at=FOUR + minutes(1))
            scene.tie = Tie.objects.get(guardian=scene.mother)
            ends(scene, FOUR + minutes(2))
            assert homeward.unsettled(homeward.running(makers.MONDAY)).count() == 1

    @pytest.mark.parametrize("who", ["father", "clerk", "teacher", "other"])
    def test_nobody_else_says_it(self, north, scene, who):
        with in_school(north):
            denies(scene, FOUR)
            other = makers.a_guardian(makers.a_pupil(), user=makers.a_user("guardian"))
            scene.father.user = makers.a_user("guardian")
            scene.father.save()
            by = {"father": scene.father.user, "other": other.user}.get(who) or getattr(scene, who)
            with pytest.raises(homeward_actions.OnlySigners):
                says(scene, True, by=by)

    def test_an_old_page_changes_nothing(self, north, scene):
        with in_school(north):
            second = makers.a_guardian(scene.child, name="赵兰", user=makers.a_user("guardian"))
            denies(scene, FOUR)
            says(scene, False)
            with pytest.raises(homeward_actions.SaidMeanwhile):
                says(scene, True, by=second.user)
            said = says(scene, True, seen=SENT, at=SENT + minutes(1))  # nobody else takes her no back
            with pytest.raises(homeward_actions.SaidAlready):
                says(scene, True, seen=said.at, by=second.user, at=SENT + minutes(2))

    def test_an_agreement_without_it_is_not_widened(self, north, scene):
        with in_school(north):
            scene.agreements[0].goes_home_alone = False
            scene.agreements[0].save()
            with pytest.raises(homeward_actions.NotAgreed):
                says(scene, True)
            with pytest.raises(refusals.MayNotGoAlone):
                there(scene)
                roll_actions.let_go_alone(
                    session=scene.session, pupil=scene.child, by=scene.teacher, now=FOUR
                )


class TestPages:
    def test_the_mother_is_asked_and_answers_on_her_page(self, north, scene):
        with in_school(north):
            denies(scene, FOUR)
            browser = logged_in(north, scene.mother.user)
        url = f"/family/agreements/{scene.agreements[0].pk}/home/"
        assert url in browser.get("/family/").content.decode()
        assert url in browser.get(f"/family/children/{scene.child.pk}/today/").content.decode()
        assert "不再有效" in browser.get(url).content.decode()
        assert browser.post(url, {}).status_code == 400
        assert browser.post(url, {"answer": "no", "seen": ""}).status_code == 302
        with in_school(north):
            assert HomeWord.objects.get().is_yes is False
        assert url not in browser.get("/family/").content.decode()
        assert "不自行离校" in browser.get(f"/family/children/{scene.child.pk}/today/").content.decode()
        old = browser.post(url, {"answer": "yes", "seen": ""}, follow=True)
        assert "另一位监护人已经答复过" in old.content.decode()

    def test_it_stands_on_the_desk_until_it_is_settled(self, north, scene):
        with in_school(north):
            denies(scene, FOUR)
            browser, others = logged_in(north, scene.clerk), logged_in(north, scene.teacher)
        assert "/desk/sessions/home-alone/" in browser.get("/desk/").content.decode()
        page = browser.get("/desk/sessions/home-alone/").content.decode()
        for word in (scene.child.name, "王梅", scene.agreements[0].number, "16:00"):
            assert word in page
        assert others.get("/desk/sessions/home-alone/").status_code == 403
        with in_school(north):
            says(scene, True)
        assert "没有待确认" in browser.get("/desk/sessions/home-alone/").content.decode()

    def test_who_has_the_child_today_hears_of_it_at_once(self, north, scene):
        with in_school(north):
            denies(scene, FOUR)
            told = Delivery.objects.filter(notice__title__contains="今天不能自行离校")
            assert {row.user for row in told} == {scene.teacher, scene.leader}

    def test_by_the_api_it_is_the_same(self, north, scene):
        with in_school(north):
            denies(scene, FOUR)
            browser = logged_in(north, scene.mother.user)
        url = f"/api/v1/family/agreements/{scene.agreements[0].pk}/home/"
        before = browser.get(url).json()
        assert (before["may_go_alone"], before["is_open"], before["word_at"]) == (False, True, None)
        said = browser.post(url, {"alone": True, "seen": None}, content_type="application/json")
        assert (said.status_code, said.json()["may_go_alone"]) == (200, True)
        again = browser.post(url, {"alone": False, "seen": None}, content_type="application/json")
        assert (again.status_code, again.json()["type"].rsplit(":", 1)[-1]) == (409, "care.said_meanwhile")
        now = {"alone": False, "seen": said.json()["word_at"]}
        assert browser.post(url, now, content_type="application/json").json()["may_go_alone"] is False

    def test_another_family_finds_nothing(self, north, scene):
        with in_school(north):
            other = makers.a_guardian(makers.a_pupil(), user=makers.a_user("guardian"))
            browser = logged_in(north, other.user)
        assert browser.get(f"/family/agreements/{scene.agreements[0].pk}/home/").status_code == 404


def test_a_batch_gives_each_id_its_own_answer(north, scene):
    with in_school(north):
        denies(scene)
        said = [
            item("present", scene, scene.child, at=FOUR + minutes(10)),
            item("alone", scene, scene.child, at=DENIED + minutes(1)),
            item("handover", scene, scene.child, at=DENIED + minutes(5), collector=str(scene.mother.pk)),
        ]
        assert send(scene, *said, now=SENT) == ["applied", "care.consent_gone", "applied"]
        assert states(scene) == ["left"]


def test_a_deed_of_the_leaders_is_one_of_the_gates(north, scene):
    """As the page: what is refused in a leader's own hand stays refused."""
    with in_school(north):
        denies(scene, FOUR - minutes(60))
        deeds = [
            Deed(Kind.PRESENT, scene.session.pk, FOUR, pupil_id=scene.child.pk),
            Deed(Kind.ALONE, scene.session.pk, GONE, pupil_id=scene.child.pk),
        ]
        with pytest.raises(refusals.ConsentGone):
            roll_actions.mend(deeds=deeds, by=scene.head, now=FOUR + timedelta(days=1))
