"""A published plan is amended: voted, filed, told, and nothing that a family has signed is another (S10, S15, S38)."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from afterbell.audit.models import Entry
from schools.enrolment.models import Agreement
from schools.notices.models import Notice
from schools.planning import actions as planning
from schools.planning import amendment_actions as actions
from schools.planning import amendment_queries, answers, drafting, queries
from schools.planning.models import Activity, Amendment, CostKind, CostLine, Plan
from schools.planning.states import AmendmentState, PlanState
from tenants.context import in_school
from tenants.exchange.models import Envelope
from tests import makers
from tests.schools.enrolment import stage as enrolment
from tests.schools.planning import stage
from tests.schools.planning.stage import AFTER

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


class Stage:
    """A published plan with one activity, its people, and an amendment's way through the gates."""

    def __init__(self, school):
        self.school = school
        self.clerk, self.principal = makers.a_user("clerk"), makers.a_user("principal")
        plan, self.parents = stage.a_whole_draft(school, self.clerk), stage.a_seated_committee()
        stage.carried(planning.put_to_vote(plan=plan, school=school, by=self.clerk, now=AFTER), self.parents)
        plan.refresh_from_db()
        filing = planning.file_plan(plan=plan, school=school, by=self.principal, now=AFTER)
        self.answer(filing, "accepted")
        planning.publish_plan(plan=Plan.objects.get(), school=school, by=self.clerk, now=AFTER)

    @property
    def plan(self):
        return Plan.objects.get()

    @property
    def activity(self):
        return self.plan.activities.order_by("pk").first()

    def answer(self, envelope, answer, note=""):
        Envelope.objects.filter(pk=envelope.pk).update(
            state="answered", answer=answer, answer_note=note, answered_at=AFTER
        )
        with transaction.atomic():
            answers.filing_answered(envelope=Envelope.objects.get(pk=envelope.pk), now=AFTER)

    def begun(self, reason="报名人数多于预计"):
        return actions.begin_amendment(plan=self.plan, reason=reason, by=self.clerk, now=AFTER)

    def with_places(self, places=45, participants=120):
        row = self.begun()
        actions.change_numbers(
            amendment=row,
            participants=participants,
            places={self.activity.pk: places},
            by=self.clerk,
            now=AFTER,
        )
        return self.again(row)

    def again(self, row):
        return Amendment.objects.get(pk=row.pk)

    def voted(self, row):
        given = {"amendment": row, "school": self.school, "by": self.clerk, "now": AFTER}
        stage.carried(actions.put_to_vote(**given), self.parents)
        return self.again(row)

    def filed(self, row):
        return actions.file_amendment(amendment=row, school=self.school, by=self.principal, now=AFTER)

    def accepted(self, row):
        self.answer(self.filed(self.voted(row)), "accepted")
        return self.again(row)

    def publishes(self, row, now=AFTER):
        actions.bring_into_force(amendment=row, school=self.school, by=self.clerk, now=now)
        return self.again(row)


@pytest.fixture
def them(north):
    stage.a_city()
    with in_school(north):
        yield Stage(north)


def test_an_amendment_goes_through_every_gate_and_the_plan_stays_until_then(them):
    """S10, S38: the new version is in force when the bureau has accepted and families were told."""
    row = them.with_places()
    changes = ["“作业辅导”（星期一 16:00—17:20）的名额：40 → 45", "预计参加人数：100 → 120"]
    assert amendment_queries.changes(row) == changes
    row = them.voted(row)
    assert (row.state, them.plan.version, them.activity.capacity) == ("resolved", 1, 40)
    envelope = them.filed(row)
    assert envelope.payload["changes"] == changes
    assert (envelope.payload["version"], envelope.payload["activities"][0]["capacity"]) == (2, 45)
    assert envelope.payload["cost_per_participant_fen"] == 41667
    them.answer(envelope, "accepted")
    assert (them.again(row).state, them.plan.state, them.activity.capacity) == ("accepted", "published", 40)
    row = them.publishes(them.again(row))
    plan = them.plan
    assert (plan.version, plan.expected_participants, them.activity.capacity) == (2, 120, 45)
    assert (plan.resolution_id, plan.filing_id, plan.fee_notice_id) == (
        row.resolution_id,
        row.filing_id,
        row.notice_id,
    )
    notice = Notice.objects.get(pk=row.notice_id)
    assert notice.is_open
    assert notice.deliveries.count() == 6
    for said in (*changes, "已签协议不变", "÷ 预计 120 人"):
        assert said in notice.body
    verbs = Entry.objects.filter(verb__startswith="amendment.").order_by("position")
    assert list(verbs.values_list("verb", flat=True)) == [
        "amendment.begin",
        "amendment.change",
        "amendment.put_to_vote",
        "amendment.resolved",
        "amendment.file",
        "amendment.accepted",
        "amendment.in_force",
    ]


