"""Plans: no demand, no service; fee, hours, rooms and costs within the rules; gates in their order."""

from datetime import date, time, timedelta
from uuid import uuid4

import pytest

from afterbell.audit.models import Entry
from afterbell.kernel.errors import Refused
from afterbell.kernel.states import MoveNotAllowed
from schools.care.models import Condition
from schools.committee import actions as committee
from schools.notices.models import Notice
from schools.planning import actions, drafting, fees, gates, queries, rules, words
from schools.planning import consultation_actions as asking
from schools.planning.models import Activity, CostKind, CostLine, FeeUnit, Plan
from schools.planning.rules import Span
from schools.planning.states import PlanState
from tenants.context import in_school
from tenants.exchange import queries as exchange
from tests import makers
from tests.schools.planning import stage
from tests.schools.planning.stage import AFTER, NOW


@pytest.fixture
def clerk(north):
    stage.a_city()
    with in_school(north):
        return makers.a_user("clerk")


def draft(school, clerk, **more):
    asked = more.pop("consultation", None) or stage.a_closed_consultation(clerk)
    return drafting.draft_plan(
        consultation=asked, terms=stage.terms(**more), school=school, by=clerk, now=AFTER
    )


def add(school, plan, clerk, **more):
    return drafting.add_activity(plan=plan, new=stage.an_activity(**more), school=school, by=clerk, now=AFTER)


def cost(school, plan, clerk, title, kind=CostKind.OTHER):
    return drafting.add_cost_line(
        plan=plan, kind=kind, title=title, amount=100, school=school, by=clerk, now=AFTER
    )


# --- the first gate --------------------------------------------------------------------------------------------------


def test_no_plan_without_a_closed_consultation(north, clerk):
    """S38, S12: the gate says why."""
    with in_school(north):
        asked = asking.draft_consultation(
            term_code=makers.TERM, title="意愿征询", text="请", closes_at=stage.CLOSES, by=clerk, now=NOW
        )
        with pytest.raises(drafting.ConsultationNotClosed, match="还没有结束"):
            draft(north, clerk, consultation=asked)


def test_no_plan_without_demand(north, clerk):
    """S12: no demand, no service."""
    with in_school(north):
        asked = stage.a_closed_consultation(clerk, yes=0, no=3)
        with pytest.raises(drafting.NoDemand, match="不得开展"):
            draft(north, clerk, consultation=asked)
        assert not Plan.objects.exists()


def test_no_activity_for_grades_without_demand(north, clerk):
    """S12: demand > 0 in that grade band."""
    with in_school(north):
        plan = draft(north, clerk)
        with pytest.raises(drafting.NoDemand):
            add(north, plan, clerk, grade_from=5, grade_to=6)
        add(north, plan, clerk, grade_from=1, grade_to=6)


def test_one_plan_a_term_at_a_time(north, clerk):
    """Bad input: double submit."""
    with in_school(north):
        plan = draft(north, clerk)
        with pytest.raises(drafting.PlanExists):
            draft(north, clerk, consultation=plan.consultation)


def test_nothing_is_drafted_in_a_term_that_is_over(north, clerk):
    """Bad input: closed term."""
    with in_school(north):
        asked = stage.a_closed_consultation(clerk)
        late = AFTER + timedelta(days=200)
        with pytest.raises(asking.TermIsOver):
            drafting.draft_plan(consultation=asked, terms=stage.terms(), school=north, by=clerk, now=late)


# --- the policy ------------------------------------------------------------------------------------------------------


def test_the_fee_stays_under_the_cap_of_the_policy_in_force(north, clerk):
    """S9, S10, S48: Haikou's 3.00 a class hour."""
    with in_school(north):
        asked = stage.a_closed_consultation(clerk)
        with pytest.raises(fees.OverCap, match=r"¥3.01.*¥3.00"):
            draft(north, clerk, consultation=asked, fee=301)
        with pytest.raises(fees.UnitNotAllowed):
            draft(north, clerk, consultation=asked, fee_unit=FeeUnit.MONTH, fee=100)
        plan = draft(north, clerk, consultation=asked)
        assert (plan.cap_fen, plan.collector) == (300, "school")


def test_the_collector_is_that_of_the_policy_in_force_on_the_first_day(north):
    """S3: who collects is read from the profile."""
    stage.a_city(collector="committee")
    with in_school(north):
        clerk = makers.a_user("clerk")
        assert draft(north, clerk).collector == "committee"


@pytest.mark.parametrize(("fee", "participants"), [(0, 10), (-1, 10), (100, 0)])
def test_a_fee_of_nothing_is_none(north, clerk, fee, participants):
    with in_school(north), pytest.raises(drafting.NoAmount):
        draft(north, clerk, fee=fee, expected_participants=participants)


