"""The pages as people use them: a guardian's steps on a phone, the reviewers' lists, who must never get in."""

import re
from datetime import timedelta

import pytest

from schools.enrolment import actions, devices, documents, queries, signing
from schools.enrolment.models import Agreement, Application, Side
from schools.planning.models import Plan
from tenants.context import in_school
from tests import makers
from tests.schools.enrolment import stage

APPLY = "/family/apply/"
CHECK = f"{APPLY}check/"


@pytest.fixture
def term(north):
    """A plan with two activities at different times, a family, the reviewers."""
    with in_school(north):
        plan = stage.a_running_plan()
        activities = (
            makers.an_activity(plan, capacity=2),
            makers.an_activity(plan, title="足球", kind="sport", weekday=2, capacity=2),
            makers.an_activity(plan, title="合唱", kind="art", grade_from=4),
        )
        yield plan, activities, stage.a_family()


def hidden(page, name):
    return re.findall(rf'name="{name}" value="([^"]*)"', page)[0]


def walk(client, plan, family, activities, *, signature=None, placing="all"):
    """All steps up to the check page; returns its text."""
    client.post(APPLY, {"offer": f"{plan.pk}:{family.pupil.pk}"})
    client.post(f"{APPLY}activities/", {"activities": [str(row.pk) for row in activities]})
    if len(activities) > 1:
        client.post(f"{APPLY}places/", {"placing": placing})
    client.post(f"{APPLY}home/", {"way": "adult"})
    read = stage.text(client.get(f"{APPLY}agreement/"))
    client.post(f"{APPLY}agreement/", {"sha256": hidden(read, "sha256")})
    client.post(f"{APPLY}signature/", signature or {"path": stage.DRAWN})
    return stage.text(client.get(CHECK))


def test_a_guardian_applies_on_a_phone_one_thing_a_page(north, term):
    """S1, S13, S15: child, activities, way home, agreement, signature, check, number, and what happens next."""
    plan, (homework, football, choir), family = term
    client = stage.browser(north, family.user)
    first = client.get(APPLY)
    assert "李小明" in stage.text(first)
    assert "第 1 步，共 6 步" in stage.text(first)
    answer = client.post(APPLY, {"offer": f"{plan.pk}:{family.pupil.pk}"})
    assert answer.headers["Location"] == f"{APPLY}activities/"
    page = stage.text(client.get(f"{APPLY}activities/"))
    assert "剩 2 个名额" in page
    assert choir.title not in page
    client.post(f"{APPLY}activities/", {"activities": [str(homework.pk), str(football.pk)]})
    assert "第 2 步，共 6 步" in stage.text(client.get(f"{APPLY}places/"))  # as the first page has said
    client.post(f"{APPLY}places/", {"placing": "each"})
    client.post(f"{APPLY}home/", {"way": "alone"})
    page = stage.text(client.get(f"{APPLY}agreement/"))
    assert "您可以随时书面退出" in page
    assert "学生在校托管服务协议" in page
    client.post(f"{APPLY}agreement/", {"sha256": hidden(page, "sha256")})
    page = stage.text(client.get(f"{APPLY}signature/"))
    assert "enrolment/signature.js" in page
    client.post(f"{APPLY}signature/", {"path": stage.DRAWN})
    page = stage.text(client.get(CHECK))
    assert stage.DRAWN in page
    assert "足球" in page
    answer = client.post(CHECK, {"token": hidden(page, "token")})
    made = Application.objects.get()
    assert answer.headers["Location"] == f"/family/applications/{made.pk}/"
    page = stage.text(client.get(answer.headers["Location"]))
    assert made.number in page
    assert "接下来" in page
    assert (made.goes_home_alone, made.placing) == (True, "each")
    assert made.device == _digest_of(client, north)


def _digest_of(client, north):
    from django.test import RequestFactory

    request = RequestFactory().get("/")
    request.COOKIES = {"device": client.cookies["device"].value}
    with in_school(north):
        return devices.digest(request)


