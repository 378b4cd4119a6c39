"""Fees by stage, and caps of every unit over the term's own calendar (S9, S10; reference facts)."""

from datetime import date, time

import pytest

from afterbell.kernel.dates import Period
from schools.enrolment import wording as application
from schools.enrolment.wording import Wanted
from schools.planning import actions, drafting, facts, fees, limits, queries, rules, wording
from schools.planning.limits import Course, Setting
from schools.planning.models import Activity, CostKind, FeeUnit, Plan, PlanFee
from schools.planning.rules import Span
from tenants.calendar import CalendarUnknown, SchoolDay
from tenants.context import in_school
from tenants.exchange import queries as exchange
from tenants.models import Kind, School
from tenants.policies import ready
from tenants.policies.documents import Caps, Policy
from tests import makers
from tests.schools.planning import stage
from tests.schools.planning.stage import AFTER

UNITS = {"units": ["month", "term", "class_hour"], "cycles": ["month", "term"]}
NINE_YEAR = School(stage="nine_year", kind=Kind.URBAN)
TERM = Period(date(2026, 9, 1), date(2027, 1, 22))
MONTH = FeeUnit.MONTH


def cap(per: str, fen: int, **more) -> dict:
    return {"per": per, "fen": fen, "meaning": "ceiling", **more}


def a_city(*caps: dict) -> None:
    """Fees in every unit, under these caps."""
    stage.a_city(caps=list(caps), billing=UNITS)


def draft(school, clerk, **more) -> Plan:
    asked = stage.a_closed_consultation(clerk)
    return drafting.draft_plan(
        consultation=asked, terms=stage.terms(**more), school=school, by=clerk, now=AFTER
    )


def whole(school, clerk, plan: Plan, *weekdays: int) -> Plan:
    """Two class hours on each of these weekdays, and a cost line."""
    for weekday in weekdays or (1,):
        new = stage.an_activity(weekday=weekday)
        drafting.add_activity(plan=plan, new=new, school=school, by=clerk, now=AFTER)
    drafting.add_cost_line(
        plan=plan, kind=CostKind.STAFF, title="课时费", amount=100, school=school, by=clerk, now=AFTER
    )
    return plan


def the_agreement(school, plan: Plan, grade: int) -> str:
    """As a family with a child in this grade would sign it."""
    pupil = makers.a_pupil(school_class=makers.a_class(grade=grade))
    wanted = Wanted(school, plan, pupil, makers.a_guardian(pupil), tuple(plan.activities.all()), False)
    return application.texts(wanted).agreement


@pytest.fixture
def nine(north):
    """Grades 1 to 9 under Ezhou's caps: 70 a month in primary, 80 in lower secondary."""
    School.objects.filter(pk=north.pk).update(stage="nine_year")
    north.stage = "nine_year"
    makers.a_term()
    makers.a_policy(ready.document("ezhou"))
    return north


# --- a fee for each stage ----------------------------------------------------------------------------------------------


def ezhou() -> Policy:
    return Policy.from_document(ready.document("ezhou"))


def checked(fee: int, from_grade: dict[int, int]) -> list[tuple[int, int, int, int | None]]:
    asked = fees.standards_asked(ezhou(), NINE_YEAR, MONTH, fee, from_grade)
    fees.check(ezhou(), NINE_YEAR, MONTH, asked)
    return [(one.grade_from, one.grade_to, one.fee, one.cap) for one in asked]


def test_each_stage_stands_under_its_own_cap():
    """Worked, Ezhou: 70 and 80 are allowed side by side; one fee of 75 is too much for primary alone."""
    assert checked(7_000, {7: 8_000}) == [(1, 6, 7_000, 7_000), (7, 9, 8_000, 8_000)]
    with pytest.raises(fees.OverCap, match=r"小学（1—6年级）：收费标准 ¥75.00 超过现行政策的封顶 ¥70.00"):
        checked(7_500, {})
    with pytest.raises(fees.OverCap, match=r"初中（7—9年级）：收费标准 ¥80.01 超过现行政策的封顶 ¥80.00"):
        checked(7_000, {7: 8_001})


