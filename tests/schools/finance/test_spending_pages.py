"""The page and the API of spending: both persons see the word, refusals are sentences, the register is offered (S2, S26)."""

import re

import pytest
from django.utils import timezone

from afterbell.kernel.dates import Month
from afterbell.kernel.ids import uuid7
from afterbell.kernel.money import Fen
from schools.finance import actions
from schools.finance.models import Account, Expenditure
from schools.people.models import WordQuestion
from tenants.context import in_school
from tests import makers
from tests.schools.finance import stage
from tests.schools.finance.spending_stage import CLUB, a_provider
from tests.schools.finance.test_pages import (  # noqa: F401  (fixtures)
    TODAY,
    Stage,
    first_day,
    no_second_factor,
    school,
    text,
)

PAGE, API = "/finance/expenditure/", "/api/v1/finance/expenditure/"


@pytest.fixture
def on(school):  # noqa: F811  (a fixture)
    found = Stage(school)
    with in_school(school):
        found.hired = makers.a_contract(from_date=first_day(), until_date=TODAY)
    return found


def typed(**more):
    return {
        "item": "activity_goods", "title": "九月支出", "amount": "5", "spent_date": TODAY.isoformat(), "payee": "supplier",
        "payee_name": "晨光文具店", **more,
    }  # fmt: skip


def sent(**more):
    return {
        "term_code": makers.TERM, "item": "activity_goods", "title": "九月支出", "amount": "5.00",
        "spent_date": timezone.localdate().isoformat(), "payee_kind": "supplier", "payee": "晨光文具店", **more,
    }  # fmt: skip


def post(client, path, data):
    return client.post(path, data, content_type="application/json")


def rows(on):
    with in_school(on.school):
        return list(Expenditure.objects.order_by("requested_at", "pk"))


def test_a_word_is_asked_about_once_and_answered_by_the_second_person(on):
    """S2: the asker says yes again, for these words and no others; the decider sees them and gives a reason."""
    treasurer, principal = on.as_(on.them.treasurer), on.as_(on.them.principal)
    warned = treasurer.post(PAGE, typed(title="活动室使用费"))
    assert (warned.status_code, rows(on)) == (200, [])
    for said in ("活动室使用", "免费提供", "仍然提交", "晨光文具店"):
        assert said in text(warned)
    other = treasurer.post(PAGE, typed(title="校外机构合作费", goes_on="活动室使用"))
    assert ("合作费" in text(other), rows(on)) == (True, [])
    gone = treasurer.post(PAGE, typed(title="活动室使用费", goes_on="活动室使用"), follow=True)
    assert "活动室使用" in text(gone)
    (row,) = rows(on)
    decide = f"{PAGE}{row.pk}/decide/"
    shown = text(principal.get(f"{PAGE}{row.pk}/"))
    for said in ("提示词", "活动室使用", "晨光文具店", "活动耗材", "课后服务工作实施方案"):
        assert said in shown
    refused = principal.post(decide, {"decision": "approve", "reason": ""})
    assert (refused.status_code, "写明批准理由" in text(refused)) == (409, True)
    assert principal.post(decide, {"decision": "approve", "reason": "x" * 1000}).status_code == 400
    assert (
        principal.post(decide, {"decision": "approve", "reason": "买的是桌签，事由有误"}).status_code == 302
    )
    assert "买的是桌签" in text(treasurer.get(f"{PAGE}{row.pk}/"))
    with in_school(on.school):
        assert Account.objects.get(code="cash").balance_fen == 19500


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("外聘老师课酬", "付给人的报酬"),
        ("美术老师上课的钱", "付给人的报酬"),
        ("校长奖金", "奖金、聚餐或礼品"),
        ("教师聚餐", "奖金、聚餐或礼品"),
        ("过节礼品", "奖金、聚餐或礼品"),
        ("教室占用补偿", "由学校免费提供"),
        ("设备损耗", "由学校免费提供"),
        ("网络费", "由学校承担"),
        ("投影仪维护", "由学校免费提供"),
    ],
)
def test_both_persons_read_what_kind_of_thing_a_purpose_speaks_of(on, title, said):
    """Issue 8, 11: these warned nobody, on the page and by the API."""
    treasurer, principal = on.as_(on.them.treasurer), on.as_(on.them.principal)
    warned = treasurer.post(PAGE, typed(title=title))
    assert (warned.status_code, said in text(warned), rows(on)) == (200, True, [])
    made = post(treasurer, API, sent(title=title)).json()
    assert any(said in found["sentence"] for found in made["findings"])
    assert said in text(principal.get(f"{PAGE}{made['id']}/"))
    bare = post(principal, f"{API}{made['id']}/approve/", {})
    assert (bare.status_code, bare.json()["code"]) == (400, "finance.no_decision_reason")