def test_sent_twice_there_is_one_application_and_its_number_is_shown(north, term):
    """Bad input: double submit, and the back button after it."""
    plan, (homework, *_others), family = term
    client = stage.browser(north, family.user)
    token = hidden(walk(client, plan, family, [homework]), "token")
    first = client.post(CHECK, {"token": token})
    again = client.post(CHECK, {"token": token})
    assert first.headers["Location"] == again.headers["Location"]
    assert Application.objects.count() == 1
    assert client.get(CHECK).status_code == 302
    start = stage.text(client.get(APPLY))
    assert Application.objects.get().number in start


def test_two_browsers_of_one_family_make_one_application(north, term):
    """Bad input: double submit from two tabs that know nothing of each other."""
    plan, (homework, *_others), family = term
    one, other = stage.browser(north, family.user), stage.browser(north, family.user)
    tokens = [hidden(walk(client, plan, family, [homework]), "token") for client in (one, other)]
    answers = [
        client.post(CHECK, {"token": token}) for client, token in zip((one, other), tokens, strict=True)
    ]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert Application.objects.count() == 1


def test_back_shows_what_was_filled_in(north, term):
    """Bad input: the back button loses nothing."""
    plan, (homework, football, _choir), family = term
    client = stage.browser(north, family.user)
    walk(client, plan, family, [homework])
    assert f'value="{homework.pk}" class="form-check-input" id="id_activities_0" checked' in _straight(
        client.get(f"{APPLY}activities/")
    )
    assert 'value="adult"' in stage.text(client.get(f"{APPLY}home/"))
    assert stage.DRAWN in stage.text(client.get(f"{APPLY}signature/"))
    client.post(f"{APPLY}activities/", {"activities": [str(football.pk)]})
    answer = client.get(CHECK)
    assert answer.headers["Location"] == f"{APPLY}agreement/"  # another choice is read and signed again


def _straight(answer):
    """Attributes of boxes in one order."""
    found = re.sub(r"\s+", " ", stage.text(answer))
    return re.sub(
        r'<input type="checkbox" name="activities" value="([^"]*)"([^>]*)>',
        lambda box: (
            f'value="{box[1]}" class="form-check-input" id="{_id(box[2])}"'
            + (" checked" if "checked" in box[2] else "")
        ),
        found,
    )


def _id(attributes):
    return re.findall(r'id="([^"]*)"', attributes)[0]


def test_a_page_that_is_not_the_answers_is_not_sent(north, term):
    """Bad input: two tabs; what was checked is what is sent."""
    plan, (homework, football, _choir), family = term
    client = stage.browser(north, family.user)
    token = hidden(walk(client, plan, family, [homework]), "token")
    walk(client, plan, family, [football])
    answer = client.post(CHECK, {"token": token})
    assert answer.status_code == 400
    assert "请核对" in stage.text(answer)
    assert not Application.objects.exists()


def test_a_step_cannot_be_jumped_over(north, term):
    plan, _activities, family = term
    client = stage.browser(north, family.user)
    assert client.get(CHECK).headers["Location"] == APPLY
    client.post(APPLY, {"offer": f"{plan.pk}:{family.pupil.pk}"})
    for name in ("home", "agreement", "signature", "check"):
        assert client.get(f"{APPLY}{name}/").headers["Location"] == f"{APPLY}activities/"


def test_activities_at_the_same_time_are_refused_at_the_field(north, term):
    plan, (homework, *_others), family = term
    clash = makers.an_activity(plan, title="围棋")
    client = stage.browser(north, family.user)
    client.post(APPLY, {"offer": f"{plan.pk}:{family.pupil.pk}"})
    answer = client.post(f"{APPLY}activities/", {"activities": [str(homework.pk), str(clash.pk)]})
    assert answer.status_code == 400
    assert "时间重叠" in stage.text(answer)
    none = client.post(f"{APPLY}activities/", {})
    assert "请至少选择一项活动" in stage.text(none)
    foreign = client.post(f"{APPLY}activities/", {"activities": ["00000000-0000-0000-0000-000000000000"]})
    assert foreign.status_code == 400


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({}, "请签名"),
        ({"path": "M 1 1 L 9 9"}, "签名没有写完整"),
        ({"path": "<script>"}, "签名没有写完整"),
        ({"name": "王强", "is_mine": "on"}, "不一致"),
        ({"name": "李强"}, "请勾选"),
    ],
)
def test_a_signature_that_is_none_is_explained(north, term, given, word):
    plan, (homework, *_others), family = term
    client = stage.browser(north, family.user)
    walk(client, plan, family, [homework])
    answer = client.post(f"{APPLY}signature/", given)
    assert answer.status_code == 400
    assert word in stage.text(answer)
    assert "<script>" not in stage.text(answer)