def test_a_school_of_one_stage_is_asked_for_one_fee():
    for one in ("primary", "lower_secondary"):
        assert len(fees.groups(ezhou(), School(stage=one, kind=Kind.URBAN))) == 1
    assert fees.groups(ezhou(), NINE_YEAR) == [range(1, 7), range(7, 10)]
    assert fees.groups(None, NINE_YEAR) == [range(1, 7), range(7, 10)]


def test_a_nine_year_school_keeps_a_fee_for_each_stage(nine):
    """S10: committee, bureau and families read the fee and the cap of each stage."""
    with in_school(nine):
        clerk, leader = makers.a_user("clerk"), makers.a_user("principal")
        plan = draft(nine, clerk, fee_unit=MONTH, fee=7_000, from_grade={7: 8_000})
        assert (plan.fee_fen, plan.cap_fen) == (7_000, 7_000)
        assert [fees.fee_of(plan, grade) for grade in (1, 6, 7, 9)] == [(7_000, 7_000)] * 2 + [
            (8_000, 8_000)
        ] * 2
        whole(nine, clerk, plan)
        parents = stage.a_seated_committee()
        resolution = actions.put_to_vote(plan=plan, school=nine, by=clerk, now=AFTER)
        said = (
            "收费标准：小学（1—6年级）每月 ¥70.00，本学期最多 ¥350.00（政策封顶每月 ¥70.00）；"
            "初中（7—9年级）每月 ¥80.00，本学期最多 ¥400.00（政策封顶每月 ¥80.00）"
        )
        assert said in resolution.text
        stage.carried(resolution, parents)
        plan.refresh_from_db()
        sent = actions.file_plan(plan=plan, school=nine, by=leader, now=AFTER).payload
        assert [tuple(fee.values()) for fee in sent["fees"]] == [
            (1, 6, 7_000, 7_000, 35_000, None),
            (7, 9, 8_000, 8_000, 40_000, None),
        ]
        assert exchange.waiting_up().count() == 1
        assert said in wording.fee_notice(plan, nine)
        young, old = the_agreement(nine, plan, 6), the_agreement(nine, plan, 8)
        assert "每月 ¥70.00，本学期最多 ¥350.00" in young
        assert "¥80.00" not in young
        assert "每月 ¥80.00，本学期最多 ¥400.00（政策封顶每月 ¥80.00）" in old


def test_a_changed_draft_leaves_no_fee_behind(nine):
    with in_school(nine):
        clerk = makers.a_user("clerk")
        plan = draft(nine, clerk, fee_unit=MONTH, fee=6_000, from_grade={7: 8_000})
        assert PlanFee.objects.count() == 2
        for given, kept in (({7: 7_500}, [6_000, 7_500]), ({}, [6_000, 6_000])):
            terms = stage.terms(fee_unit=MONTH, fee=6_000, from_grade=given)
            drafting.change_plan(plan=plan, terms=terms, school=nine, by=clerk, now=AFTER)
            assert list(PlanFee.objects.order_by("grade_from").values_list("fee_fen", flat=True)) == kept
        with pytest.raises(drafting.NoAmount):
            terms = stage.terms(fee_unit=MONTH, fee=6_000, from_grade={7: 0})
            drafting.change_plan(plan=plan, terms=terms, school=nine, by=clerk, now=AFTER)


def test_one_fee_under_one_cap_stands_on_the_plan_alone(north):
    a_city(cap("month", 12_000))
    with in_school(north):
        plan = draft(north, makers.a_user("clerk"), fee_unit=MONTH, fee=12_000)
        assert not PlanFee.objects.exists()
        assert fees.fee_of(plan, 3) == (12_000, 12_000)