def test_a_plan_lies_within_its_term(north, clerk):
    with in_school(north), pytest.raises(drafting.OutsideTerm):
        draft(north, clerk, last_date=date(2027, 2, 1))


BAND = [
    {
        "code": "after_school",
        "name": "下午放学后",
        "earliest_start": "15:30",
        "earliest_end": "17:20",
        "latest_end": "18:30",
    }
]
TIMES = [{"days_per_week": 2, "least_daily_minutes": 60, "most_daily_minutes": 120, "bands": BAND}]


@pytest.fixture
def strict(north):
    """Bands and daily hours; a draft plan in it."""
    stage.a_city(times=TIMES)
    with in_school(north):
        clerk = makers.a_user("clerk")
        return clerk, draft(north, clerk)


@pytest.mark.parametrize("hours", [(time(15, 0), time(16, 0)), (time(17, 0), time(18, 40))])
def test_activities_lie_within_the_band_of_the_policy(north, strict, hours):
    """S9."""
    clerk, plan = strict
    with in_school(north), pytest.raises(rules.OutsideBand, match="15:30—18:30"):
        add(north, plan, clerk, starts=hours[0], ends=hours[1])


def test_a_grades_day_is_not_longer_than_the_policy_says(north, strict):
    """S9: activities side by side count once, one after the other they add up."""
    clerk, plan = strict
    with in_school(north):
        add(north, plan, clerk, starts=time(16, 0), ends=time(17, 30))
        add(north, plan, clerk, starts=time(16, 0), ends=time(17, 30), room_id=makers.a_room().pk)
        with pytest.raises(rules.TooLong):
            add(north, plan, clerk, starts=time(17, 30), ends=time(18, 10))
        add(north, plan, clerk, starts=time(17, 30), ends=time(18, 0))


@pytest.mark.parametrize(
    ("days", "refusal"),
    [
        ([(1, time(16, 0), time(17, 30))], rules.TooFewDays),
        ([(1, time(16, 0), time(17, 30)), (2, time(17, 0), time(17, 30))], rules.TooShort),
        ([(1, time(16, 0), time(17, 30)), (2, time(16, 0), time(17, 10))], rules.EndsTooEarly),
    ],
)
def test_the_week_is_checked_before_the_vote(north, strict, days, refusal):
    """S9: days a week, least minutes, the end of the day."""
    clerk, plan = strict
    with in_school(north):
        for weekday, starts, ends in days:
            add(north, plan, clerk, weekday=weekday, starts=starts, ends=ends)
        cost(north, plan, clerk, "课时费", CostKind.STAFF)
        with pytest.raises(refusal):
            actions.put_to_vote(plan=plan, school=north, by=clerk, now=AFTER)


# --- activities ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    [
        "奥数提高",
        "英语培训",
        "数学补课",
        "奥 数",
        "奥·数班",
        "语文课",
        "Ｘ 小升初",
        "期末冲刺",
        "英语—培训",
        "幼小衔接班",
    ],
)
def test_subject_teaching_is_refused_in_a_clear_sentence(north, clerk, title):
    """S46, S8."""
    with in_school(north):
        plan = draft(north, clerk)
        with pytest.raises(drafting.SubjectTeaching, match="不得进行学科教学"):
            add(north, plan, clerk, title=title)
        assert not Activity.objects.exists()


@pytest.mark.parametrize(
    "title", ["作业辅导", "英语戏剧社", "自主阅读", "趣味数独", "篮球", "书法", "科学小实验"]
)
def test_care_and_clubs_are_not(north, clerk, title):
    """S8."""
    with in_school(north):
        assert add(north, draft(north, clerk), clerk, title=title).title == title


def test_subject_teaching_is_no_kind(north, clerk):
    """S8, S46."""
    with in_school(north):
        plan = draft(north, clerk)
        with pytest.raises(drafting.UnknownActivityKind):
            add(north, plan, clerk, kind="teaching")


