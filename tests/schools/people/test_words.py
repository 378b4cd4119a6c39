"""A pupil's name in what goes out is a question with an answer on record, for this text, by another person."""

from datetime import timedelta

import pytest

from afterbell.audit.models import Entry
from schools.finance import actions as finance
from schools.finance.models import Expenditure
from schools.notices import actions as notices
from schools.notices.models import Notice
from schools.people import named, word_actions, words
from schools.people.models import WordQuestion
from schools.planning import consultation_actions
from tenants.context import in_school
from tenants.exchange import actions as exchange
from tenants.exchange.models import EnvelopeKind
from tenants.exchange.names import NamesAChild
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage as money
from tests.schools.finance.spending_stage import shop
from tests.schools.people.stage import client_of, parent

PLACE = "安康路校区的开放日"
WHY = "安康路是校区所在的路"


@pytest.fixture
def school(north):
    with in_school(north):
        makers.a_pupil(name="安康")
        parent(makers.a_pupil(), name="李强")
        yield north


@pytest.fixture
def clerk(school):
    return makers.a_user("clerk")


@pytest.fixture
def principal(school):
    return makers.a_user("principal")


def draft(by, body=PLACE, **more):
    return notices.write_draft(
        **{"title": "通知", "body": body, "is_open": True, "school_class": None, **more}, by=by, now=NOON
    )


def publish(row, by):
    return notices.publish_draft(draft=row, by=by, now=NOON)


def said(by, *, is_fine=True, reason=WHY):
    for row in WordQuestion.objects.filter(answered_at=None):
        word_actions.answer(question=row, is_fine=is_fine, reason=reason, by=by, now=NOON)


# --- the question ---------------------------------------------------------------------------------------------------


def test_a_place_with_a_pupils_name_goes_out_once_somebody_else_has_said_so(clerk, principal):
    """Issue 9, 16: a pupil called 安康 blocked 安康路校区 for ever."""
    row = draft(clerk)
    with pytest.raises(NamesAChild, match="用词核对"):
        publish(row, principal)
    with pytest.raises(word_actions.OwnWords):
        said(clerk)
    said(principal)
    assert publish(row, principal).body == PLACE
    (question,) = WordQuestion.objects.all()
    assert (question.asked_by, question.answered_by, question.reason) == (clerk, principal, WHY)
    assert Entry.objects.filter(verb__startswith="words.").count() == 2


def test_a_real_name_stays_in_the_school(clerk, principal):
    row = draft(clerk, "祝贺安康同学获奖")
    said(principal, is_fine=False, reason="是三年级学生的姓名")
    with pytest.raises(NamesAChild):
        publish(row, principal)
    assert not Notice.objects.exists()


def test_an_answer_is_for_its_sentence_and_for_its_name(clerk, principal):
    """Asked again only when the text changes; another sentence, or another pupil, is another question."""
    draft(clerk)
    said(principal)
    draft(clerk, f"{PLACE}。\n欢迎各位家长。")
    assert WordQuestion.objects.filter(answered_at=None).count() == 0
    for body in ("安康路校区的开放日请安康参加", "开放日在安康路校区"):
        draft(clerk, body)
        assert WordQuestion.objects.filter(answered_at=None).count() == 1
        said(principal)
    makers.a_pupil(name="康路")
    with pytest.raises(NamesAChild, match="康路"):
        publish(draft(clerk), principal)


def test_a_yes_can_be_taken_back_and_a_no_as_well(clerk, principal):
    """Never a block for ever: the last answer counts, the audit log has all of them."""
    row = draft(clerk)
    said(principal, is_fine=False, reason="先按学生姓名处理")
    question = WordQuestion.objects.get()
    word_actions.answer(question=question, is_fine=True, reason=WHY, by=makers.a_user("deputy"), now=NOON)
    word_actions.answer(question=question, is_fine=False, reason="还是像学生姓名", by=principal, now=NOON)
    with pytest.raises(NamesAChild):
        publish(row, principal)
    word_actions.answer(question=question, is_fine=True, reason=WHY, by=principal, now=NOON)
    assert publish(row, principal)


@pytest.mark.parametrize("reason", ["", " ", "同意", "\x00\u200b", "好 好"])
def test_an_answer_has_a_reason(clerk, principal, reason):
    draft(clerk)
    with pytest.raises(word_actions.NoWordReason):
        said(principal, reason=reason)


def test_the_schools_own_name_is_no_text_of_the_school(school, clerk, principal):
    """湖滨区第一小学 has a pupil called 湖滨: the register's words are not looked at, others beside them are."""
    makers.a_pupil(name="湖滨")
    assert publish(draft(clerk, "湖滨区第一小学告家长书"), principal)
    with pytest.raises(NamesAChild, match="湖滨"):
        publish(draft(clerk, "湖滨区第一小学的湖滨"), principal)


def test_a_long_letter_is_asked_about_by_its_sentences(clerk):
    draft(clerk, "\n".join(f"第{n}天，安康路。" for n in range(3)) + "好。" * 2000 + "x" * 2000)
    assert WordQuestion.objects.count() == 3
    assert [len(piece) for piece in words.sentences("字" * 1200)] == [500, 500, 200]


# --- where texts go out -----------------------------------------------------------------------------------------------