def test_the_drafting_page_offers_a_fee_for_each_stage(nine):
    """What was typed is kept; the refusal names the stage."""
    with in_school(nine):
        clerk = makers.a_user("clerk")
        asked = stage.a_closed_consultation(clerk)
    desk, new = stage.browser(nine, clerk), f"/desk/consultations/{asked.pk}/plan/"
    page = desk.get(new).content.decode()
    assert "收费标准（元）：小学（1—6年级）" in page
    assert "收费标准（元）：初中（7—9年级）" in page
    given = {
        "name": "秋季方案", "first_date": "2026-09-07", "last_date": "2027-01-15", "fee_unit": "month", "fee": "70",
        "fee_7": "81.50", "expected_participants": "100",
    }  # fmt: skip
    refused = desk.post(new, given)
    assert refused.status_code == 400
    assert "初中（7—9年级）：收费标准 ¥81.50 超过现行政策的封顶 ¥80.00" in refused.content.decode()
    assert 'value="81.50"' in refused.content.decode()
    assert desk.post(new, {**given, "fee_7": ""}).status_code == 400
    plan = desk.post(new, {**given, "fee_7": "80"}).url
    shown = desk.get(plan).content.decode()
    assert "每月 ¥80.00，本学期最多 ¥400.00（政策封顶每月 ¥80.00）" in shown
    assert "初中（7—9年级） 每月 ¥80.00" in desk.get("/desk/plans/").content.decode()
    assert 'value="80.00"' in desk.get(f"{plan}change/").content.decode()
    api = desk.get("/api/v1/plans/").json()["results"][0]
    assert [(fee["grade_from"], fee["fee_fen"]) for fee in api["fees"]] == [(1, 7_000), (7, 8_000)]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("fee", "99999999999999", "太大"),
        ("expected_participants", "20001", "20000"),
        ("expected_participants", "99999999999999999999", "20000"),
    ],
)
def test_an_amount_or_a_number_that_is_too_large_is_said_at_its_field(north, field, value, said):
    a_city()
    with in_school(north):
        clerk = makers.a_user("clerk")
        asked = stage.a_closed_consultation(clerk)
    given = {
        "name": "秋季方案", "first_date": "2026-09-07", "last_date": "2027-01-15", "fee_unit": "month", "fee": "70",
        "expected_participants": "100", field: value,
    }  # fmt: skip
    answer = stage.browser(north, clerk).post(f"/desk/consultations/{asked.pk}/plan/", given)
    assert answer.status_code == 400
    assert said in answer.context["form"].errors[field][0]


def test_the_largest_amounts_go_all_the_way(north):
    """A hundred billion yuan a month and as much for each cost line: sums, filing and facts hold them."""
    a_city()
    with in_school(north):
        clerk, most = makers.a_user("clerk"), 10**13
        plan = whole(north, clerk, draft(north, clerk, fee_unit=MONTH, fee=most))
        for _n in range(2):
            drafting.add_cost_line(
                plan=plan, kind=CostKind.OTHER, title="耗材", amount=most, school=north, by=clerk, now=AFTER
            )
        parents = stage.a_seated_committee()
        stage.carried(actions.put_to_vote(plan=plan, school=north, by=clerk, now=AFTER), parents)
        plan.refresh_from_db()
        sent = actions.file_plan(plan=plan, school=north, by=makers.a_user("principal"), now=AFTER).payload
        assert (sent["fee_per_term_fen"], sent["planned_cost_fen"]) == (5 * most, 2 * most + 100)
        assert facts.of_term(makers.TERM)["fee_term_fen"] == 5 * most


def test_nobody_expects_more_children_than_a_school_can_have(north):
    a_city()
    with in_school(north), pytest.raises(drafting.TooMany, match="20,000"):
        draft(north, makers.a_user("clerk"), expected_participants=20_001)


# --- caps of other units -----------------------------------------------------------------------------------------------


def days(*weekdays: int) -> list[SchoolDay]:
    """Each of these weekdays of the term."""
    return [SchoolDay(day, day.isoweekday()) for day in TERM if day.isoweekday() in weekdays]


def a_setting(*caps: dict, spans=(), **more) -> Setting:
    policy = Policy.from_document(ready.document("haikou") | {"caps": list(caps), "billing": UNITS})
    course = Course(period=TERM, days=days(1, 2, 3, 4, 5), spans=spans, class_hour=40, **more)
    return Setting(policy, NINE_YEAR, course)


def refused(setting: Setting, unit: FeeUnit, fee: int) -> str:
    asked = fees.standards_asked(setting.policy, setting.school, unit, fee, {})
    try:
        limits.check(setting, unit, asked)
    except limits.OverOtherCap as refusal:
        return str(refusal)
    return ""


MONDAY = Span(1, time(16, 0), time(17, 20), 1, 9)
"""Two class hours; the term has 20 Mondays."""