def test_rooms_are_registered_large_enough_and_used_once_at_a_time(north, clerk):
    """S2: inside the school, in a registered room."""
    with in_school(north):
        plan, room = draft(north, clerk), makers.a_room(places=30)
        with pytest.raises(drafting.NoSuchRoom):
            add(north, plan, clerk, room_id=uuid4())
        with pytest.raises(drafting.NoSuchRoom):
            add(north, plan, clerk, room_id=makers.a_room(condition=Condition.CLOSED).pk)
        with pytest.raises(drafting.RoomTooSmall):
            add(north, plan, clerk, room_id=room.pk, capacity=31)
        add(north, plan, clerk, room_id=room.pk, capacity=30)
        with pytest.raises(drafting.RoomTaken):
            add(north, plan, clerk, room_id=room.pk, capacity=30, starts=time(17, 0), ends=time(18, 0))
        add(north, plan, clerk, room_id=room.pk, capacity=30, starts=time(17, 20), ends=time(18, 0))
        add(north, plan, clerk, room_id=room.pk, capacity=30, weekday=2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts": time(17, 0), "ends": time(17, 0)},
        {"weekday": 6},
        {"grade_from": 6, "grade_to": 3},
        {"grade_from": 7, "grade_to": 9},
    ],
)
def test_hours_days_and_grades_that_cannot_be_are_refused(north, clerk, wrong):
    with in_school(north):
        plan = draft(north, clerk)
        with pytest.raises(Refused):
            add(north, plan, clerk, **wrong)
        assert not Activity.objects.exists()


def test_grades_the_wrong_way_round_are_called_that(north, clerk):
    """The school has both grades: it is their order that is wrong."""
    with in_school(north):
        plan = draft(north, clerk)
        with pytest.raises(drafting.GradesTurned) as said:
            add(north, plan, clerk, grade_from=6, grade_to=1)
        assert "本校没有" not in str(said.value)
        assert all(word in str(said.value) for word in ("6", "1"))


# --- costs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("title", ["饮用水", "急救包", "水费", "器材折旧"])
def test_words_of_a_cost_line_decide_nothing(north, clerk, title):
    """S2: the kind decides; drinking water is a cost, and a word that may mean the school's own is shown, not refused."""
    with in_school(north):
        plan = draft(north, clerk)
        cost(north, plan, clerk, title, CostKind.MATERIALS)
        assert CostLine.objects.get().title == title


@pytest.mark.parametrize("kind", ["venue", "rent", "water", "power"])
def test_there_are_no_such_kinds_of_cost(north, clerk, kind):
    """S2: by kind."""
    with in_school(north):
        plan = draft(north, clerk)
        with pytest.raises(drafting.CostKindNotAllowed):
            cost(north, plan, clerk, "其他", kind)


def test_a_kind_of_cost_that_the_policy_does_not_list_is_refused(north):
    stage.a_city(spending={"kinds": ["staff"], "least_staff_fen_per_class_hour": None})
    with in_school(north):
        clerk = makers.a_user("clerk")
        plan = draft(north, clerk)
        cost(north, plan, clerk, "课时费", CostKind.STAFF)
        with pytest.raises(drafting.CostKindNotAllowed):
            cost(north, plan, clerk, "耗材", CostKind.MATERIALS)


def test_the_cost_of_one_child_is_the_planned_cost_over_the_expected_participants(north, clerk):
    """S3: worked by hand. 50,000.00 over 100 children is 500.00 each.

    Two class hours at 3.00 on each of the 20 Mondays from September 1 to January 22: 120.00.
    """
    with in_school(north):
        plan = stage.a_whole_draft(north, clerk)
        share = queries.cost_share(plan, queries.setting(plan, drafting.policy_of(plan, north), north))
        assert (share.planned_fen, share.per_participant_fen, share.fee_per_term_fen) == (
            5_000_000,
            50_000,
            12_000,
        )
        assert not share.is_above_cost


@pytest.mark.parametrize(
    ("spans", "minutes"),
    [
        ([(16, 0, 17, 0), (16, 30, 17, 30)], 90),
        ([(16, 0, 17, 0), (17, 0, 18, 0)], 120),
        ([(16, 0, 18, 0), (16, 30, 17, 0)], 120),
        ([(16, 0, 16, 40), (17, 0, 17, 40)], 80),
    ],
)
def test_minutes_of_a_day_are_those_on_which_something_is_on(spans, minutes):
    day = [Span(1, time(a, b), time(c, d), 1, 6) for a, b, c, d in spans]
    assert rules.daily_minutes(day, 1) == minutes
    assert rules.daily_minutes(day, 2) == 0


# --- the gates in their order ------------------------------------------------------------------------------------------


def test_a_plan_without_activities_or_costs_is_not_voted_on(north, clerk):
    """S7, S38."""
    with in_school(north):
        stage.a_seated_committee()
        plan = draft(north, clerk)
        with pytest.raises(actions.NothingPlanned):
            actions.put_to_vote(plan=plan, school=north, by=clerk, now=AFTER)
        add(north, plan, clerk)
        with pytest.raises(actions.NothingPlanned):
            actions.put_to_vote(plan=plan, school=north, by=clerk, now=AFTER)