def test_only_what_the_school_wrote_is_looked_at_in_an_envelope(school):
    """A pupil called 方案 or 公示 blocks no filing and no statement."""
    for name in ("公示", "收支", "测试"):
        makers.a_pupil(name=name)
    payload = {
        "term_code": makers.TERM, "month": "2026-09", "opening_fen": 0, "received_fen": 70, "spent_fen": 0,
        "refunded_fen": 0, "closing_fen": 70, "sha256": "a" * 64, "due_date": "2026-10-10", "published_date": "2026-10-09",
    }  # fmt: skip
    exchange.send(
        kind=EnvelopeKind.STATEMENT,
        subject="2026-09 收支公示",
        payload=payload,
        due_at=None,
        by=None,
        now=NOON,
    )
    with pytest.raises(NamesAChild):
        exchange.send(
            kind=EnvelopeKind.REPORT, subject="情况", payload={"about": "other", "note": "公示"}, due_at=None, by=None,
            now=NOON,
        )  # fmt: skip


@pytest.fixture
def in_term(north):
    """Money of a term, and a pupil called 安康."""
    money.the_term()
    with in_school(north):
        makers.a_pupil(name="安康")
        parent(makers.a_pupil(), name="李强")
        yield north


def test_a_consultation_is_asked_about_when_it_is_written_and_opens_when_it_is_answered(in_term):
    clerk = makers.a_user("clerk")
    asked = consultation_actions.draft_consultation(
        term_code=makers.TERM,
        title="意愿征询",
        text=PLACE,
        closes_at=NOON + timedelta(days=9),
        by=clerk,
        now=NOON,
    )
    with pytest.raises(NamesAChild):
        consultation_actions.open_consultation(consultation=asked, by=clerk, now=NOON)
    said(makers.a_user("principal"))
    consultation_actions.open_consultation(consultation=asked, by=clerk, now=NOON)


def test_an_expenditure_is_asked_about_answered_and_seen_by_the_second_person(in_term):
    money.pays(money.a_family(money.monthly_plan()), 10000)
    them = money.people()

    def ask():
        return money.asks(500, them, item="activity_goods", payee=shop("安康文具店"), title="画纸")

    with pytest.raises(NamesAChild):
        ask()
    word_actions.ask(doubts=named.doubts(["安康文具店"]), by=them.treasurer, now=NOON)
    said(them.clerk, reason="是路口的文具店")
    row = ask()
    makers.a_pupil(name="画纸")
    with pytest.raises(NamesAChild, match="画纸"):
        finance.approve_expenditure(expenditure=row, by=them.principal, now=NOON)
    word_actions.ask(doubts=named.doubts(["画纸"]), by=them.principal, now=NOON)
    said(them.clerk, reason="是美术用的画纸")
    approved = finance.approve_expenditure(expenditure=row, by=them.principal, now=NOON)
    assert approved.state == "approved"


# --- pages and API ---------------------------------------------------------------------------------------------------


def test_the_letters_page_shows_the_question_and_the_answer(school, clerk, principal):
    row = draft(clerk)
    writer, leader = client_of(school, clerk), client_of(school, principal)
    page = f"/desk/notices/drafts/{row.pk}/"
    shown = writer.get(page).content.decode()
    assert ("要核对的内容" in shown, "待核对" in shown) == (True, True)
    assert f"{page}publish/" not in leader.get(page).content.decode()
    late = leader.post(f"{page}publish/", follow=True).content.decode()
    assert "用词核对" in late
    with in_school(school):
        question = WordQuestion.objects.get()
    assert "安康" in leader.get("/desk/words/").content.decode()
    assert "等您核对" in leader.get("/desk/").content.decode()
    assert "等您核对" not in writer.get("/desk/").content.decode()
    leader.post(f"/desk/words/{question.pk}/", {"answer": "fine", "reason": WHY})
    assert WHY in leader.get(page).content.decode()
    leader.post(f"{page}publish/")
    with in_school(school):
        assert Notice.objects.get().body == PLACE


def test_a_text_can_be_asked_about_before_it_is_sent(school, clerk):
    writer = client_of(school, clerk)
    assert writer.post("/desk/words/", {"text": "没有姓名的文字"}).status_code == 400
    assert writer.post("/desk/words/", {"text": "x" * 1000}).status_code == 400
    assert writer.post("/desk/words/", {"text": PLACE}).status_code == 302
    for n in (1, 0):
        text = PLACE if n else "没有"
        made = writer.post("/api/v1/words/", {"text": text}, content_type="application/json")
        assert (made.status_code, len(made.json()["questions"])) == (201, n)
    with in_school(school):
        assert WordQuestion.objects.count() == 1


def test_the_chair_sees_the_own_question_without_the_name_and_no_other(school, clerk):
    """A parent: which word of it is a pupil's name, those read who may read about pupils."""
    draft(clerk, "安康街的开放日")
    chair = makers.a_user("committee_chair")
    draft(chair)
    browser = client_of(school, chair)
    listed = browser.get("/api/v1/words/").json()["results"]
    assert [row["text"] for row in listed] == [PLACE]
    page = browser.get("/desk/words/").content.decode()
    assert ("安康街" in page, PLACE in page, "姓名：安康" in page) == (False, True, False)
    assert "姓名：安康" in client_of(school, makers.a_user("principal")).get("/desk/words/").content.decode()


@pytest.mark.parametrize("role", ["guardian", "care_staff", "class_teacher", "treasurer", "committee_member"])
def test_questions_name_pupils_and_are_not_for_everybody(school, clerk, role):
    draft(clerk)
    question = WordQuestion.objects.get()
    other = client_of(school, makers.a_user(role))
    for path in ("/desk/words/", f"/desk/words/{question.pk}/", "/api/v1/words/"):
        assert other.get(path).status_code == 403
    answer = other.post(
        f"/api/v1/words/{question.pk}/answer/",
        {"is_fine": True, "reason": WHY},
        content_type="application/json",
    )
    assert answer.status_code == 403
    assert not Expenditure.objects.exists()