def test_without_a_script_the_name_is_typed(north, term):
    """S13."""
    plan, (homework, *_others), family = term
    client = stage.browser(north, family.user)
    page = walk(client, plan, family, [homework], signature={"name": "李强", "is_mine": "on"})
    assert "以输入姓名代替手写" in page
    client.post(CHECK, {"token": hidden(page, "token")})
    assert Application.objects.get().signature_mode == "typed"


def test_another_familys_or_another_schools_child_is_not_there(north, south, term):
    """Bad input: another school's child id."""
    plan, (homework, *_others), family = term
    other = stage.a_family("王小红")
    with in_school(south):
        foreign = makers.a_pupil(name="赵南")
    client = stage.browser(north, family.user)
    for pupil in (other.pupil, foreign):
        answer = client.post(APPLY, {"offer": f"{plan.pk}:{pupil.pk}"})
        assert answer.status_code == 400
        assert pupil.name not in stage.text(answer)
    made = stage.applied(north, other, homework)
    for path in ("", "withdraw/", "form.pdf"):
        assert client.get(f"/family/applications/{made.pk}/{path}").status_code == 404
    assert client.post(f"/family/applications/{made.pk}/withdraw/").status_code == 404
    assert Application.objects.get().state == "submitted"


def test_a_child_that_leaves_in_the_middle_ends_the_steps(north, term):
    plan, (homework, *_others), family = term
    client = stage.browser(north, family.user)
    token = hidden(walk(client, plan, family, [homework]), "token")
    family.pupil.left_date = makers.FIRST
    family.pupil.save()
    assert client.post(CHECK, {"token": token}).headers["Location"] == APPLY
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    "role",
    [
        "principal",
        "deputy",
        "clerk",
        "class_teacher",
        "care_staff",
        "committee_chair",
        "treasurer",
        "committee_member",
    ],
)
def test_no_page_and_no_api_lets_staff_begin_an_application(north, term, role):
    """S1: no page, no API; whatever is posted under a staff login, no application is there afterwards."""
    plan, (homework, *_others), family = term
    client = stage.browser(north, makers.a_user(role))
    for name in ("", "activities/", "places/", "home/", "agreement/", "signature/", "check/"):
        assert client.get(f"{APPLY}{name}").status_code == 403
        assert client.post(f"{APPLY}{name}", {"offer": f"{plan.pk}:{family.pupil.pk}"}).status_code == 403
    body = {
        "plan": str(plan.pk), "pupil": str(family.pupil.pk), "activities": [str(homework.pk)], "goes_home_alone": False,
        "read_sha256": "0" * 64, "signature_mode": "drawn", "signature": stage.DRAWN,
    }  # fmt: skip
    assert (
        client.post("/api/v1/family/applications/", body, content_type="application/json").status_code == 403
    )
    assert (
        client.post("/api/v1/family/applications/texts/", body, content_type="application/json").status_code
        == 403
    )
    assert client.post("/api/v1/applications/", body, content_type="application/json").status_code in (
        403,
        405,
    )
    assert client.post("/desk/applications/", body).status_code in (403, 405)
    assert not Application.objects.exists()


