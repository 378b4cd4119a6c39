"""S13, S24: nothing comes of a signature whose giver may sign for the child no longer; others hear it."""

import pytest

from schools.enrolment import actions, refusals
from schools.enrolment.models import Agreement, Side
from schools.enrolment.states import ApplicationState
from schools.notices.models import Delivery, Dispatch
from schools.people import adult_actions
from schools.people.models import Relation, Tie
from schools.people.rights import Rights
from tenants.context import in_school
from tests import makers
from tests.schools.enrolment import stage
from tests.schools.enrolment.test_reviewing import say, term  # noqa: F401
from tests.schools.people.stage import client_of, parent

WHY = "法院裁定 12 号"


@pytest.fixture
def room(north, term, settings):  # noqa: F811
    """The father applied, the child is to go home alone; the mother signs too."""
    settings.SECOND_FACTOR = "optional"
    activity, (principal, chair) = term
    family = stage.a_family()
    return {
        "activity": activity,
        "family": family,
        "mother": parent(family.pupil, name="王梅"),
        "made": stage.applied(north, family, activity, alone=True),
        "tie": Tie.objects.get(guardian=family.guardian),
        "clerk": makers.a_user("clerk"),
        "principal": principal,
        "chair": chair,
    }


def denies(room):
    adult_actions.deny(tie=room["tie"], reason=WHY, by=room["clerk"], now=stage.now())


def loses(room):
    tie = room["tie"]
    adult_actions.change_rights(
        tie=tie, before=Rights.of(tie), relation=Relation(tie.relation), may_sign=False, may_collect=True,
        reason=WHY, by=room["clerk"], now=stage.now(),
    )  # fmt: skip


def ends(room):
    adult_actions.end_tie(tie=room["tie"], reason=WHY, by=room["clerk"], now=stage.now())


@pytest.mark.parametrize("deed", [denies, loses, ends])
def test_what_a_lost_signer_signed_is_not_approved_and_the_others_hear_it(north, room, deed):
    with in_school(north):
        say(room["made"], Side.SCHOOL, room["principal"])
        deed(room)
        for way in (
            lambda: say(room["made"], Side.COMMITTEE, room["chair"]),
            lambda: actions.approve_many(
                applications=[room["made"]], side=Side.COMMITTEE, by=room["chair"], now=stage.now()
            ),
        ):
            with pytest.raises(refusals.SignerGone):
                way()
        assert not Agreement.objects.exists()
        told = Delivery.objects.filter(guardian=room["mother"], notice__title__contains="重新签字").get()
        assert room["made"].number in told.notice.body
        assert Dispatch.objects.filter(delivery=told).exists()
        actions.withdraw(application=room["made"], by=room["mother"].user, now=stage.now())
    assert client_of(north, room["mother"].user).get("/family/notices/").status_code == 200


def test_a_refusal_with_a_reason_is_still_possible(north, room):
    with in_school(north):
        denies(room)
        done = say(room["made"], Side.SCHOOL, room["principal"], yes=False, reason="请重新申请")
        assert done.state == ApplicationState.REFUSED


def test_nobody_moves_up_on_a_lost_signature(north, room):
    with in_school(north):
        for side, by in ((Side.SCHOOL, room["principal"]), (Side.COMMITTEE, room["chair"])):
            say(room["made"], side, by)
        second = stage.a_family()
        waits = stage.applied(north, second, room["activity"])
        for side, by in ((Side.SCHOOL, room["principal"]), (Side.COMMITTEE, room["chair"])):
            say(waits, side, by)
        tie = Tie.objects.get(guardian=second.guardian)
        adult_actions.deny(tie=tie, reason=WHY, by=room["clerk"], now=stage.now())
        actions.exit_agreement(
            agreement=Agreement.objects.get(), reason="", by=room["family"].user, now=stage.now()
        )
        waits.refresh_from_db()
        assert waits.state == ApplicationState.WAITING


def test_that_a_child_goes_home_alone_comes_before_the_others_and_the_school(north, room):
    with in_school(north):
        for side, by in ((Side.SCHOOL, room["principal"]), (Side.COMMITTEE, room["chair"])):
            say(room["made"], side, by)
        denies(room)
        told = Delivery.objects.filter(notice__title__contains="重新签字")
        assert told.filter(guardian=room["mother"]).exists()
        assert told.filter(user=room["clerk"]).exists()
        assert not told.filter(guardian=room["family"].guardian).exists()
        assert all("自行离校" in row.notice.body for row in told)