def test_the_committee_votes_on_the_difference(them):
    row = them.with_places()
    given = {"amendment": row, "school": them.school, "by": them.clerk, "now": AFTER}
    resolution = actions.put_to_vote(**given)
    assert "40 → 45" in resolution.text
    assert "报名人数多于预计" in resolution.text
    for edit in (
        lambda: actions.change_numbers(amendment=row, participants=1, places={}, by=them.clerk, now=AFTER),
        lambda: actions.drop_amendment(amendment=row, by=them.clerk, now=AFTER),
        lambda: actions.put_to_vote(**given),
    ):
        with pytest.raises(actions.UnderVote):
            edit()


def test_activities_and_costs_are_added_by_the_rules_of_a_plan(them):
    """S2, S8, S46: what a plan may not have, its next version may not either."""
    row = them.begun()
    given = {"amendment": row, "school": them.school, "by": them.clerk, "now": AFTER}
    for wrong, refusal in (
        ({"title": "奥数班", "weekday": 2}, drafting.SubjectTeaching),
        ({}, drafting.RoomTaken),
        ({"weekday": 2, "grade_from": 1, "grade_to": 1}, drafting.NoDemand),
        ({"weekday": 2, "room_id": uuid4()}, drafting.NoSuchRoom),
        ({"weekday": 2, "capacity": 400}, drafting.RoomTooSmall),
    ):
        with pytest.raises(refusal):
            actions.add_group(new=stage.an_activity(**wrong), **given)
    with pytest.raises(drafting.CostKindNotAllowed):
        actions.add_cost(kind="rent", title="场租", amount=100, **given)
    actions.add_group(new=stage.an_activity(title="篮球", weekday=2, kind="sport"), **given)
    actions.add_cost(kind=CostKind.MATERIALS, title="篮球", amount=100_000, **given)
    row = them.again(row)
    assert amendment_queries.changes(row) == [
        "新增活动：星期二 16:00—17:20 篮球（体育），3—3 年级，名额 40，" + queries.rooms()[0].name,
        "新增成本：耗材：篮球 ¥1,000.00",
        "计划成本合计：¥50,000.00 → ¥51,000.00",
    ]
    them.publishes(them.accepted(row))
    assert list(Activity.objects.order_by("weekday").values_list("title", "taken")) == [
        ("作业辅导", 0),
        ("篮球", 0),
    ]
    assert CostLine.objects.count() == 2


@pytest.mark.parametrize("is_new", [True, False])
def test_a_family_whose_agreement_runs_hears_how_to_get_what_is_new(them, is_new):
    """Without ending it: by a supplement (enrolment). Where nothing is new, nothing is said of it."""
    row = them.begun() if is_new else them.with_places()
    if is_new:
        new = stage.an_activity(title="篮球", weekday=2, kind="sport")
        actions.add_group(amendment=row, new=new, school=them.school, by=them.clerk, now=AFTER)
    row = them.publishes(them.accepted(row))
    assert ("提交补充申请" in Notice.objects.get(pk=row.notice_id).body) is is_new


def test_what_was_added_can_be_taken_out_again_what_was_published_can_not(them):
    row = them.begun()
    given = {"amendment": row, "school": them.school, "by": them.clerk, "now": AFTER}
    actions.add_group(new=stage.an_activity(title="篮球", weekday=2, kind="sport"), **given)
    (new,) = amendment_queries.parts(them.again(row)).new_groups
    for _twice in range(2):
        actions.take_out(amendment=row, key=UUID(new.id), by=them.clerk, now=AFTER)
    assert amendment_queries.changes(them.again(row)) == []
    with pytest.raises(actions.NotADraft):
        actions.take_out(amendment=row, key=them.activity.pk, by=them.clerk, now=AFTER)
    line = CostLine.objects.get()
    actions.take_out(amendment=row, key=line.pk, by=them.clerk, now=AFTER)
    assert amendment_queries.changes(them.again(row)) == [
        "取消成本：服务人员报酬：服务教师课时费 ¥50,000.00",
        "计划成本合计：¥50,000.00 → ¥0.00",
    ]
    with pytest.raises(planning.NothingPlanned):
        actions.put_to_vote(**given)


