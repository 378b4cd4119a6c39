"""Who has no child at the school any more neither votes nor holds a right of the seat; the office ends the seat."""

from datetime import timedelta

import pytest

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from schools.committee import actions, queries
from schools.committee.models import Choice, Subject
from schools.people import adult_actions, pupil_actions
from tenants.context import in_school
from tests import makers
from tests.schools.people.stage import client_of
from tests.schools.planning.stage import NOW, a_seated_committee


def end_tie(parent, clerk):
    adult_actions.end_tie(tie=parent.ties.get(), reason="登记有误", by=clerk, now=NOW)


def leave(parent, clerk):
    pupil_actions.leave(pupil=parent.ties.get().pupil, on=NOW.date(), by=clerk, now=NOW)


def deny(parent, clerk):
    adult_actions.deny(tie=parent.ties.get(), reason="法院裁定", by=clerk, now=NOW)


WAYS = [end_tie, leave, deny]


def opened(parents):
    return actions.open_resolution(
        committee=queries.school_committee(), subject=Subject.RULES, title="安全管理制度", text="全文", object_id=None,
        by=parents[0].user, now=NOW,
    )  # fmt: skip


def fresh(parent):
    return User.objects.get(pk=parent.user_id)


@pytest.mark.parametrize("way", WAYS)
def test_a_vote_asks_whether_the_voter_has_a_child_here_now(north, way):
    """S6, S7: a committee of the parents of the school's children, on the day of the vote."""
    with in_school(north):
        parents, clerk = a_seated_committee(), makers.a_user("clerk")
        resolution = opened(parents)
        way(parents[1], clerk)
        with pytest.raises(actions.NotSeated):
            actions.vote(resolution=resolution, choice=Choice.YES, by=parents[1].user, now=NOW)
        assert queries.to_vote_on(parents[1].user, NOW) == []
        for parent in (parents[0], parents[2]):
            actions.vote(resolution=resolution, choice=Choice.YES, by=parent.user, now=NOW)
        assert [row.pk for row in queries.to_close(NOW)] == [resolution.pk]  # nobody is waited for


@pytest.mark.parametrize("way", WAYS)
def test_every_right_of_the_seat_asks_too_and_the_parents_own_rights_stay(north, way):
    """The chair signs for money: with no child here there is nobody whom it would be signed for."""
    with in_school(north):
        parents, clerk = a_seated_committee(), makers.a_user("clerk")
        assert fresh(parents[0]).has(Permission.EXPENDITURE_APPROVE)
        way(parents[0], clerk)
        chair = fresh(parents[0])
        for permission in (
            Permission.RESOLUTIONS_VOTE,
            Permission.EXPENDITURE_APPROVE,
            Permission.MEETINGS_HOLD,
        ):
            assert not chair.has(permission)
        assert chair.has(Permission.NOTICES_READ)
        assert opened(parents[1:]).quorum == 2  # of the two who are left


def test_a_child_that_comes_back_brings_the_rights_back(north):
    with in_school(north):
        parents, clerk = a_seated_committee(), makers.a_user("clerk")
        leave(parents[1], clerk)
        pupil = parents[1].ties.get().pupil
        pupil_actions.readmit(pupil=pupil, school_class=pupil.school_class, by=clerk, now=NOW)
        assert fresh(parents[1]).has(Permission.RESOLUTIONS_VOTE)


def test_the_office_is_asked_to_end_the_seat_and_finds_it_on_the_page(north):
    with in_school(north):
        parents, clerk = a_seated_committee(), makers.a_user("clerk")

        def waits():
            return [str(item.title) for item in queries.waiting_for(clerk, NOW)]

        assert waits() == []
        leave(parents[1], clerk)
        assert waits() == ["1 位家委会委员已没有在校就读的孩子，请办理离任"]
        seat = parents[1].seats.get()
        page = client_of(north, clerk).get("/committee/").content.decode()
        assert "已没有在校就读的孩子" in page
        assert str(seat.pk) in page
        actions.end_seat(seat=seat, by=clerk, now=NOW + timedelta(hours=1))
        assert waits() == []