def test_only_the_guardians_action_makes_an_application():
    """S1: in the code itself, `Application(` is written in one place, behind the check of the guardian."""
    import ast
    from pathlib import Path

    import schools

    found = [
        (path.name, function.name)
        for root in schools.__path__
        for path in Path(root).rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef)
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and _makes(call)
    ]
    assert found == [("actions.py", "submit_application")]


def _makes(call):
    import ast

    said, makes = ast.unparse(call.func), ("create", "bulk_create", "get_or_create", "update_or_create")
    return said == "Application" or said in {f"Application.objects.{name}" for name in makes}


def test_both_sides_review_on_their_pages_and_the_parent_follows(north, term):
    """S14, S15: the state page tells who has said yes, and then the agreement."""
    _plan, (homework, *_others), family = term
    principal, chair = stage.reviewers()
    made = stage.applied(north, family, homework)
    desk, committee, parent = (stage.browser(north, who) for who in (principal, chair, family.user))
    assert "李小明" in stage.text(desk.get("/desk/applications/?todo=school"))
    page = stage.text(desk.get(f"/desk/applications/{made.pk}/"))
    assert stage.DRAWN in page
    bad = desk.post(f"/desk/applications/{made.pk}/", {"decision": "no", "reason": ""})
    assert bad.status_code == 400
    assert "请写明理由" in stage.text(bad)
    desk.post(f"/desk/applications/{made.pk}/", {"decision": "yes"})
    assert "学校已于" in stage.text(parent.get(f"/family/applications/{made.pk}/"))
    again = desk.post(f"/desk/applications/{made.pk}/", {"decision": "no", "reason": "想起来了"})
    assert again.status_code == 400
    assert "审核过" in stage.text(again)
    committee.post(f"/committee/applications/{made.pk}/", {"decision": "yes"})
    page = stage.text(parent.get(f"/family/applications/{made.pk}/"))
    agreement = Agreement.objects.get()
    assert agreement.number in page
    assert "协议已签订" in page


def test_ticked_applications_are_approved_after_a_question(north, term):
    """S14: bulk with confirm; nothing ticked, nothing done; foreign ids are passed over."""
    _plan, (homework, *_others), family = term
    other = stage.a_family("王小红")
    rows = [stage.applied(north, each, homework) for each in (family, other)]
    chair = makers.a_user("committee_chair")
    client = stage.browser(north, chair)
    ticked = {"ticked": [str(row.pk) for row in rows] + ["nonsense", "00000000-0000-0000-0000-000000000000"]}
    page = stage.text(client.post("/committee/applications/bulk/", ticked))
    assert "同意这 2 份申请" in page
    assert not rows[0].reviews.exists()
    client.post("/committee/applications/bulk/", {**ticked, "confirmed": "yes"})
    assert [row.reviews.get().side for row in rows] == [Side.COMMITTEE, Side.COMMITTEE]
    assert client.post("/committee/applications/bulk/", {}).headers["Location"] == "/committee/applications/"
    assert client.post("/desk/applications/bulk/", ticked).status_code == 403


def test_a_class_teacher_sees_the_own_class_alone(north, term):
    _plan, (homework, *_others), family = term
    other = stage.a_family("王小红")
    rows = {each.pupil.name: stage.applied(north, each, homework) for each in (family, other)}
    teacher = makers.a_user("class_teacher", scope=str(family.pupil.school_class_id))
    client = stage.browser(north, teacher)
    page = stage.text(client.get("/desk/applications/"))
    assert "李小明" in page
    assert "王小红" not in page
    assert client.get(f"/desk/applications/{rows['王小红'].pk}/").status_code == 404
    assert client.get(f"/desk/applications/{rows['李小明'].pk}/form.pdf").status_code == 200
    assert client.post("/desk/applications/bulk/", {}).status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        "?state=x",
        "?todo=zz",
        "?school_class=1",
        "?page=-5",
        "?sort=signature",
        "?search=%01",
        "?search=%27%3B--",
    ],
)
def test_an_absurd_address_still_shows_a_list_and_the_api_says_what_is_wrong(north, term, query):
    client = stage.browser(north, makers.a_user("principal"))
    assert client.get(f"/desk/applications/{query}").status_code == 200
    assert client.get(f"/api/v1/applications/{query}").status_code in (400, 404)