@pytest.mark.parametrize(
    ("unit", "fee", "limit", "sentence"),
    [
        (MONTH, 8_000, cap("term", 30_000),
         "每月 ¥80.00，本学期 5 个月合计 ¥400.00，超过封顶每学期 ¥300.00。请降低标准。"),
        (MONTH, 6_000, cap("term", 30_000), ""),
        (MONTH, 6_001, cap("term", 30_000),
         "每月 ¥60.01，本学期 5 个月合计 ¥300.05，超过封顶每学期 ¥300.00。请降低标准。"),
        (FeeUnit.TERM, 35_001, cap("month", 7_000),
         "每学期 ¥350.01，超过封顶每月 ¥70.00（本学期 5 个月合计 ¥350.00）。请降低标准。"),
        (FeeUnit.TERM, 35_000, cap("month", 7_000), ""),
        (MONTH, 8_000, cap("class_hour", 250),
         "每月 ¥80.00，本学期 5 个月合计 ¥400.00，超过封顶每课时 ¥2.50（本学期最多 40 课时，合计 ¥100.00）。请降低标准。"),
        (MONTH, 2_000, cap("class_hour", 250), ""),
        (FeeUnit.CLASS_HOUR, 250, cap("term", 100), ""),
        (MONTH, 8_000, cap("term", 30_000, stages=["lower_secondary"]),
         "每月 ¥80.00，本学期 5 个月合计 ¥400.00，超过封顶每学期 ¥300.00。请降低标准。"),
    ],
)  # fmt: skip
def test_every_unit_is_held_against_the_caps_of_the_others(unit, fee, limit, sentence):
    """20 Mondays of two class hours are 40 hours; a fee by the class hour is left to the cap that binds it."""
    assert refused(a_setting(limit, spans=[MONDAY]), unit, fee) == sentence


def test_the_hours_of_a_cap_wait_for_the_activities_and_for_the_calendar():
    """A draft has no activities yet; a year that the city has not entered is said, not guessed."""
    hourly = cap("class_hour", 250)
    assert refused(a_setting(hourly), MONTH, 8_000) == ""
    gap = CalendarUnknown(year=2027, date=date(2027, 1, 4))
    assert refused(a_setting(hourly, gap=gap), MONTH, 8_000) == ""
    with pytest.raises(CalendarUnknown):
        refused(a_setting(hourly, gap=gap, spans=[MONDAY]), MONTH, 8_000)
    assert refused(a_setting(cap("term", 40_000), gap=gap, spans=[MONDAY]), MONTH, 8_000) == ""


@pytest.mark.parametrize(
    ("spans", "hours"),
    [
        ([(16, 0, 17, 20)], 2),
        ([(16, 0, 16, 30)], 1),
        ([(16, 0, 17, 20), (16, 0, 17, 20)], 2),
        ([(16, 0, 17, 20), (17, 20, 18, 0)], 3),
        ([(16, 0, 18, 0), (16, 0, 16, 40), (16, 40, 17, 20), (17, 20, 18, 0)], 3),
        ([(16, 0, 16, 40), (16, 30, 17, 50), (17, 50, 18, 30)], 3),
        ([], 0),
    ],
)
def test_a_child_is_in_one_activity_at_a_time(spans, hours):
    day = [Span(1, time(a, b), time(c, d), 1, 6) for a, b, c, d in spans]
    assert rules.most_class_hours(day, 1, 3, 40) == hours
    assert rules.most_class_hours(day, 2, 3, 40) == rules.most_class_hours(day, 1, 7, 40) == 0


def test_make_up_days_without_a_timetable_hold_no_hours():
    course = Course(TERM, [SchoolDay(date(2026, 9, 7), 1), SchoolDay(date(2026, 9, 20), None)], [MONDAY], 40)
    assert course.hours(3) == 2
    assert limits.limits(Caps(None, None, 250), MONTH, course, 3)[0].term == 500


def test_a_monthly_fee_is_held_against_the_cap_of_the_term(north):
    """80 a month, September to January: 400 a term, over a cap of 300."""
    a_city(cap("term", 30_000))
    with in_school(north):
        with pytest.raises(
            limits.OverOtherCap, match=r"每月 ¥80.00，本学期 5 个月合计 ¥400.00，超过封顶每学期 ¥300.00"
        ):
            draft(north, makers.a_user("clerk"), fee_unit=MONTH, fee=8_000)
        assert not Plan.objects.exists()