@pytest.mark.parametrize("title", ["饮用水", "画纸", "教具", "篮球"])
def test_goods_are_asked_nothing_on_the_page_and_by_the_api(on, title):
    assert on.as_(on.them.treasurer).post(PAGE, typed(title=title)).status_code == 302
    assert post(on.as_(on.them.treasurer), API, sent(title=title, amount="6.00")).json()["findings"] == []


def test_a_payee_whom_a_register_knows_is_said_on_the_page_and_by_the_api(on):
    a_provider()
    treasurer, principal = on.as_(on.them.treasurer), on.as_(on.them.principal)
    for name, said in (("青禾", f"名录中是“{CLUB}”"), ("陈静", "本校教职工、服务人员或家长")):
        assert said in text(treasurer.post(PAGE, typed(payee_name=name)))
        made = post(treasurer, API, sent(payee=name)).json()
        assert said in made["findings"][0]["sentence"]
        assert said in text(principal.get(f"{PAGE}{made['id']}/"))


def test_drinking_water_goes_straight_through(on):
    assert (
        on.as_(on.them.treasurer).post(PAGE, typed(item="drinking_water", title="饮用水")).status_code == 302
    )
    assert rows(on)[0].warning == ""


def test_the_asker_reads_why_it_was_refused(on):
    treasurer, principal = on.as_(on.them.treasurer), on.as_(on.them.principal)
    treasurer.post(PAGE, typed())
    (row,) = rows(on)
    principal.post(f"{PAGE}{row.pk}/decide/", {"decision": "refuse", "reason": "发票抬头不对"})
    assert "发票抬头不对" in text(treasurer.get(f"{PAGE}{row.pk}/"))


def test_the_form_offers_who_may_be_paid(on):
    """People hired in the term and the organisations in force, and no others."""
    club = a_provider()
    a_provider(
        name="旧机构",
        credit_code="9144030071526726XG",
        approved_until_date=first_day().replace(year=2026, day=2),
    )
    treasurer = on.as_(on.them.treasurer)
    page = text(treasurer.get(PAGE))
    for said in ("陈静", on.hired.number, CLUB, "按课时费表", "饮用水", "学生意外保险"):
        assert said in page
    for absent in ("旧机构", 'value="venue"', "水电费"):
        assert absent not in page
    paid = typed(item="approved_service", payee=f"provider:{club.pk}", payee_name="")
    assert treasurer.post(PAGE, paid).status_code == 302
    one = typed(item="teaching_pay", payee=f"contract:{on.hired.pk}", payee_name="")
    assert treasurer.post(PAGE, one).status_code == 302
    assert {row.payee for row in rows(on)} == {CLUB, "陈静"}
    assert CLUB in text(on.as_(on.them.principal).get(PAGE))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"item": "venue"}, "项目"),
        ({"item": ""}, "项目"),
        ({"title": ""}, "事由"),
        ({"title": "\u200b"}, "请填写事由"),
        ({"title": "字" * 1000}, "事由"),
        ({"amount": "0"}, "大于零"),
        ({"amount": "0.001"}, "最小到分"),
        ({"amount": "10000000000000.01"}, "太大"),
        ({"amount": "9" * 1000}, "金额"),
        ({"payee": ""}, "收款方"),
        ({"payee": "contract:x"}, "收款方"),
        ({"payee_name": ""}, "请填写商家名称"),
        ({"payee_name": "店" * 1000}, "商家名称"),
        ({"spent_date": "2099-12-31"}, "不在学期之内"),
        ({"spent_date": ""}, "支出日期"),
        ({"item": "approved_service", "payee_name": "阳光教育有限公司", "goes_on": "教育"}, "合作机构名录"),
        ({"item": "activity_goods", "payee": "sheet", "payee_name": ""}, "只能付给"),
        ({"item": "teaching_pay", "payee": "sheet"}, "请清空商家名称"),
    ],
)
def test_a_wrong_request_is_a_sentence_and_what_was_typed_is_kept(on, more, said):
    answer = on.as_(on.them.treasurer).post(PAGE, typed(**more))
    assert (answer.status_code, said in text(answer), rows(on)) == (400, True, [])
    assert 'value="9' in text(answer) or "九月支出" in text(answer) or "title" in more


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"item": "venue"}, 400, None),
        ({"payee_kind": "friend"}, 400, None),
        ({"title": ""}, 400, None),
        ({"title": "字" * 1000}, 400, None),
        ({"payee": "店" * 1000}, 400, None),
        ({"payee": ""}, 400, "finance.no_payee"),
        ({"amount": "10000000000000.01"}, 400, "money.too_much"),
        ({"amount": "-1"}, 400, "money.negative"),
        ({"amount": "0"}, 400, "finance.nothing_spent"),
        ({"spent_date": "2001-01-01"}, 409, "finance.date_outside_term"),
        ({"spent_date": "0001-01-01"}, 400, None),
        ({"contract": "x"}, 400, None),
        (
            {"item": "insurance", "payee_kind": "provider", "payee": "阳光有限公司"},
            409,
            "finance.provider_not_on_register",
        ),
        ({"item": "insurance", "payee_kind": "supplier"}, 409, "finance.provider_not_on_register"),
        ({"item": "teaching_pay", "payee_kind": "staff", "payee": "张三"}, 409, "finance.payee_not_hired"),
        ({"payee_kind": "staff", "payee": ""}, 409, "finance.payee_does_not_fit"),
    ],
)
def test_the_api_refuses_the_same(on, more, status, code):
    answer = post(on.as_(on.them.treasurer), API, sent(**more))
    assert (answer.status_code, answer.json().get("code"), rows(on)) == (status, code, [])