def test_without_a_difference_there_is_nothing_to_vote_on(them):
    with pytest.raises(actions.NoDifference):
        actions.put_to_vote(amendment=them.begun(), school=them.school, by=them.clerk, now=AFTER)


def test_nobody_loses_a_place(them):
    """Not when it is drafted, and not when children have come in meanwhile."""
    row = them.with_places(places=30)
    row = them.accepted(row)
    Activity.objects.update(taken=31)
    with pytest.raises(actions.FewerThanTaken):
        them.publishes(row)
    assert them.activity.capacity == 40
    Activity.objects.update(taken=30)
    them.publishes(row)
    assert them.activity.capacity == 30


def test_a_running_agreement_keeps_what_was_signed(them):
    """S15: its row, its text, its days; the plan's fee, days and collector."""
    agreement = makers.an_agreement(plan=them.plan)
    kept = ("first_date", "last_date", "fee_unit", "fee_fen", "cap_fen", "collector", "name", "term_code")
    before = Plan.objects.values(*kept).get()
    them.publishes(them.accepted(them.with_places()))
    after = Agreement.objects.get(pk=agreement.pk)
    assert (after.text_sha256, after.from_date, after.until_date, after.state) == (
        agreement.text_sha256,
        agreement.from_date,
        agreement.until_date,
        agreement.state,
    )
    assert Plan.objects.values(*kept).get() == before
    notice = Notice.objects.order_by("-published_at", "-pk").first()
    assert notice.deliveries.filter(guardian=agreement.application.guardian).exists()


def test_one_at_a_time_and_only_of_what_is_published(them):
    row = them.begun()
    with pytest.raises(actions.AlreadyAmended):
        them.begun()
    actions.drop_amendment(amendment=row, by=them.clerk, now=AFTER)
    assert them.begun().version == 2
    for state in (PlanState.DRAFT, PlanState.ENDED):
        Plan.objects.update(state=state)
        with pytest.raises(actions.NotPublished):
            them.begun()


@pytest.mark.parametrize("reason", ["", "   ", "改"])
def test_a_change_has_a_reason(them, reason):
    with pytest.raises(planning.NoReason):
        them.begun(reason)


def test_no_gate_is_passed_before_its_turn_or_twice(them):
    row = them.with_places()
    with pytest.raises(actions.NotDecided):
        them.filed(row)
    with pytest.raises(actions.NotDecided):
        them.publishes(row)
    row = them.voted(row)
    with pytest.raises(actions.NotADraft):
        actions.change_numbers(amendment=row, participants=9, places={}, by=them.clerk, now=AFTER)
    envelope = them.filed(row)
    with pytest.raises(actions.NotDecided):
        them.filed(row)
    them.answer(envelope, "accepted")
    them.publishes(row)
    with pytest.raises(actions.NotDecided):
        them.publishes(row)
    assert Notice.objects.filter(kind="fee").count() == 2


def test_what_the_school_or_the_bureau_returns_is_voted_on_again(them):
    """S45, S10."""
    row = them.voted(them.with_places())
    with pytest.raises(planning.NoReason):
        actions.send_back(amendment=row, reason=" ", by=them.principal, now=AFTER)
    actions.send_back(amendment=row, reason="名额超过教室", by=them.principal, now=AFTER)
    assert (row.state, row.return_reason) == ("draft", "名额超过教室")
    row = them.voted(row)
    assert row.return_reason == ""
    them.answer(them.filed(row), "returned", "请说明理由")
    row = them.again(row)
    assert row.state == AmendmentState.RETURNED
    actions.take_up_again(amendment=row, by=them.clerk, now=AFTER)
    row = them.accepted(row)
    them.publishes(row)
    assert them.plan.version == 2


def test_a_plan_that_has_ended_meanwhile_is_amended_no_more(them):
    row = them.accepted(them.with_places())
    Plan.objects.update(state=PlanState.ENDED)
    with pytest.raises(actions.PlanMoved):
        them.publishes(row)
    actions.drop_amendment(amendment=row, by=them.clerk, now=AFTER)
    assert (them.plan.version, them.activity.capacity) == (1, 40)


