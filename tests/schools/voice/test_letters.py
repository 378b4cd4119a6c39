"""Whoever complains is safe (S46): what a family says to the bureau is the bureau's, until the bureau passes it on."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction

from afterbell.audit.models import Entry
from afterbell.kernel.dates import local_date
from afterbell.kernel.ids import uuid7
from afterbell.outbox.models import Mark
from oversight.facts import actions as facts
from oversight.facts.models import MonthFact
from schools.voice import carrying, complaint_actions, complaint_queries, letters, refusals, tasks
from schools.voice.models import Complaint
from tenants import context
from tenants.context import in_city
from tenants.exchange import actions as exchange
from tenants.exchange import relay
from tenants.exchange.models import Envelope, EnvelopeKind
from tenants.letterbox import actions
from tenants.letterbox import refusals as no
from tenants.letterbox.family_actions import Wanted
from tenants.letterbox.models import Accused, BureauComplaint, ComplaintKind, Origin, Passing
from tests import makers
from tests.oversight.hearings import stage as desk
from tests.schools.enrolment.stage import browser, text
from tests.schools.voice import stage

NEW = "/family/complaints/new/"
WORDS = "班主任要求全班都参加，不参加要写说明"
HELD_BY_OTHERS = ("outbox_mark", "django_session", "axes_accesslog", "usersessions_usersession")
"""What any request of anybody writes: marks of months and terms, and sessions of browsers."""


def say(school, by, *, kind=ComplaintKind.FORCED, key=None, words=WORDS, at=None, **more):
    wanted = Wanted(kind, words, **more)
    return letters.submit(school=school, key=key or uuid7(), wanted=wanted, by=by, now=at or stage.now())


def rows_of_the_school():
    """Every row of the school's schema as text, by table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1")
        found = {}
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" AS t')
            found[table] = sorted(row for (row,) in cursor.fetchall())
    return found


# --- the school has nothing of it ---------------------------------------------------------------------------------------


def test_no_row_of_the_schools_schema_knows_of_it(school, parent):
    """Said on the page: no table has a row more, but marks of a month and a term and the browser's session."""
    client = browser(school, parent)
    client.get(NEW)
    before = rows_of_the_school()
    answer = client.post(
        NEW, {"kind": "forced", "addressee": "bureau", "may_name": "no", "accused": "teacher", "text": WORDS}
    )
    assert answer.status_code == 302
    after = rows_of_the_school()
    changed = {table for table in after if after[table] != before[table]}
    assert changed <= set(HELD_BY_OTHERS)
    assert not [row for rows in after.values() for row in rows if "写说明" in row]
    assert {mark.grain for mark in Mark.objects.all()} == {"month", "term"}
    with in_city():
        made = BureauComplaint.objects.get()
        assert (made.text, made.guardian_name, made.state) == (WORDS, "李强", "open")
        assert made.due_at - made.submitted_at == timedelta(days=15)
        entry = Entry.objects.get(verb="letterbox.submit")
        assert "李强" not in str(entry.details)


def test_the_schools_role_has_no_right_on_it(school, parent):
    say(school, parent)
    for table in ("bureaucomplaint", "passing", "step"):
        for statement in (f"SELECT 1 FROM public.letterbox_{table}", f"DELETE FROM public.letterbox_{table}"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                connection.cursor().execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 FROM accounts_user",
        "SELECT 1 FROM oversight_monthfact",
        "DELETE FROM letterbox_bureaucomplaint",
        "UPDATE letterbox_step SET said = 'x'",
        "UPDATE letterbox_passing SET text = 'x'",
        "UPDATE audit_entry SET verb = 'x'",
    ],
)
def test_at_the_letterbox_a_family_may_do_nothing_else(school, statement):
    with (
        context.at_letterbox(),
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
    ):
        connection.cursor().execute(statement)


def test_nobody_at_school_reads_counts_or_is_told_of_it(school, parent, principal):
    made = say(school, parent)
    for user in (principal, makers.a_user("deputy"), makers.a_user("clerk")):
        client = browser(school, user)
        for path in ("/desk/complaints/", "/desk/", "/accounts/audit/", "/desk/overview/"):
            page = text(client.get(path))
            assert made.number not in page
            assert WORDS not in page
        assert client.get("/api/v1/complaints/").json()["count"] == 0
        for path in (
            f"/desk/complaints/{made.pk}/",
            f"/family/complaints/bureau/{made.pk}/",
            f"/api/v1/complaints/{made.pk}/",
            f"/api/v1/family/bureau-complaints/{made.pk}/",
        ):
            assert client.get(path).status_code in (403, 404)
        assert complaint_queries.waiting_for(user, stage.now()) == []
    today = local_date(stage.now())
    assert complaint_queries.counts(today, today).all == 0
    assert not Envelope.objects.exists()
    assert not Entry.objects.filter(verb__startswith="voice").exists()