def test_the_api_warns_in_its_answer_and_asks_for_the_reason(on):
    made = post(on.as_(on.them.treasurer), API, sent(title="校舍使用"))
    assert (made.status_code, made.json()["warning"], made.json()["kind"]) == (201, "校舍", "materials")
    approve, principal = f"{API}{made.json()['id']}/approve/", on.as_(on.them.principal)
    bare = post(principal, approve, {})
    assert (bare.status_code, bare.json()["code"]) == (400, "finance.no_decision_reason")
    approved = post(principal, approve, {"reason": "买的是扫帚，不是校舍"})
    assert (approved.json()["state"], approved.json()["decision_reason"]) == (
        "approved",
        "买的是扫帚，不是校舍",
    )


def key_of(page):
    return re.search(r'name="key" value="([^"]+)"', text(page))[1]


def test_the_second_click_answers_with_the_first_request(on):
    treasurer = on.as_(on.them.treasurer)
    sent_twice = typed(key=key_of(treasurer.get(PAGE)))
    first, second = (treasurer.post(PAGE, sent_twice) for _ in range(2))
    assert (first.status_code, first.url) == (302, second.url)
    assert len(rows(on)) == 1
    changed = treasurer.post(PAGE, {**sent_twice, "title": "十月支出"})
    assert (changed.status_code, "已经提交过" in text(changed)) == (400, True)
    for strange in ("", "x", "\x00", rows(on)[0].pk):  # a page of yesterday: the same money is asked about
        again = treasurer.post(PAGE, typed(key=strange))
        assert again.status_code == 400 or "已经有一笔" in text(again)
    assert len(rows(on)) == 1
    assert key_of(treasurer.get(PAGE)) != key_of(treasurer.get(PAGE))


def test_the_api_takes_a_key_too(on):
    treasurer, key = on.as_(on.them.treasurer), str(uuid7())
    made = [post(treasurer, API, sent(key=key)) for _ in range(2)]
    assert ([each.status_code for each in made], made[0].json()["id"]) == ([201, 201], made[1].json()["id"])
    other = post(treasurer, API, sent(key=key, title="别的"))
    assert (other.status_code, other.json()["code"]) == (409, "finance.expenditure_asked_otherwise")
    assert post(treasurer, API, sent(key="x")).status_code == 400
    assert len(rows(on)) == 1