def test_while_the_committee_votes_the_plan_stands_still(north, clerk):
    """S7, S10: what was voted on is what is filed."""
    with in_school(north):
        plan, parents = stage.a_whole_draft(north, clerk), stage.a_seated_committee()
        resolution = actions.put_to_vote(plan=plan, school=north, by=clerk, now=AFTER)
        for change in (
            lambda: add(north, plan, clerk, weekday=2),
            lambda: cost(north, plan, clerk, "耗材"),
            lambda: drafting.change_plan(
                plan=plan, terms=stage.terms(fee=100), school=north, by=clerk, now=AFTER
            ),
            lambda: actions.put_to_vote(plan=plan, school=north, by=clerk, now=AFTER),
        ):
            with pytest.raises(drafting.UnderVote):
                change()
        assert "作业辅导" in resolution.text
        assert "¥3.00" in resolution.text
        stage.carried(resolution, parents)
        plan.refresh_from_db()
        assert (plan.state, plan.resolution_id) == (PlanState.RESOLVED, resolution.pk)
        with pytest.raises(drafting.NotADraft):
            add(north, plan, clerk, weekday=2)


def test_a_rejected_plan_can_be_changed_and_voted_on_again(north, clerk):
    with in_school(north):
        plan, parents = stage.a_whole_draft(north, clerk), stage.a_seated_committee()
        resolution = actions.put_to_vote(plan=plan, school=north, by=clerk, now=AFTER)
        committee.close_resolution(resolution=resolution, by=parents[0].user, now=AFTER)
        plan.refresh_from_db()
        assert plan.state == PlanState.DRAFT
        with pytest.raises(actions.NotResolved):
            actions.file_plan(plan=plan, school=north, by=clerk, now=AFTER)
        add(north, plan, clerk, weekday=2)
        stage.carried(actions.put_to_vote(plan=plan, school=north, by=clerk, now=AFTER), parents)


def test_the_gates_refuse_whoever_jumps_the_queue(north, clerk):
    """S38: each gate answers with a reason. S10, S45."""
    with in_school(north):
        plan, parents = stage.a_whole_draft(north, clerk), stage.a_seated_committee()
        leader = makers.a_user("principal")
        with pytest.raises(actions.NotResolved, match="还没有通过"):
            actions.file_plan(plan=plan, school=north, by=leader, now=AFTER)
        with pytest.raises(actions.NotAccepted, match="还没有受理"):
            actions.publish_plan(plan=plan, school=north, by=clerk, now=AFTER)
        stage.carried(actions.put_to_vote(plan=plan, school=north, by=clerk, now=AFTER), parents)
        plan.refresh_from_db()
        with pytest.raises(actions.NotAccepted):
            actions.publish_plan(plan=plan, school=north, by=clerk, now=AFTER)
        envelope = actions.file_plan(plan=plan, school=north, by=leader, now=AFTER)
        with pytest.raises(Refused):
            actions.file_plan(plan=plan, school=north, by=leader, now=AFTER)
        with pytest.raises(actions.NotAccepted):
            actions.publish_plan(plan=plan, school=north, by=clerk, now=AFTER)
        assert envelope.due_at == AFTER + timedelta(days=10)
        assert exchange.waiting_up().count() == 1


def test_what_the_school_sends_back_needs_a_new_vote(north, clerk):
    """S45: the school reviews the plan."""
    with in_school(north):
        plan, parents = stage.a_whole_draft(north, clerk), stage.a_seated_committee()
        leader = makers.a_user("principal")
        stage.carried(actions.put_to_vote(plan=plan, school=north, by=clerk, now=AFTER), parents)
        plan.refresh_from_db()
        actions.send_back(plan=plan, reason="星期三的活动超出时段", by=leader, now=AFTER)
        with pytest.raises(actions.NotResolved):
            actions.file_plan(plan=plan, school=north, by=leader, now=AFTER)