def test_another_family_finds_nothing(school, parent):
    made, other = say(school, parent), makers.a_user("guardian")
    makers.a_guardian(makers.a_pupil(), user=other)
    client = browser(school, other)
    for path in ("", "add/", "again/", "close/"):
        assert client.get(f"/family/complaints/bureau/{made.pk}/{path}").status_code == 404
    assert client.get("/api/v1/family/bureau-complaints/").json()["count"] == 0
    for deed in (letters.close, letters.add, letters.reopen):
        words = {} if deed is letters.close else {"text": "又"}
        with pytest.raises(no.NotYours):
            deed(complaint=made, by=other, now=stage.now(), **words)
    key = made.pk
    with pytest.raises(no.KeyIsTaken):
        say(school, other, key=key)
    body = {"id": str(key), "kind": "fee", "text": "多收了"}
    refused = client.post("/api/v1/family/bureau-complaints/", body, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "letterbox.key_is_taken")


def test_a_complaint_to_the_school_has_its_key_to_itself_too(school, parent):
    other = makers.a_user("guardian")
    makers.a_guardian(makers.a_pupil(), user=other)
    body = {"id": str(uuid7()), "kind": "fee", "text": "多收了"}
    answers = [
        browser(school, user).post("/api/v1/family/complaints/", body, content_type="application/json")
        for user in (parent, parent, other)
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 409]
    assert answers[2].json()["code"] == "letterbox.key_is_taken"
    assert Complaint.objects.get().guardian.user == parent


@pytest.mark.parametrize("role", ["principal", "clerk", "class_teacher", "care_staff", "committee_chair"])
def test_only_guardians_complain(school, role):
    with pytest.raises(refusals.OnlyTheComplainant):
        say(school, makers.a_user(role))


def test_the_same_key_is_the_same_complaint(school, parent):
    key = uuid7()
    assert say(school, parent, key=key).pk == say(school, parent, key=key).pk
    with in_city():
        assert BureauComplaint.objects.count() == 1
        assert Entry.objects.filter(verb="letterbox.submit").count() == 1


@pytest.mark.parametrize("words", ["", "   "])
def test_words_are_what_it_is_about(school, parent, words):
    with pytest.raises(no.NoText):
        say(school, parent, words=words)


# --- the bureau passes it on ---------------------------------------------------------------------------------------------


def passed(school, made, officer, *, named=False, words="请核实一个班的通知", now=None, **more):
    now = now or stage.now()
    with in_city():
        row = BureauComplaint.objects.get(pk=made.pk)
        if row.state == "open":
            actions.receive(complaint=row, by=officer, now=now)
        given = {"accused": Accused.NOBODY, "accused_name": "", **more}
        passing = actions.pass_on(
            complaint=row,
            text=words,
            is_named=named,
            due_at=now + timedelta(days=5),
            by=officer,
            now=now,
            **given,
        )
    relay.relay_school(school, now)
    return passing


def test_without_a_name_the_school_has_the_bureaus_words_alone_and_its_answer_goes_back(
    school, parent, principal
):
    made, officer = say(school, parent), desk.an_officer()
    passed(school, made, officer)
    row = Complaint.objects.get()
    assert (row.addressee, row.guardian, row.text) == ("bureau", None, "请核实一个班的通知")
    client = browser(school, principal)
    page = text(client.get(f"/desk/complaints/{row.pk}/"))
    assert "教育局转来核实" in page
    assert WORDS not in page
    assert "李强" not in page
    assert made.number not in page
    assert "我向教育局的投诉" not in page
    assert [item.due for item in complaint_queries.waiting_for(principal, stage.now())] == [row.due_at]
    client.post(f"/desk/complaints/{row.pk}/", {"text": "通知有误，已更正。"})
    assert Complaint.objects.get().state == "answered"
    relay.relay_school(school, stage.now())
    with in_city():
        back = BureauComplaint.objects.get(pk=made.pk)
        assert (back.state, back.passings.get().answer) == ("returned", "通知有误，已更正。")
        actions.answer(complaint=back, text="学校已更正通知。", by=officer, now=stage.now())
    relay.relay_school(school, stage.now())
    assert Complaint.objects.get().state == "closed"
    assert Envelope.objects.get().answer_note == ""
    mine = text(browser(school, parent).get(f"/family/complaints/bureau/{made.pk}/"))
    assert "学校已更正通知。" in mine
    assert "通知有误，已更正。" not in mine