@pytest.mark.parametrize("late", ["decided", "closed"])
def test_a_late_decision_is_a_page_with_its_sentence(on, late):
    """A tab of yesterday: somebody decided meanwhile, or the month was closed (then it is booked in the open one)."""
    on.as_(on.them.treasurer).post(PAGE, typed())
    (row,) = rows(on)
    principal, decide = on.as_(on.them.principal), f"{PAGE}{row.pk}/decide/"
    with in_school(on.school):
        if late == "decided":
            actions.refuse_expenditure(
                expenditure=row, reason="没有发票", by=on.them.chair, now=timezone.now()
            )
        else:
            actions.end_service(
                plan=on.plan, reason="校舍维修，服务停止", by=on.them.principal, now=timezone.now()
            )
            month = Month.of(first_day())
            while month <= Month.of(TODAY):
                actions.close_month(
                    term_code=makers.TERM, month=str(month), by=on.them.treasurer, now=timezone.now()
                )
                month = month.following()
    answer = principal.post(decide, {"decision": "approve", "reason": "可以"})
    if late == "closed":
        assert (answer.status_code, rows(on)[0].state) == (302, "approved")
    else:
        assert (answer.status_code, "当前状态是“未批准”" in text(answer)) == (409, True)
        assert "没有办理" in text(answer)
        assert "没有发票" in text(answer)
    again = principal.post(decide, {"decision": "refuse", "reason": "晚了"})
    assert (again.status_code, "不能改为“未批准”" in text(again)) == (409, True)


def test_an_old_row_has_its_page(on):
    with in_school(on.school):
        old = Expenditure.objects.create(
            term_code=makers.TERM, kind="other", title="旧账", amount_fen=Fen(1), spent_date=TODAY,
            requested_by=on.them.treasurer, requested_at=timezone.now(),
        )  # fmt: skip
    client = on.as_(on.them.principal)
    assert "旧账" in text(client.get(PAGE))
    assert "其他允许支出" in text(client.get(f"{PAGE}{old.pk}/"))


@pytest.mark.parametrize("many", [1, 30])
def test_pages_need_twenty_queries_at_most(on, many, django_assert_max_num_queries):
    with in_school(on.school):
        for _ in range(many):
            makers.a_contract(from_date=first_day(), until_date=TODAY)
            stage.asks(5, on.them, spent_date=TODAY, now=timezone.now())
    client, (row, *_) = on.as_(on.them.treasurer), rows(on)
    for page in (PAGE, f"{PAGE}{row.pk}/"):
        with django_assert_max_num_queries(20):
            assert client.get(page).status_code == 200


@pytest.mark.parametrize("way", ["page", "api"])
def test_a_childs_name_is_refused_and_the_question_stays_for_somebody_else(on, way):
    """The refusal takes nothing back with it: the clerk finds the question, answers, and the treasurer sends it again."""
    with in_school(on.school):
        makers.a_pupil(name="安康")
    treasurer, clerk = on.as_(on.them.treasurer), on.as_(on.them.clerk)

    def send():
        if way == "page":
            return treasurer.post(PAGE, typed(payee_name="安康路文具店"))
        return post(treasurer, API, sent(payee="安康路文具店"))

    refused = send()
    assert (refused.status_code, rows(on)) == (400 if way == "page" else 409, [])
    assert "用词核对" in (text(refused) if way == "page" else refused.json()["detail"])
    with in_school(on.school):
        question = WordQuestion.objects.get()
        assert question.asked_by == on.them.treasurer
    said = {"is_fine": True, "reason": "安康路是店所在的路"}
    assert post(clerk, f"/api/v1/words/{question.pk}/answer/", said).status_code == 200
    assert send().status_code in (201, 302)
    (row,) = rows(on)
    assert "安康路是店所在的路" in text(on.as_(on.them.principal).get(f"{PAGE}{row.pk}/"))


def test_the_writer_does_not_answer_what_the_approver_met(on):
    """A child of that name came after the request: the question stands under who wrote the words; the approver answers."""
    with in_school(on.school):
        asked = stage.asks(
            100, on.them, by=on.them.clerk, kind="materials", title="小安康活动耗材", payee=stage.SHOP
        )
        makers.a_pupil(name="安康")
    principal, clerk = on.as_(on.them.principal), on.as_(on.them.clerk)
    decide = f"{PAGE}{asked.pk}/decide/"
    assert principal.post(decide, {"decision": "approve", "reason": "确实需要"}).status_code == 409
    with in_school(on.school):
        question = WordQuestion.objects.get()
        assert question.asked_by == on.them.clerk
    assert principal.post(decide, {"decision": "approve", "reason": "确实需要"}).status_code == 409
    said = {"answer": "fine", "reason": "安康是小区的名字"}
    page = f"/desk/words/{question.pk}/"
    own = "这段文字是您提交的"
    refused = clerk.post(page, said)
    assert (refused.status_code, own in text(refused)) == (400, True)
    assert own not in text(principal.get(page))
    assert principal.post(page, said).status_code == 302
    assert principal.post(decide, {"decision": "approve", "reason": "确实需要"}).status_code == 302
