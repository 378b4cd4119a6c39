"""S24: a yes about an adult of a child counts only from who signed before, by a number that the asker did not give."""

from datetime import timedelta

import pytest
from django.utils import timezone

from afterbell.accounts.models import User
from schools.notices.models import Dispatch
from schools.people import adult_actions, correction_actions, deciding, refusals, staff_actions
from schools.people.models import Relation, Tie
from schools.people.rights import Rights
from tenants.context import in_city, in_school
from tenants.policies import ready
from tests import makers
from tests.city import NOON
from tests.schools.people.books import book, load
from tests.schools.people.stage import client_of
from tests.schools.people.test_liftings import SEEN, answers, asks, is_denied, stage, told  # noqa: F401

SECOND = "+8613700000001"
BEFORE, LATER = NOON - timedelta(days=30), NOON + timedelta(hours=1)


def adds(stage, *, now=NOON, by="clerk", phone=SECOND, name="吴小二"):  # noqa: F811
    adult_actions.add_adult(
        pupil=stage["ming"], name=name, phone=phone, relation=Relation.OTHER, may_sign=True, may_collect=False,
        by=stage[by], now=now,
    )  # fmt: skip
    return User.objects.get(phone=phone)


def is_refused(question, by):
    with pytest.raises(refusals.NotYourAnswer):
        answers(question, by)


@pytest.mark.parametrize("is_first", [True, False])
def test_an_adult_who_was_added_after_the_denial_or_the_question_ends_no_denial(stage, north, is_first):  # noqa: F811
    with in_school(north):
        fake = adds(stage) if is_first else None
        asked = asks(stage)
        is_refused(asked, fake or adds(stage))
        assert is_denied(stage)
        answers(asked, stage["alice"].user)
        assert not is_denied(stage)


def test_a_number_that_was_corrected_since_ends_no_denial(stage, north):  # noqa: F811
    with in_school(north):
        mother = makers.a_guardian(stage["ming"], name="王梅", may_sign=True)
        asked = asks(stage)
        correction_actions.correct_phone(
            guardian=mother, before=mother.phone, phone=SECOND, reason="写错", by=stage["clerk"], now=NOON
        )
        is_refused(asked, User.objects.get(phone=SECOND))


def test_whom_the_asker_gave_the_right_or_the_number_does_not_answer_the_asker(stage, north):  # noqa: F811
    """However long ago; a colleague's question is answered by the same adult."""
    with in_school(north):
        own = adds(stage, now=BEFORE)
        Tie.objects.filter(guardian=stage["alice"]).update(may_sign=False)
        asked = asks(stage)
        assert deciding.decider(asked) is deciding.Decider.HEAD
        is_refused(asked, own)
        adult_actions.deny(tie=makers.a_guardian(stage["ming"], name="孙立").ties.get(), reason="又一份",
                           by=stage["clerk"], now=NOON)  # fmt: skip
        other = asks(stage, tie=Tie.objects.get(guardian__name="孙立"), by=makers.a_user("clerk"))
        answers(other, own)


def test_a_right_to_sign_that_was_given_since_does_not_count(stage, north):  # noqa: F811
    with in_school(north):
        nan = makers.a_guardian(stage["ming"], name="赵奶奶", may_sign=False, user=makers.a_user("guardian"))
        tie, colleague = nan.ties.get(), makers.a_user("clerk")
        adult_actions.change_rights(
            tie=tie, before=Rights.of(tie), relation=Relation.GRANDPARENT, may_sign=True, may_collect=True,
            reason="监护人要求", by=colleague, now=NOON,
        )  # fmt: skip
        is_refused(asks(stage), nan.user)


def test_a_roster_that_came_since_makes_nobody_who_answers(stage, north):  # noqa: F811
    with in_school(north):
        asked = asks(stage)
        ming = stage["ming"]
        load(book([ming.number, ming.name, ming.school_class.name, "吴小二", SECOND]), by=stage["clerk"])
        is_refused(asked, User.objects.get(phone=SECOND))
        answers(asked, stage["alice"].user)


def test_a_colleagues_question_is_not_answered_by_the_askers_adult_either(stage, north):  # noqa: F811
    with in_school(north):
        fake = adds(stage)
        makers.a_user("care_staff", name="韩梅", phone="+8613700001111")
        asked = staff_actions.ask_guardians(
            pupil=stage["ming"], name="韩梅", phone="+8613700001111", relation=Relation.OTHER, may_sign=True,
            may_collect=True, by=stage["clerk"], now=LATER,
        )  # fmt: skip
        is_refused(asked, fake)
        answers(asked, stage["alice"].user)
    fakes = client_of(north, fake)
    assert f"/adults/questions/{asked.pk}/" not in fakes.get("/family/").content.decode()


def test_an_ended_account_is_not_waited_for(stage, north):  # noqa: F811
    with in_school(north):
        User.objects.filter(pk=stage["alice"].user_id).update(is_active=False)
        asked = asks(stage)
        assert deciding.decider(asked) is deciding.Decider.HEAD
        answers(asked, stage["principal"], reason=SEEN)
        assert not is_denied(stage)


def test_what_nobody_answers_is_the_schools_after_three_school_days_and_still_the_guardians(stage, north):  # noqa: F811
    """Asked on Tuesday: Wednesday, Thursday and Friday are the guardian's."""
    with in_city():
        makers.a_term()
    with in_school(north):
        asked = asks(stage)
        late = NOON + timedelta(days=6)
        for early in (NOON, NOON + timedelta(days=3)):
            with pytest.raises(refusals.NotYourAnswer):
                staff_actions.answer(
                    question=asked, is_yes=True, by=stage["principal"], reason=SEEN, now=early
                )
        with pytest.raises(refusals.NotYourAnswer):
            staff_actions.answer(question=asked, is_yes=True, by=stage["clerk"], reason=SEEN, now=late)
        with pytest.raises(refusals.NoDecisionReason):
            staff_actions.answer(question=asked, is_yes=True, by=stage["principal"], now=late)
        assert deciding.may_answer(asked, stage["alice"].user, late)
        done = staff_actions.answer(question=asked, is_yes=True, by=stage["principal"], reason=SEEN, now=late)
        assert done.is_decision
        assert not is_denied(stage)


def test_another_citys_profile_says_how_long_the_guardians_have(stage, north, monkeypatch):  # noqa: F811
    """One school day, and in holidays a week: Tuesday's question is the school's on Thursday."""
    document = ready.document("seed")
    document["deadlines"] |= {"guardian_answer_school_days": 1, "guardian_answer_most_days": 7}
    with in_city():
        makers.a_term()
        makers.a_policy(document)
    with in_school(north):
        asked = asks(stage)
        whose = [deciding.decider(asked, NOON + timedelta(days=days)) for days in (1, 2)]
        assert whose == [deciding.Decider.GUARDIAN, deciding.Decider.HEAD]
        monkeypatch.setattr(timezone, "now", lambda: NOON)
        page = client_of(north, stage["principal"]).get(f"/adults/questions/{asked.pk}/")
    assert "1 个上学日内没有人答复" in page.content.decode()


def test_being_asked_a_denial_and_its_end_come_to_the_phones(stage, north):  # noqa: F811
    with in_school(north):
        urgent = Dispatch.objects.filter(delivery__guardian=stage["alice"])
        assert urgent.count() == 1
        answers(asks(stage), stage["alice"].user)
        assert urgent.count() == 3
        assert len(told(stage["alice"])) == 3