def test_what_was_passed_on_is_the_bureaus_to_watch(school, parent, principal):
    """The family has one page of it; the school's lateness sends nothing up again."""
    made = say(school, parent, may_name=True)
    passed(school, made, desk.an_officer(), named=True)
    row = Complaint.objects.get()
    assert row.guardian.user == parent
    assert list(complaint_queries.of_family(parent)) == []
    for deed in (complaint_actions.close, complaint_actions.escalate):
        more = {"school": school} if deed is complaint_actions.escalate else {}
        with pytest.raises(refusals.OnlyTheComplainant):
            deed(complaint=row, by=parent, now=stage.now(), **more)
    late = stage.now() + timedelta(days=30)
    assert complaint_actions.escalate_overdue(school=school, now=late) == 0
    assert not Envelope.objects.exists()


def test_the_relay_may_stop_anywhere_and_passes_on_once(school, parent, principal, monkeypatch):
    made = say(school, parent)
    with monkeypatch.context() as struck:
        struck.setattr(carrying.passed_on, "take_in", _lightning)
        with pytest.raises(ExceptionGroup):
            passed(school, made, desk.an_officer())
    assert not Complaint.objects.exists()
    for _round in range(3):
        relay.relay_school(school, stage.now())
    assert Complaint.objects.count() == 1
    with in_city():
        Passing.objects.update(carried_at=None)  # the machine stopped before the city knew
    relay.relay_school(school, stage.now())
    assert Complaint.objects.count() == 1


def _lightning(**_given):
    raise RuntimeError("the machine stops here")


def test_a_childs_name_does_not_leave_with_the_schools_answer(school, parent, principal):
    made = say(school, parent)
    passed(school, made, desk.an_officer())
    client = browser(school, principal)
    answer = client.post(f"/desk/complaints/{Complaint.objects.get().pk}/", {"text": "是李小明家长误会了"})
    assert (answer.status_code, "某学生" in text(answer)) == (400, True)
    assert Complaint.objects.get().state == "open"


@pytest.mark.parametrize("whom", [Accused.PRINCIPAL, Accused.DEPUTY])
def test_at_school_the_accused_does_not_see_it(school, parent, principal, whom):
    deputy = makers.a_user("deputy")
    made = say(school, parent, accused=whom)
    passed(school, made, desk.an_officer())
    pk = Complaint.objects.get().pk
    people = {Accused.PRINCIPAL: principal, Accused.DEPUTY: deputy}
    seen = {
        who: browser(school, user).get(f"/desk/complaints/{pk}/").status_code for who, user in people.items()
    }
    assert seen == {who: 404 if who is whom else 200 for who in people}


def test_where_nobody_is_left_it_comes_back_to_the_bureau(school, parent, principal):
    """A principal without a deputy."""
    made = say(school, parent, accused=Accused.PRINCIPAL)
    passed(school, made, desk.an_officer())
    assert not Complaint.objects.exists()
    with in_city():
        row = BureauComplaint.objects.get(pk=made.pk)
        assert row.state == "received"
        assert [step.kind for step in row.steps.order_by("at", "pk")][-1] == "bounced"


# --- the family follows it -------------------------------------------------------------------------------------------------