def test_before_the_vote_the_hours_are_known(north, monkeypatch):
    """80 a month for two class hours on Mondays stands over 2.50 an hour, whatever the month's own cap says."""
    a_city(cap("class_hour", 250), cap("month", 10_000))
    monkeypatch.setattr(queries.calendar, "school_calendar", lambda *_given: days(1, 2, 3, 4, 5))
    with in_school(north):
        clerk = makers.a_user("clerk")
        plan = whole(north, clerk, draft(north, clerk, fee_unit=MONTH, fee=8_000))
        stage.a_seated_committee()
        with pytest.raises(limits.OverOtherCap, match=r"本学期最多 40 课时，合计 ¥100\.00"):
            actions.put_to_vote(plan=plan, school=north, by=clerk, now=AFTER)
        terms = stage.terms(fee_unit=MONTH, fee=2_000)
        drafting.change_plan(plan=plan, terms=terms, school=north, by=clerk, now=AFTER)
        actions.put_to_vote(plan=plan, school=north, by=clerk, now=AFTER)


def test_longling_says_what_a_child_pays_at_most(north):
    """2.50 a class hour, at most 400 a term: the cap is meant to bind, and the family is told."""
    makers.a_term()
    makers.a_policy(ready.document("longling"))
    with in_school(north):
        clerk = makers.a_user("clerk")
        plan = whole(north, clerk, draft(north, clerk, fee=250), 1, 2, 3, 4, 5)
        parents = stage.a_seated_committee()
        said = "每课时 ¥2.50，本学期最多 ¥400.00（政策封顶每课时 ¥2.50）"
        resolution = actions.put_to_vote(plan=plan, school=north, by=clerk, now=AFTER)
        assert said in resolution.text
        assert said in wording.fee_notice(plan, north)
        assert said in the_agreement(north, plan, 3)
        policy = drafting.policy_of(plan, north)
        assert queries.cost_share(plan, queries.setting(plan, policy, north)).fee_per_term_fen == 40_000
        stage.carried(resolution, parents)
        plan.refresh_from_db()
        sent = actions.file_plan(plan=plan, school=north, by=makers.a_user("principal"), now=AFTER).payload
        assert (sent["fees"][0]["fee_term_fen"], sent["fees"][0]["cap_term_fen"]) == (None, 40_000)


# --- what the city sees ------------------------------------------------------------------------------------------------


def told() -> tuple[object, ...]:
    found = facts.of_term(makers.TERM)
    return tuple(found[name] for name in ("fee_fen", "cap_fen", "fee_term_fen", "cap_term_fen"))


def test_the_city_gets_the_stage_that_is_most_above_its_caps(nine):
    with in_school(nine):
        assert told() == (None, None, None, None)
        plan = makers.a_plan(fee_unit=MONTH, fee_fen=7_000, cap_fen=7_000)
        for first, last, fee, own in ((1, 6, 7_000, 7_000), (7, 9, 8_000, 8_000)):
            PlanFee.objects.create(plan=plan, grade_from=first, grade_to=last, fee_fen=fee, cap_fen=own)
        assert told() == (7_000, 7_000, 35_000, None)
        PlanFee.objects.filter(grade_from=7).update(fee_fen=8_100)
        assert told() == (8_100, 8_000, 40_500, None)
        PlanFee.objects.filter(grade_from=1).update(fee_fen=7_200)
        assert told() == (7_200, 7_000, 36_000, None)


def test_the_city_gets_the_fee_of_the_term_beside_its_caps(north):
    a_city(cap("term", 30_000))
    with in_school(north):
        plan = makers.a_plan(fee_unit=MONTH, fee_fen=8_000)
        assert told() == (8_000, None, 40_000, 30_000)
        Plan.objects.filter(pk=plan.pk).update(fee_unit=FeeUnit.CLASS_HOUR)
        assert told() == (8_000, None, None, 30_000)


def test_without_rules_nothing_is_compared(north):
    makers.a_term()
    with in_school(north):
        plan = makers.a_plan(fee_unit=MONTH, fee_fen=8_000)
        makers.an_activity(plan)
        assert told() == (8_000, None, None, None)
        assert Activity.objects.exists()
