"""What a family hears of its money: charges, waivers, refunds, shares; who hears nothing; who has read it."""

from datetime import timedelta

import pytest

from afterbell.audit.models import Entry
from afterbell.kernel.money import Fen
from schools.committee.models import Subject
from schools.finance import actions, reached
from schools.finance.models import Charge, Refund
from schools.notices import actions as notices
from schools.notices import news
from schools.notices.models import Seen
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.SECOND_FACTOR = "optional"


@pytest.fixture
def books(north):
    stage.the_term()
    return north


def login_of(family, role="guardian"):
    """The family's adult gets a login."""
    user = makers.a_user(role)
    guardian = family.application.guardian
    guardian.user = user
    guardian.save()
    return user


def charged(families=1):
    them, plan = stage.people(), stage.monthly_plan()
    rows = [stage.a_family(plan, school_signed_by=them.principal) for _ in range(families)]
    run = actions.charge_period(plan=plan, period="2026-09", by=them.clerk, now=NOON)
    return them, rows, run


def titles(user):
    return [each.news.title for each in news.of(user) if each.news.kind != "托管协议"]


def lines(user, title):
    return next(each.news.lines() for each in news.of(user) if each.news.title == title)


def test_a_charge_is_told_with_its_sum_how_it_came_about_and_where_to_pay(books):
    """S36: what was promised under the agreement."""
    with in_school(books):
        _them, (family,), _run = charged()
        user = login_of(family)
        assert titles(user) == ["2026-09 应缴 ¥130.00"]
        said = lines(user, "2026-09 应缴 ¥130.00")
    assert said[:2] == ["1 个月 × ¥130.00 = ¥130.00", "应缴 ¥130.00"]
    assert any(family.number in line and "缴给：学校" in line for line in said)


def test_a_charge_that_was_taken_back_is_told_anew(books):
    with in_school(books):
        them, (family,), run = charged()
        user = login_of(family)
        notices.read_news(about=Charge.objects.get().pk, what="charged", by=user, now=NOON)
        actions.take_back(run=run, reason="标准填错", by=them.clerk, now=NOON)
        assert titles(user) == ["2026-09 的费用已撤回，不用缴"]
        assert not next(each for each in news.of(user) if each.news.kind == "缴费通知").is_read


def test_a_decided_waiver_is_told_whatever_the_decision(books):
    with in_school(books):
        them, families, _run = charged(2)
        granted, refused = (login_of(family) for family in families)
        stage.waives(families[0].charges.get(), them, fen=5000)
        asked = actions.request_waiver(
            charge=families[1].charges.get(), reason="hardship", proof="低保证 1", amount=Fen(100), by=them.clerk,
            now=NOON,
        )  # fmt: skip
        assert titles(refused) == ["2026-09 应缴 ¥130.00"]
        actions.refuse_waiver(waiver=asked, reason="证明已过期", by=them.principal, now=NOON)
        assert "2026-09 的费用已减免" in titles(granted)
        assert "没有批准的原因：证明已过期" in lines(refused, "2026-09 的减免没有批准")


def test_each_step_of_a_refund_is_told(books):
    """S37: drafted, issued, sent back by the bank, issued again, arrived."""
    with in_school(books):
        them, (family,), _run = charged()
        user = login_of(family)
        stage.pays(family, 20000)
        refund = Refund.objects.create(
            agreement=family, term_code=makers.TERM, cause="exit", key="k", amount_fen=500, explanation="算法一\n算法二",
            created_at=NOON, prepared_by=them.clerk,
        )  # fmt: skip
        assert "应退 ¥5.00，等待发放" in titles(user)
        later = NOON + timedelta(hours=1)
        actions.issue_refund(refund=refund, by=them.principal, now=later)
        assert "退费 ¥5.00 已发放" in titles(user)
        notices.read_news(about=refund.pk, what="refund_issued_1", by=user, now=later)
        actions.fail_refund(refund=refund, by=them.principal, now=later + timedelta(days=1))
        failed = next(each for each in news.of(user) if each.news.title == "退费 ¥5.00 没有发放成功")
        assert failed.news.at == later + timedelta(days=1)
        assert not failed.is_read
        actions.issue_refund(refund=refund, by=them.principal, now=later + timedelta(days=2))
        assert not next(each for each in news.of(user) if each.news.title == "退费 ¥5.00 已发放").is_read
        actions.confirm_refund(refund=refund, by=them.principal, now=later + timedelta(days=3))
        assert "算法二" in lines(user, "退费 ¥5.00 已到账")