def test_the_next_plan_of_the_term_has_the_next_number(them):
    """After a second version the plan ends; what is drafted anew is the third."""
    them.publishes(them.accepted(them.with_places()))
    Plan.objects.update(state=PlanState.ENDED)
    asked = them.plan.consultation
    made = drafting.draft_plan(
        consultation=asked, terms=stage.terms(), school=them.school, by=them.clerk, now=AFTER
    )
    assert made.version == 3


def test_twice_amended_each_difference_is_to_what_stood(them):
    them.publishes(them.accepted(them.with_places()))
    row = them.with_places(places=41, participants=120)
    assert amendment_queries.changes(row) == ["“作业辅导”（星期一 16:00—17:20）的名额：45 → 41"]
    them.publishes(them.accepted(row))
    assert (them.plan.version, them.activity.capacity) == (3, 41)


# --- pages and API --------------------------------------------------------------------------------------------------


def test_its_pages_lead_through_it(them):
    desk, leader = stage.browser(them.school, them.clerk), stage.browser(them.school, them.principal)
    plan = f"/desk/plans/{them.plan.pk}/"
    assert "变更方案" in desk.get(plan).content.decode()
    wrong = desk.post(f"{plan}amend/", {"reason": "改"})
    assert (wrong.status_code, "请写得具体一些" in wrong.content.decode()) == (400, True)
    address = desk.post(f"{plan}amend/", {"reason": "报名人数多于预计"}).headers["Location"]
    assert "还没有改动" in desk.get(address).content.decode()
    places = f"places_{them.activity.pk}"
    wrong = desk.post(f"{address}numbers/", {"participants": "120", places: "400"})
    assert (wrong.status_code, "只能容纳" in wrong.content.decode()) == (400, True)
    assert 'value="400"' in wrong.content.decode()
    assert f'href="#id_{places}"' in wrong.content.decode(), "the sentence leads to its field"
    assert desk.post(f"{address}numbers/", {"participants": "120", places: "45"}).status_code == 302
    page = desk.get(address).content.decode()
    assert "40 → 45" in page
    assert "40 → 45" in desk.get(f"{address}vote/").content.decode()
    assert desk.post(f"{address}vote/").status_code == 302
    page = desk.get(address).content.decode()
    assert ("正在表决" in page, "草拟" in page) == (True, False)
    row = Amendment.objects.get()
    stage.carried(amendment_queries.resolution_of(row), them.parents)
    assert leader.post(f"{address}file/").status_code == 302
    them.answer(Envelope.objects.get(pk=them.again(row).filing_id), "accepted")
    assert "公示变更" in desk.get(address).content.decode()
    assert desk.post(f"{address}publish/").status_code == 302
    page = desk.get(plan).content.decode()
    assert "方案变更" in page
    assert "第 2 版" in page


def test_families_see_what_is_in_force_and_nothing_before(them):
    row = them.with_places()
    parent = stage.browser(them.school, them.parents[1].user)
    other = stage.browser(them.school, stage.a_parent(makers.a_pupil()).user)
    api = f"/api/v1/plans/{them.plan.pk}/amendments/"
    assert parent.get(f"/desk/amendments/{row.pk}/").status_code == 200  # votes on it
    assert other.get(f"/desk/amendments/{row.pk}/").status_code == 404
    assert other.get(api).json()["results"] == []
    them.publishes(them.accepted(row))
    (found,) = other.get(api).json()["results"]
    assert (found["version"], found["state"], len(found["changes"])) == (2, "in_force", 2)
    assert other.post(f"/desk/plans/{them.plan.pk}/amend/", {"reason": "再改一次"}).status_code == 403


def test_places_that_an_amendment_adds_go_to_who_waits_for_them(them):
    """In the order of applying, in the same step; whoever applies later stands behind."""
    Activity.objects.filter(pk=them.activity.pk).update(capacity=1)
    wanted, sides = them.activity, (makers.a_user("principal"), makers.a_user("committee_chair"))
    families = [enrolment.a_family(name, grade=wanted.grade_from) for name in ("张一", "张二", "张三")]
    first, second = (
        enrolment.approved(
            enrolment.applied(them.school, family, wanted, at=AFTER + n * MINUTE), sides, at=AFTER
        )
        for n, family in enumerate(families[:2])
    )
    assert (first.state, second.state) == ("approved", "waiting")
    row = them.begun()
    actions.change_numbers(amendment=row, participants=120, places={wanted.pk: 2}, by=them.clerk, now=AFTER)
    them.publishes(them.accepted(them.again(row)))
    second.refresh_from_db()
    assert (second.state, them.activity.taken) == ("approved", 2)