def test_a_return_says_why_until_the_committee_has_passed_the_plan_again(north, clerk):
    """S45: told to the committee, kept on the plan, gone with the next resolution; not without words, not twice."""
    with in_school(north):
        plan, parents = stage.a_whole_draft(north, clerk), stage.a_seated_committee()
        leader = makers.a_user("principal")
        stage.carried(actions.put_to_vote(plan=plan, school=north, by=clerk, now=AFTER), parents)
        plan.refresh_from_db()
        for nothing in ("", "   ", "改改"):
            with pytest.raises(actions.NoReason):
                actions.send_back(plan=plan, reason=nothing, by=leader, now=AFTER)
        actions.send_back(plan=plan, reason="  星期三的活动超出时段 ", by=leader, now=AFTER)
        assert (plan.state, plan.return_reason) == ("draft", "星期三的活动超出时段")
        notice = Notice.objects.get(title__startswith="学校退回了方案")
        assert "星期三的活动超出时段" in notice.body
        assert notice.deliveries.count() == len(parents)
        with pytest.raises(MoveNotAllowed):
            actions.send_back(plan=plan, reason="再退一次", by=leader, now=AFTER)
        said = Entry.objects.get(verb="plan.send_back").details["sha256"]
        assert said == committee.digest("星期三的活动超出时段")
        stage.carried(actions.put_to_vote(plan=plan, school=north, by=clerk, now=AFTER), parents)
        plan.refresh_from_db()
        assert (plan.state, plan.return_reason) == ("resolved", "")


def test_a_plan_ends_after_its_last_day_and_makes_room_for_the_next_version(north, clerk):
    """S10: one published plan a term. Bad input: too early, twice."""
    with in_school(north):
        asked = stage.a_closed_consultation(clerk)
        plan = makers.a_plan(consultation=asked, last_date=date(2026, 9, 3))
        with pytest.raises(actions.NotOverYet):
            actions.end_plan(plan=plan, by=clerk, now=NOW)
        actions.end_plan(plan=plan, by=clerk, now=AFTER)
        with pytest.raises(Refused):
            actions.end_plan(plan=plan, by=clerk, now=AFTER)
        assert draft(north, clerk, consultation=asked).version == 2


def test_the_list_of_gates_says_what_is_done_what_is_open_and_who_has_the_key(north, clerk):
    """S38: consultation → resolution → filing → notice."""

    def shown():
        return [gate.state for gate in gates.gates(makers.TERM, AFTER)[:5]]  # later rooms add theirs

    with in_school(north):
        assert shown() == ["to_do", "blocked", "blocked", "blocked", "blocked"]  # nobody has begun anything
        plan, parents = stage.a_whole_draft(north, clerk), stage.a_seated_committee()
        assert shown() == ["done", "now", "blocked", "blocked", "blocked"]
        stage.carried(actions.put_to_vote(plan=plan, school=north, by=clerk, now=AFTER), parents)
        assert shown() == ["done", "done", "now", "blocked", "blocked"]
        plan.refresh_from_db()
        actions.file_plan(plan=plan, school=north, by=makers.a_user("principal"), now=AFTER)
        found = gates.gates(makers.TERM, AFTER)[:5]
        assert [gate.state for gate in found] == ["done", "done", "done", "now", "blocked"]
        assert (str(found[3].who), found[3].due) == ("教育局", AFTER + timedelta(days=10))
        assert "教育局受理" in found[4].why


def test_without_demand_the_gate_is_shut_for_good(north, clerk):
    """S12."""
    with in_school(north):
        stage.a_closed_consultation(clerk, yes=0, no=2)
        first = gates.gates(makers.TERM, AFTER)[0]
        assert first.state == "blocked"
        assert "不得开展" in first.why


def test_later_rooms_plug_their_gates_in(north, clerk, settings):
    settings.TERM_GATES = ["tests.schools.planning.test_plan.a_later_gate"]
    with in_school(north):
        assert gates.gates(makers.TERM, AFTER)[-1].name == "家长申请"


def a_later_gate(term_code, served, now):
    return [gates.Gate("家长申请", "now")]


def test_what_is_taken_out_twice_is_written_down_once(north, clerk):
    """The same click twice; the second finds nothing and says nothing in the audit log."""
    with in_school(north):
        plan = draft(north, clerk)
        activity, line = add(north, plan, clerk), cost(north, plan, clerk, "耗材")
        for _ in range(2):
            drafting.remove_activity(plan=plan, activity=activity, by=clerk, now=AFTER)
            drafting.remove_cost_line(plan=plan, line=line, by=clerk, now=AFTER)
        said = Entry.objects.filter(verb__endswith=".remove").order_by("verb").values_list("verb", flat=True)
        assert list(said) == ["plan.activity.remove", "plan.cost_line.remove"]


@pytest.mark.parametrize("word", words.TEACHING)
def test_every_word_is_found_as_it_is_written(word):
    assert words.first_of(f"（{word}）", [word]) == word


@pytest.mark.parametrize(
    ("written", "word"),
    [("補課", "补课"), ("奧數班", "奥数"), ("Ｏ奥·数", "奥数"), ("數學輔導", "数学辅导"), ("補習", "补习")],
)
def test_traditional_signs_hide_nothing(written, word):
    """S46: whoever types 補課 means 补课."""
    assert words.teaching_in(written) == word