def test_the_family_is_told_adds_asks_again_and_closes(school, parent):
    made, officer, client = say(school, parent), desk.an_officer(), browser(school, parent)
    page, own = f"/family/complaints/bureau/{made.pk}/", "/family/complaints/"
    assert made.number in text(client.get(own))
    assert complaint_queries.waiting_for(parent, stage.now()) == []
    assert client.post(f"{page}add/", {"text": "又发了一次通知"}).status_code == 302
    assert client.post(f"{page}again/", {"text": "不满意"}).status_code == 409
    assert client.post(f"{page}close/").status_code == 409
    for deed, words in ((actions.receive, {}), (actions.answer, {"text": "已查实。"})):
        with in_city():
            row = BureauComplaint.objects.get(pk=made.pk)
            assert "又发了一次通知" in [step.said for step in row.steps.all()]
            deed(complaint=row, by=officer, now=stage.now(), **words)
        (told,) = complaint_queries.waiting_for(parent, stage.now())
        assert (made.number in str(told.title), told.url) == (True, page)
        client.get(page)
        assert complaint_queries.waiting_for(parent, stage.now()) == []
    assert "已查实。" in text(client.get(page))
    assert client.post(f"{page}add/", {"text": "晚了"}).status_code == 409
    assert client.post(f"{page}again/", {"text": ""}).status_code == 400
    assert client.post(f"{page}again/", {"text": "还在要求"}).status_code == 302
    with in_city():
        row = BureauComplaint.objects.get(pk=made.pk)
        assert (row.state, row.answered_in_time) == ("received", True)
        actions.answer(complaint=row, text="已再次核实。", by=officer, now=stage.now())
    assert client.post(f"{page}close/").status_code == 302
    assert client.post(f"{page}close/").status_code == 409
    with in_city():
        verbs = Entry.objects.filter(target=f"letterbox.bureaucomplaint:{made.pk}").order_by("position")
        assert [entry.verb.removeprefix("letterbox.") for entry in verbs] == [
            "submit", "add", "receive", "answer", "reopen", "answer", "close",
        ]  # fmt: skip


def test_the_api_of_the_family(school, parent):
    client = browser(school, parent)
    body = {"id": str(uuid7()), "kind": "illegal_teaching", "may_name": True, "text": "讲新课"}
    for _twice in range(2):
        made = client.post("/api/v1/family/bureau-complaints/", body, content_type="application/json")
        assert (made.status_code, made.json()["id"], made.json()["state"]) == (201, body["id"], "open")
    own = f"/api/v1/family/bureau-complaints/{body['id']}/"
    added = client.post(f"{own}additions/", {"text": "又讲了"}, content_type="application/json")
    assert (added.status_code, added.json()["steps"][-1]["said"]) == (201, "又讲了")
    assert client.post(f"{own}reopening/", {"text": "x"}, content_type="application/json").status_code == 409
    assert client.post(f"{own}closing/").status_code == 409
    assert client.get(own).json()["complaint"]["kind"] == "illegal_teaching"
    assert client.get("/api/v1/family/bureau-complaints/").json()["count"] == 1
    for odd in ({**body, "kind": "x"}, {**body, "text": "a\x00b"}, {**body, "accused": "x"}):
        answer = client.post("/api/v1/family/bureau-complaints/", odd, content_type="application/json")
        assert answer.status_code == 400
    to_school = client.post(
        "/api/v1/family/complaints/",
        {"kind": "fee", "addressee": "bureau", "text": "多收了"},
        content_type="application/json",
    )
    assert to_school.status_code == 400  # the bureau's have an address of their own
    assert not Complaint.objects.exists()


def test_about_the_bureau_the_page_says_who_sees_to_it_and_where_else_to_turn(school, parent):
    made = say(school, parent, accused=Accused.BUREAU, accused_name="周科长")
    client = browser(school, parent)
    path = f"/family/complaints/bureau/{made.pk}/"
    assert "12345" in text(client.get(NEW))
    assert "现在没有与此事无关的人" in text(client.get(path))
    desk.an_officer(name="周科长")
    desk.an_officer(scope="330102")
    assert "现在没有与此事无关的人" in text(client.get(path))
    desk.an_officer(name="吴科长")
    page = text(client.get(path))
    assert "姓名与您写的相同或相近的人和区县教育局都看不到" in page
    assert "12345" in page


# --- figures ---------------------------------------------------------------------------------------------------------------


def month_of(north):
    facts.drain(school=north, now=stage.now())
    with in_city():
        return MonthFact.objects.get(school=north, month=f"{local_date(stage.now()):%Y-%m}")


def test_every_complaint_counts_once_wherever_it_is(school, parent, principal):
    """To the school, to the bureau, passed on: three are three; deadlines are those of the bureau."""
    complaint_actions.complain(
        school=school, key=uuid7(), wanted=Wanted(ComplaintKind.FEE, "多收了"), by=parent, now=stage.now()
    )
    say(school, parent, kind=ComplaintKind.ILLEGAL_TEACHING)
    made, officer = say(school, parent), desk.an_officer()
    found = month_of(school)
    counted = (found.complaints, found.complaints_forced, found.complaints_illegal_teaching)
    assert (*counted, found.complaints_unheard) == (3, 1, 1, 2)
    assert (found.complaints_repeated, found.complaints_unheard_repeated) == (
        1,
        1,
    )  # two letters of one family
    assert (found.complaints_fee, found.complaints_late) == (1, 0)
    passed(school, made, officer)
    found = month_of(school)
    assert (found.complaints, found.complaints_forced, found.complaints_unheard) == (3, 1, 1)
    with in_city():
        actions.answer(
            complaint=BureauComplaint.objects.get(pk=made.pk), text="已办。", by=officer, now=stage.now()
        )
    relay.relay_school(school, stage.now())
    assert month_of(school).complaints_answered_in_time == 1
    assert facts.drift(school=school, now=stage.now()) == 0
    late = stage.now() + timedelta(days=20)
    facts.take_stock(school=school, now=late)
    with in_city():
        found = MonthFact.objects.get()
    assert (found.complaints, found.complaints_overdue) == (3, 2)