def test_leaving_asks_and_says_until_when(north, term):
    """S1: revocable."""
    _plan, (homework, *_others), family = term
    stage.approved(stage.applied(north, family, homework), stage.reviewers())
    agreement = Agreement.objects.get()
    client = stage.browser(north, family.user)
    assert "从明天起不再参加" in stage.text(client.get(f"/family/agreements/{agreement.pk}/exit/"))
    client.post(f"/family/agreements/{agreement.pk}/exit/", {"reason": "搬家"})
    assert "最后一天" in stage.text(client.get(f"/family/applications/{agreement.application_id}/"))
    again = client.post(f"/family/agreements/{agreement.pk}/exit/", {})
    assert again.status_code == 400
    assert "不用再办理" in stage.text(again)


def test_withdrawing_asks_first(north, term):
    _plan, (homework, *_others), family = term
    made = stage.applied(north, family, homework)
    client = stage.browser(north, family.user)
    assert made.number in stage.text(client.get(f"/family/applications/{made.pk}/withdraw/"))
    client.post(f"/family/applications/{made.pk}/withdraw/")
    again = client.post(f"/family/applications/{made.pk}/withdraw/")
    assert again.status_code == 409


def test_the_waiting_page_says_how_many_are_before_one(north, term):
    plan, (homework, *_others), _family = term
    sides = stage.reviewers()
    families = [stage.a_family(name) for name in ("李一", "李二", "李三", "李四")]
    rows = [stage.approved(stage.applied(north, each, homework), sides) for each in families]
    page = stage.text(stage.browser(north, families[3].user).get(f"/family/applications/{rows[3].pk}/"))
    assert "比您早提交、还没有名额的有 1 人" in page
    listed = stage.text(stage.browser(north, sides[0]).get("/desk/applications/waiting/"))
    assert listed.index("李三") < listed.index("李四")
    newcomer = stage.a_family("王小红")
    client = stage.browser(north, newcomer.user)
    client.post(APPLY, {"offer": f"{plan.pk}:{newcomer.pupil.pk}"})
    assert "2 份申请在先" in stage.text(client.get(f"{APPLY}activities/"))


def test_form_and_agreement_are_printed_word_by_word(north, term, monkeypatch):
    """S13, S15: PDF with the frozen text, both signatures, its number and its hash."""
    _plan, (homework, *_others), family = term
    made = stage.approved(stage.applied(north, family, homework), stage.reviewers())
    agreement, given = Agreement.objects.get(), []
    real = documents.render_pdf
    monkeypatch.setattr(
        documents, "render_pdf", lambda *what, **more: given.append(what[1]) or real(*what, **more)
    )
    client = stage.browser(north, family.user)
    paths = (f"/family/applications/{made.pk}/form.pdf", f"/family/agreements/{agreement.pk}/agreement.pdf")
    for path, signed in zip(paths, (made, agreement), strict=True):
        answer = client.get(path)
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")
        data = given.pop()
        assert "\n".join([data["title"], *data["lines"]]) == signed.text
        assert (data["number"], data["sha256"]) == (signed.number, signed.text_sha256)
        assert data["signatures"][0]["strokes"] == signing.strokes(stage.DRAWN)
    assert "陈校长" in data["signatures"][1]["name"]


