"""One seat, one vote, by who is seated on the day; quorum and majority; what is decided stays decided."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import ProgrammingError, transaction
from django.db import connection as database

from schools.committee import actions, queries
from schools.committee.models import Choice, Subject, Vote
from schools.committee.states import ResolutionState
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.planning.stage import NOW, a_parent, a_seated_committee

Y, N, A = Choice.YES, Choice.NO, Choice.ABSTAIN


def a_resolution(by, **more):
    given = {"subject": Subject.RULES, "title": "安全管理制度", "text": "全文", "object_id": None, **more}
    return actions.open_resolution(committee=queries.school_committee(), by=by, now=NOW, **given)


@pytest.mark.parametrize(
    ("members", "votes", "state"),
    [
        (3, [Y, Y, Y], "passed"),
        (3, [Y, Y, N], "passed"),
        (3, [Y, N, A], "rejected"),  # an abstention was cast: one of three is no majority
        (3, [Y, N, N], "rejected"),
        (3, [Y], "rejected"),  # no quorum
        (3, [Y, Y], "passed"),
        (4, [Y, Y], "rejected"),  # the quorum of four is three
        (4, [Y, Y, N, N], "rejected"),  # half is no majority
        (3, [], "rejected"),
    ],
)
def test_passed_needs_the_quorum_and_more_than_half_of_the_votes_cast(north, members, votes, state):
    """S7: resolutions with votes; S6: the quorum is more than half of the seats."""
    with in_school(north):
        parents = a_seated_committee(members)
        resolution = a_resolution(parents[0].user)
        for parent, choice in zip(parents, votes, strict=False):
            actions.vote(resolution=resolution, choice=choice, by=parent.user, now=NOW)
        decided = actions.close_resolution(resolution=resolution, by=parents[0].user, now=NOW)
        assert (decided.state, decided.quorum) == (state, members // 2 + 1)


def test_a_seat_votes_once(north):
    """Bad input: double submit."""
    with in_school(north):
        parents = a_seated_committee()
        resolution = a_resolution(parents[0].user)
        actions.vote(resolution=resolution, choice=Y, by=parents[1].user, now=NOW)
        with pytest.raises(actions.AlreadyVoted):
            actions.vote(resolution=resolution, choice=N, by=parents[1].user, now=NOW)
        assert queries.tally(resolution).cast == 1


def test_a_vote_cannot_be_changed_in_the_database(north):
    with in_school(north):
        parents = a_seated_committee()
        actions.vote(resolution=a_resolution(parents[0].user), choice=Y, by=parents[1].user, now=NOW)
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            database.cursor() as cursor,
        ):
            cursor.execute("UPDATE committee_vote SET choice = 'no'")


def test_a_former_member_cannot_vote(north):
    """S7: only seated guardians on that day."""
    with in_school(north):
        parents = a_seated_committee()
        resolution = a_resolution(parents[0].user)
        actions.end_seat(seat=parents[2].seats.get(), by=makers.a_user("clerk"), now=NOW)
        with pytest.raises(actions.NotSeated):
            actions.vote(resolution=resolution, choice=Y, by=parents[2].user, now=NOW)


@pytest.mark.parametrize("day", [makers.FIRST - timedelta(days=1), date(2027, 9, 1)])
def test_before_and_after_the_term_of_office_nobody_votes(north, day):
    with in_school(north):
        parents = a_seated_committee()
        resolution = a_resolution(parents[0].user)
        at = NOW.replace(year=day.year, month=day.month, day=day.day)
        with pytest.raises(actions.NotSeated):
            actions.vote(resolution=resolution, choice=Y, by=parents[1].user, now=at)


def test_another_committees_member_and_a_clerk_cannot_vote(north):
    with in_school(north):
        parents = a_seated_committee()
        resolution = a_resolution(parents[0].user)
        stranger = a_parent(makers.a_pupil())
        makers.a_seat(makers.a_committee(level="grade", grade=1), guardian=stranger)
        for user in (stranger.user, makers.a_user("clerk"), makers.a_user("principal")):
            with pytest.raises(actions.NotSeated):
                actions.vote(resolution=resolution, choice=Y, by=user, now=NOW)
        assert not Vote.objects.exists()


def test_what_is_decided_stays_decided(north):
    with in_school(north):
        parents = a_seated_committee()
        resolution = a_resolution(parents[0].user)
        actions.close_resolution(resolution=resolution, by=parents[0].user, now=NOW)
        with pytest.raises(actions.VoteIsOver):
            actions.vote(resolution=resolution, choice=Y, by=parents[1].user, now=NOW)
        with pytest.raises(actions.VoteIsOver):
            actions.close_resolution(resolution=resolution, by=parents[0].user, now=NOW)


def test_a_committee_without_members_decides_nothing(north):
    with in_school(north):
        makers.a_committee()
        with pytest.raises(actions.NobodySeated):
            a_resolution(makers.a_user("clerk"))


def test_the_gate_of_other_rooms_opens_only_for_the_passed_thing(north):
    """S7: a resolution unlocks plan, hire, settlement."""
    with in_school(north):
        parents = a_seated_committee()
        thing, other = uuid4(), uuid4()
        resolution = a_resolution(parents[0].user, subject=Subject.HIRE, object_id=thing)
        assert queries.passed_resolution(Subject.HIRE, thing) is None
        for parent in parents:
            actions.vote(resolution=resolution, choice=Y, by=parent.user, now=NOW)
        actions.close_resolution(resolution=resolution, by=parents[0].user, now=NOW)
        assert queries.passed_resolution(Subject.HIRE, thing) == resolution
        assert queries.passed_resolution(Subject.HIRE, other) is None
        assert queries.passed_resolution(Subject.PLAN, thing) is None
        resolution.refresh_from_db()
        assert resolution.state == ResolutionState.PASSED


def test_one_vote_on_one_thing_at_a_time(north):
    with in_school(north):
        parents, thing = a_seated_committee(), uuid4()
        a_resolution(parents[0].user, subject=Subject.HIRE, object_id=thing)
        with pytest.raises(actions.AlreadyOpen):
            a_resolution(parents[0].user, subject=Subject.HIRE, object_id=thing)


def test_a_vote_that_is_complete_stands_on_the_chairs_desk(north):
    """The last step is the chair's: nobody has to remember it."""
    with in_school(north):
        committee = makers.a_committee()
        seats = [makers.a_seat(committee) for _seat in range(3)]
        chair = makers.a_user("committee_chair")
        vote = makers.a_passed_resolution(
            committee=committee, state="open", closed_at=None, quorum=2, title="服务方案"
        )

        def waits(now=NOON):
            return [str(item.title) for item in queries.waiting_for(chair, now)]

        Vote.objects.create(resolution=vote, seat=seats[0], choice=Choice.YES, at=NOON)
        assert waits() == []
        Vote.objects.create(resolution=vote, seat=seats[1], choice=Choice.YES, at=NOON)
        enough = "已达法定票数且同意过半，可以结束表决；结束前，其他委员仍可投票：服务方案"
        assert waits() == [enough]  # at once: the third may vote until the chair counts
        Vote.objects.create(resolution=vote, seat=seats[2], choice=Choice.NO, at=NOON)
        assert waits() == ["表决已完成，请结束并公布结果：服务方案"]
        actions.close_resolution(resolution=vote, by=chair, now=NOON)
        assert waits() == []


def test_a_quorum_without_a_majority_waits_a_week_for_the_others(north):
    with in_school(north):
        committee = makers.a_committee()
        seats = [makers.a_seat(committee) for _seat in range(3)]
        chair = makers.a_user("committee_chair")
        vote = makers.a_passed_resolution(
            committee=committee, state="open", closed_at=None, quorum=2, title="服务方案"
        )
        for seat, choice in zip(seats, (Choice.YES, Choice.ABSTAIN), strict=False):
            Vote.objects.create(resolution=vote, seat=seat, choice=choice, at=NOON)
        assert queries.waiting_for(chair, NOON) == []
        [line] = queries.waiting_for(chair, NOON + timedelta(days=7))
        assert line.title == "已达法定票数，表决已满一周，可以结束；结束前，其他委员仍可投票：服务方案"