def test_only_who_may_sign_for_the_child_hears_of_it(books):
    """A collector, a denied adult, an adult whose tie has ended, another family, staff: nothing, and no number of it."""
    with in_school(books):
        them, families, _run = charged(2)
        mother, stranger = (login_of(family) for family in families)
        pupil, charge = families[0].pupil, families[0].charges.get()
        grandma, denied, gone = (makers.a_user("guardian") for _ in range(3))
        makers.a_tie(makers.a_guardian(user=grandma), pupil, may_sign=False)
        makers.a_tie(makers.a_guardian(user=denied), pupil, is_denied=True, denied_reason="法院判决")
        makers.a_tie(makers.a_guardian(user=gone), pupil, may_sign=True, ended_at=NOON)
        assert len(titles(mother)) == 1
        for user in (grandma, denied, gone, them.principal):
            assert news.of(user) == []
            with pytest.raises(notices.NotYours):
                notices.read_news(about=charge.pk, what="charged", by=user, now=NOON)
        assert news.one_of(stranger, charge.pk, "charged") is None
    page = f"/family/notices/{charge.pk}/charged/"
    assert stage.logged_in(books, stranger).get(page).status_code == 404
    assert stage.logged_in(books, denied).get(page).status_code == 404
    assert stage.logged_in(books, mother).get(page).status_code == 200
    with in_school(books):
        families[0].application.guardian.ties.update(
            may_sign=False, may_collect=False, is_denied=True, denied_reason="x"
        )
    assert stage.logged_in(books, mother).get(page).status_code == 404
    assert "应缴" not in stage.logged_in(books, mother).get("/family/notices/").content.decode()


def test_read_once_is_read_and_audited_once(books):
    with in_school(books):
        _them, (family,), _run = charged()
        user = login_of(family)
        charge = family.charges.get()
    client = stage.logged_in(books, user)
    assert "2 份通知未读" in client.get("/family/").content.decode()
    for _ in range(2):
        assert "¥130.00" in client.get(f"/family/notices/{charge.pk}/charged/").content.decode()
    with in_school(books):
        assert Seen.objects.count() == 1
        assert Entry.objects.filter(verb="notices.news.read").count() == 1
    assert "1 份通知未读" in client.get("/family/").content.decode()


def test_the_office_sees_how_many_have_read_it_and_who_needs_paper(books):
    with in_school(books):
        them, families, run = charged(3)
        users = [login_of(family) for family in families[:2]]
        notices.read_news(about=families[0].charges.get().pk, what="charged", by=users[0], now=NOON)
        assert reached.by_run([run])[run.pk] == (3, 2, 1)
    page = stage.logged_in(books, them.clerk).get(f"/finance/charges/?term={makers.TERM}").content.decode()
    assert "1 / 3 户（1 户没有能登录的家长，请书面告知）" in page


@pytest.mark.parametrize("families", [2, 12])
def test_reach_and_an_inbox_need_a_fixed_number_of_queries(books, families, django_assert_max_num_queries):
    with in_school(books):
        _them, rows, run = charged(families)
        user = login_of(rows[0])
        guardian = rows[0].application.guardian
        for row in rows[1:]:
            makers.a_tie(guardian, row.pupil, may_sign=True)
        with django_assert_max_num_queries(3):
            reached.by_run([run])
        with django_assert_max_num_queries(12):
            assert len(titles(user)) == families


def test_the_api_tells_the_same(books):
    with in_school(books):
        _them, (family,), _run = charged()
        user = login_of(family)
        charge = family.charges.get()
    client = stage.logged_in(books, user)
    rows = client.get("/api/v1/notices/news/").json()["results"]
    assert ("2026-09 应缴 ¥130.00", False) in [(row["title"], row["is_read"]) for row in rows]
    one = client.get(f"/api/v1/notices/news/{charge.pk}/charged/").json()
    assert "应缴 ¥130.00" in one["lines"]
    assert one["is_read"] is False
    assert client.post(f"/api/v1/notices/news/{charge.pk}/charged/read/").json()["is_read"] is True
    assert client.post(f"/api/v1/notices/news/{charge.pk}/nonsense/read/").status_code == 404


def test_a_settlement_is_told_with_its_proof(books):
    """S37: each family sees its own sum; a share of nothing is told, too."""
    with in_school(books):
        them, (family,), _run = charged()
        user = login_of(family)
        stage.pays(family, 13000)
        family.plan.state = "ended"
        family.plan.save()
        stage.closes_the_term(them)
        made = actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=stage.OVER)
        makers.a_passed_resolution(Subject.SETTLEMENT, object_id=made.pk)
        actions.batch_settlement(settlement=made, by=them.principal, now=stage.OVER)
        told = [title for title in titles(user) if title.startswith("学期结算")]
        assert told == ["学期结算：退还 ¥130.00"]
        assert lines(user, told[0])[-2:] == ["合计退还 ¥130.00。", "发放后会在“通知”里告诉您。"]
        assert reached.of_settlement(made) == (1, 1, 0)
