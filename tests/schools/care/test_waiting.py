"""What waits: each of the desk's lines for whom it concerns."""

from datetime import timedelta

from schools.care import waiting
from schools.staffing import waiting as staffing
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.care.stage import FOUR, a_gate, opened
from tests.schools.staffing.stage import a_candidate, contracted, hired


def lines(module, user, now):
    return [str(line.title) for line in module.waiting_for(user, now)]


def test_a_teacher_finds_todays_sessions_with_their_end(north):
    with in_school(north):
        gate = a_gate(1)
        (line,) = waiting.waiting_for(gate.teacher, FOUR)
        assert (line.title, line.due) == ("今天的服务：作业辅导", gate.session.ends_at)


def test_the_office_finds_sessions_without_a_teacher(north):
    """S19, S21."""
    with in_school(north):
        makers.a_session()
        assert lines(waiting, makers.a_user("clerk"), NOON) == ["两周内有 1 次服务没有服务教师，请排班"]


def test_a_leader_finds_days_that_were_not_closed(north):
    """S22."""
    with in_school(north):
        opened(1)
        found = lines(waiting, makers.a_user("deputy"), FOUR + timedelta(days=1))
        assert "1 次过去的服务还没有登记或没有结束，请补记" in found


def test_the_chair_finds_contracts_to_sign_and_a_leader_checks_that_are_missing(north):
    """S17, S18, S44."""
    with in_school(north):
        hired(a_candidate())
        contracted(kinds=("identity",))
        assert "1 人已同意聘用，请签订聘用协议" in lines(staffing, makers.a_user("committee_chair"), NOON)
        assert lines(staffing, makers.a_user("principal"), NOON) == ["1 人核查不全，不能排班"]