def test_an_escalated_complaint_is_the_schools_and_counts_once(school, parent, principal):
    row = complaint_actions.complain(
        school=school, key=uuid7(), wanted=Wanted(ComplaintKind.FEE, "多收了"), by=parent, now=stage.now()
    )
    complaint_actions.answer(complaint=row, text="没有", by=principal, now=stage.now())
    complaint_actions.escalate(complaint=row, school=school, by=parent, now=stage.now())
    relay.relay_school(school, stage.now())
    with in_city():
        assert BureauComplaint.objects.get().origin == Origin.ESCALATED
    found = month_of(school)
    assert (found.complaints, found.complaints_unheard) == (1, 0)


# --- what lies where from before -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["escalated", "answered", "closed"])
def test_old_complaints_to_the_bureau_are_moved_and_meanwhile_nobody_at_school_reads_them(
    school, parent, principal, state
):
    """As rows of an older version: with text and name in the school's schema, the principal's answer, an envelope."""
    now = stage.now()
    envelope = exchange.send(
        kind=EnvelopeKind.COMPLAINT, subject="投诉 T1", due_at=None, by=None, now=now,
        payload={
            "number": "T1", "term_code": makers.TERM, "kind": "forced", "addressee": "bureau",
            "submitted_date": "2026-09-01", "due_date": "2026-09-16",
        },
    )  # fmt: skip
    answer = (
        {} if state == "escalated" else {"answer": "没有这回事", "answered_at": now, "answered_by": principal}
    )
    old = Complaint.objects.create(
        number="T1", term_code=makers.TERM, kind="forced", addressee="bureau", guardian=parent.guardian, text=WORDS,
        state=state, submitted_at=now, due_at=now + timedelta(days=15), envelope_id=envelope.pk, **answer,
    )  # fmt: skip
    relay.relay_school(school, now)
    client = browser(school, principal)
    assert "T1" not in text(client.get("/desk/complaints/"))
    assert client.get(f"/desk/complaints/{old.pk}/").status_code == 404
    assert client.get("/api/v1/complaints/").json()["count"] == 0
    assert complaint_queries.waiting_for(principal, now) == []
    with pytest.raises(refusals.NotYourRight):
        complaint_actions.answer(complaint=old, text="好", by=principal, now=now)
    for _twice in range(2):
        tasks.deadlines(school_id=str(school.pk))
        relay.relay_school(school, now)
    assert not Complaint.objects.exists()
    assert not Envelope.objects.exists()
    with in_city():
        row = BureauComplaint.objects.get()
        assert (row.text, row.guardian_name, row.origin) == (WORDS, "李强", "direct")
        assert row.state == ("closed" if state == "closed" else "open")
        assert "没有这回事" in [step.said for step in row.steps.all()] or state == "escalated"
        assert not Envelope.objects.exists()
    assert month_of(school).complaints == 1
    assert text(browser(school, parent).get(f"/family/complaints/bureau/{old.pk}/")).count(WORDS) >= 1


def test_escalations_that_arrived_before_anybody_read_them_are_found(school, parent, settings):
    settings.EXCHANGE_ARRIVED = {}
    exchange.send(
        kind=EnvelopeKind.COMPLAINT, subject="投诉 T2", due_at=None, by=None, now=stage.now(),
        payload={
            "number": "T2", "term_code": makers.TERM, "kind": "fee", "addressee": "school",
            "submitted_date": "2026-08-01", "due_date": "2026-08-16",
        },
    )  # fmt: skip
    relay.relay_school(school, stage.now())
    assert carrying.mend(school=school, now=stage.now()) == 1
    assert carrying.mend(school=school, now=stage.now()) == 0
    with in_city():
        row = BureauComplaint.objects.get()
        assert (row.origin, row.school_number, row.text) == ("overdue", "T2", "")