def _fill(north, count, homework, chair):
    """Applications in every state, each by a family of its own."""
    for number in range(count):
        family = stage.a_family(f"王{number}")
        made = stage.applied(north, family, homework)
        if number % 2:
            actions.review(application=made, side=Side.COMMITTEE, is_approval=True, by=chair, now=stage.now())


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("/desk/applications/", "principal"),
        ("/committee/applications/", "committee_chair"),
        ("/desk/applications/waiting/", "principal"),
        ("/api/v1/applications/", "principal"),
        ("/api/v1/applications/waiting/", "principal"),
    ],
)
def test_lists_take_the_same_few_queries_for_two_and_for_thirty(
    north, term, path, role, django_assert_max_num_queries
):
    """At most 20, whatever the size."""
    _plan, (homework, *_others), _family = term
    homework.capacity = 1
    homework.save()
    sides = stage.reviewers()
    client = stage.browser(north, makers.a_user(role))
    counts = []
    for size in (2, 28):
        _fill(north, size, homework, sides[1])
        for _number in range(2 if size == 2 else 12):
            stage.approved(stage.applied(north, stage.a_family(), homework), sides)
        with django_assert_max_num_queries(20) as seen:
            assert client.get(path).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_family_pages_take_at_most_twenty_queries(north, term, django_assert_max_num_queries):
    plan, (homework, *_others), family = term
    sides = stage.reviewers()
    client = stage.browser(north, family.user)
    with in_school(north):
        for _number in range(20):
            makers.a_tie(family.guardian, makers.a_pupil(), may_sign=True)
            makers.an_activity(plan, weekday=3)
    walk(client, plan, family, [homework])
    for name in ("", "activities/", "home/", "agreement/", "signature/", "check/"):
        with django_assert_max_num_queries(20):
            assert client.get(f"{APPLY}{name}").status_code == 200
    token = hidden(stage.text(client.get(CHECK)), "token")
    with django_assert_max_num_queries(37):
        answer = client.post(CHECK, {"token": token})
    stage.approved(Application.objects.get(), sides)
    for path in (answer.headers["Location"], "/family/applications/"):
        with django_assert_max_num_queries(20):
            assert client.get(path).status_code == 200
    with django_assert_max_num_queries(20):
        assert (
            stage.browser(north, sides[0])
            .get(f"/desk/applications/{Application.objects.get().pk}/")
            .status_code
            == 200
        )


def test_a_family_whose_child_could_apply_is_told_on_the_home_page(north, term, django_assert_num_queries):
    """S1: by the closing date, as an offer; not of what was applied for, withdrawn, over, or for other grades."""
    plan, (homework, *_others), family = term
    client = stage.browser(north, family.user)
    offered = f"可以给 李小明 报名课后服务，自愿参加，{plan.last_date:%Y-%m-%d} 截止"
    assert offered in stage.text(client.get("/family/"))
    with in_school(north):
        makers.a_tie(family.guardian, makers.a_pupil(name="李小弟"), may_sign=False, may_collect=True)
        makers.a_tie(
            family.guardian,
            makers.a_pupil(name="李大姐", school_class=makers.a_class(grade=9)),
            may_sign=True,
        )
        other = makers.an_activity(stage.a_running_plan(term_code="2027-2028-1"), grade_from=8, grade_to=9)
        assert not family.user.has("roster.manage")  # what the user may do is read once a request
        with django_assert_num_queries(1):
            waits = queries.waiting_for(family.user, stage.now())
        assert [str(each.title).split(" 报名")[0] for each in waits] == ["可以给 李小明", "可以给 李大姐"]
        Plan.objects.filter(pk=other.plan_id).update(
            first_date=plan.first_date - timedelta(90), last_date=plan.first_date - timedelta(1)
        )
        assert len(queries.waiting_for(family.user, stage.now())) == 1
    made = stage.applied(north, family, homework)
    assert offered not in stage.text(client.get("/family/"))
    with in_school(north):
        actions.withdraw(application=made, by=family.user, now=stage.now())
        assert queries.waiting_for(family.user, stage.now()) == []


def test_the_devices_cookie_is_kept_and_its_digest_says_nothing_elsewhere(north, south, rf):
    """The signal is only stored, keyed by the school."""
    request = rf.get("/")
    request.COOKIES = {"device": "a" * 43}
    with in_school(north):
        here = devices.digest(request)
        assert devices.digest(request) == here
        assert re.fullmatch("[0-9a-f]{64}", here)
    with in_school(south):
        assert devices.digest(request) != here
    request.COOKIES = {"device": "<script>"}
    with in_school(north):
        assert devices.digest(request) != devices.digest(request)
