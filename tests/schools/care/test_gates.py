"""Between the fee notice and the first lesson: somebody is hired, lessons are made, somebody is on duty (S16, S21)."""

from datetime import UTC, date, datetime, timedelta

from schools.planning import gates
from schools.planning.models import Plan
from tenants.context import in_school
from tests import makers
from tests.schools.finance import stage

BEFORE = datetime(2026, 8, 31, 1, tzinfo=UTC)


def told(name):
    found = {str(gate.name): gate for gate in gates.gates(makers.TERM, BEFORE)}
    return found[name].state, str(found[name].why)


def test_a_school_with_a_published_plan_is_told_to_hire_and_to_make_lessons(north):
    stage.the_term()
    with in_school(north):
        activity = makers.an_activity(stage.monthly_plan())
        assert told("服务人员")[0] == "now"
        assert told("课次和排班") == ("now", "1 项活动还没有生成课次")
        makers.a_contract()
        assert told("服务人员") == ("done", "已签聘用协议 1 人")
        session = makers.a_session(activity, day=date(2026, 9, 7), contract=None)
        assert told("课次和排班") == ("now", "1 节课还没有人负责，请排班")
        makers.a_duty(session, makers.a_contract())
        assert told("课次和排班") == ("done", "1 节课")


def test_it_holds_up_nothing_behind_it_and_waits_for_what_is_before(north):
    """Families apply while people are hired; before the fee notice neither is anybody's task."""
    stage.the_term()
    with in_school(north):
        plan = stage.monthly_plan()
        makers.an_activity(plan)
        states = {str(gate.name): gate.state for gate in gates.gates(makers.TERM, BEFORE)}
        assert (states["服务人员"], states["课次和排班"], states["家长申请"]) == ("now", "now", "now")
        Plan.objects.filter(pk=plan.pk).update(state="accepted")
        states = {str(gate.name): gate.state for gate in gates.gates(makers.TERM, BEFORE)}
        assert (states["收费公示"], states["服务人员"], states["课次和排班"]) == ("now", "blocked", "blocked")


def test_after_an_early_end_nothing_of_it_waits(north):
    """Neither lessons nor applications are asked for once the service has ended."""
    stage.the_term()
    with in_school(north):
        plan = stage.monthly_plan()
        makers.an_activity(plan)
        last = plan.first_date + timedelta(days=10)
        Plan.objects.filter(pk=plan.pk).update(state="ended", ended_date=last, end_reason="校舍维修")
        states = {str(gate.name): gate.state for gate in gates.gates(makers.TERM, BEFORE)}
        for name in ("服务人员", "课次和排班", "家长申请", "审核并签协议"):
            assert states[name] == "done", name
