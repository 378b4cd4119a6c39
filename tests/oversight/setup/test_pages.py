"""A city is set up from its pages: districts, terms, calendar, rules; by the system administrator, with audit (S48)."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from afterbell.accounts.roles import Role
from afterbell.audit.models import Entry
from afterbell.outbox.models import Mark
from oversight.facts import terms as facts
from tenants import calendar, calendar_actions, district_actions, term_actions
from tenants.context import as_owner, in_city, in_school
from tenants.models import CalendarOverride, District, PolicyProfile, School, Term
from tests import makers
from tests.accounts import makers as accounts
from tests.city import NOON
from tests.schools.planning import stage

TODAY = timezone.localdate()
YEAR = TODAY.year + 1
COMING = {
    "code": f"{YEAR}-{YEAR + 1}-1", "name": "下学期", "first_date": f"{YEAR}-09-01", "last_date": f"{YEAR}-12-31",
}  # fmt: skip
ALL = [
    "/setup/", "/districts/", "/districts/new/", "/districts/330102/rename/", "/districts/330102/remove/",
    "/schools/new/", "/terms/", "/terms/new/", "/calendar/", "/calendar/enter/", "/policies/",
    "/policies/ready/seed/", "/policies/ready/seed/adopt/",
]  # fmt: skip
READ = {"/districts/", "/terms/", "/calendar/", "/policies/", "/policies/ready/seed/"}


@pytest.fixture
def at_city(db, settings):
    """A browser of the system administrator, or of another role of the city; without the page of the login, which counts."""
    settings.SECOND_FACTOR = "optional"

    def make(role: Role = Role.SYSTEM_ADMIN):
        with in_city():
            session = accounts.session_of(accounts.a_user(role=role))
        browser = accounts.browser(accounts.CITY)
        browser.cookies[settings.SESSION_COOKIE_NAME] = session
        return browser

    return make


def text(answer):
    return answer.content.decode()


def verbs():
    with in_city():
        return list(Entry.objects.order_by("position").values_list("verb", flat=True))


@pytest.mark.parametrize("path", ALL)
def test_the_pages_are_the_system_administrators(at_city, client, settings, path):
    assert at_city().get(path).status_code == 200
    for role in (Role.BUREAU_SUPERVISOR, Role.PRICE_OFFICER, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN):
        assert at_city(role).get(path).status_code == (200 if path in READ else 403)
    assert client.get(path, SERVER_NAME=settings.CITY_HOST).status_code == 302


def test_who_only_reads_sees_no_deeds(at_city):
    makers.a_term()
    desk = at_city(Role.BUREAU_SUPERVISOR)
    assert "/districts/330102/remove/" not in text(desk.get("/districts/"))
    assert "/terms/new/" not in text(desk.get("/terms/"))
    assert "/calendar/2026-12-31/" not in text(desk.get("/calendar/?year=2026"))
    assert "/policies/ready/seed/adopt/" not in text(desk.get("/policies/ready/seed/"))


def test_a_district_is_added_renamed_and_removed(at_city):
    desk = at_city()
    assert desk.post("/districts/new/", {"code": "330199", "name": "新区"}).status_code == 302
    twice = desk.post("/districts/new/", {"code": "330199", "name": "别名"})
    assert (twice.status_code, "已经是“新区”" in text(twice)) == (400, True)
    renamed = desk.post("/districts/330199/rename/", {"name": "高新区", "seen": "新区"})
    assert renamed.status_code == 302
    stale = desk.post("/districts/330199/rename/", {"name": "旧页面", "seen": "新区"})
    assert (stale.status_code, "刚刚被别人改过" in text(stale)) == (400, True)
    assert "高新区" in text(desk.get("/districts/"))
    assert desk.post("/districts/330199/remove/", {"seen": "新区"}).status_code == 409
    assert desk.post("/districts/330199/remove/", {"seen": "高新区"}).status_code == 302
    assert desk.post("/districts/330199/remove/", {"seen": "高新区"}).status_code == 404
    assert [verb for verb in verbs() if verb.startswith("tenants.district")] == [
        "tenants.district.add", "tenants.district.rename", "tenants.district.remove",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "name", "said"),
    [
        ("", "新区", "行政区划代码"),
        ("33019", "新区", "6 位数字"),
        ("３３０１９９", "新区", "6 位数字"),
        ("330199", "", "区县名称"),
        ("330199", "新" * 41, "区县名称"),
        ("330199", "新\x00区", "区县名称"),
        ("330199", "新\x7f区", "看不见的字符"),
    ],
)
def test_a_district_that_can_not_be_is_said_at_its_field(at_city, code, name, said):
    answer = at_city().post("/districts/new/", {"code": code, "name": name})
    assert (answer.status_code, said in text(answer)) == (400, True)


def test_a_district_that_something_hangs_on_stays(at_city, north):
    page = text(at_city().get(f"/districts/{north.district.code}/remove/"))
    assert "不能删除" in page
    assert "所学校" in page
    with in_city():
        admin = makers.a_user("system_admin")
        made = district_actions.add_district(code="330199", name="新区", by=admin, now=NOON)
        CalendarOverride.objects.create(date=TODAY, is_school_day=False, district=made, reason="x")
        accounts.a_user(role=Role.BUREAU_SUPERVISOR, scope="330199")
        with pytest.raises(district_actions.DistrictInUse, match=r"它自己的 1 天；有 1 个账号"):
            district_actions.remove_district(district=made, by=admin, now=NOON)


def test_a_term_is_added_moved_and_removed(at_city):
    desk = at_city()
    assert desk.post("/terms/new/", COMING).status_code == 302
    inside = {**COMING, "code": f"{YEAR}-{YEAR + 1}-2"}
    for wrong, said in (
        (COMING, "已经有了"),
        ({**inside, "first_date": f"{YEAR + 1}-01-01", "last_date": f"{YEAR}-12-01"}, "日期不对"),
        (inside, "开学"),
    ):
        answer = desk.post("/terms/new/", wrong)
        assert (answer.status_code, said in text(answer)) == (400, True), text(answer)
    spring = {
        **inside,
        "code": f"{YEAR - 1}-{YEAR}-2",
        "first_date": f"{YEAR}-08-01",
        "last_date": f"{YEAR}-09-10",
    }
    overlapping = desk.post("/terms/new/", spring)
    assert (overlapping.status_code, "有重叠的日期" in text(overlapping)) == (400, True)
    page = f"/terms/{COMING['code']}/"
    seen = {"seen_name": "下学期", "seen_first": COMING["first_date"], "seen_last": COMING["last_date"]}
    given = {"name": "新学期", "first_date": f"{YEAR}-09-02", "last_date": f"{YEAR}-12-30"}
    assert desk.post(page, {**given, **seen}).status_code == 302
    stale = desk.post(page, {**given, **seen})
    assert (stale.status_code, "刚刚被别人改过" in text(stale)) == (400, True)
    assert desk.post(f"{page}remove/", seen).status_code == 409
    now_seen = {"seen_name": "新学期", "seen_first": given["first_date"], "seen_last": given["last_date"]}
    assert desk.post(f"{page}remove/", now_seen).status_code == 302
    assert desk.post(f"{page}remove/", now_seen).status_code == 404
    assert [verb for verb in verbs() if verb.startswith("calendar.term")] == [
        "calendar.term.add", "calendar.term.change", "calendar.term.remove",
    ]  # fmt: skip


def test_the_database_knows_no_day_in_two_terms(db):
    makers.a_term()
    with pytest.raises(IntegrityError, match="no_day_in_two_terms"), transaction.atomic():
        makers.a_term(code="2026-2027-2", first_date=date(2026, 10, 1), last_date=date(2026, 10, 2))


def test_of_two_officers_at_once_the_second_is_told_what_is_in_the_way(db, monkeypatch):
    """Not that the own code is there already: it is not."""
    look = term_actions._refuse_met

    def somebody_is_quicker(row, *, is_new):
        look(row, is_new=is_new)
        makers.a_term(code="2025-2026-2", first_date=date(2026, 8, 1), last_date=date(2026, 9, 10))

    with in_city(), pytest.raises(term_actions.TermsOverlap):
        monkeypatch.setattr(term_actions, "_refuse_met", _first(somebody_is_quicker, then=look))
        term_actions.add_term(
            code="2026-2027-1",
            name="x",
            first_date=date(2026, 9, 1),
            last_date=date(2027, 1, 22),
            by=None,
            now=NOON,
        )


def _first(one, *, then):
    left = [one]
    return lambda *words, **more: (left.pop() if left else then)(*words, **more)


def test_terms_that_overlap_since_an_older_version_are_named(at_city):
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tenants_term DROP CONSTRAINT no_day_in_two_terms")
    makers.a_term()
    assert "一天只能属于一个学期" not in text(at_city().get("/terms/"))
    makers.a_term(code="2026-2027-2", first_date=date(2026, 10, 1), last_date=date(2026, 10, 2))
    assert "都包含 2026-10-01 至 2026-10-02。一天只能属于一个学期" in text(at_city().get("/terms/"))


def test_a_term_that_schools_work_in_keeps_their_plans(at_city, north):
    """S10: dates of a plan lie in its term. The school itself is asked, not what was counted of it."""
    stage.a_city()
    term = Term.objects.get()
    assert term_actions.uses(term.code) == []
    with in_school(north):
        stage.a_whole_draft(north, makers.a_user("clerk"))
        Mark.objects.all().delete()
    assert term_actions.uses(term.code) == [term_actions.Use(north.name, makers.FIRST, makers.LAST)]
    desk, page = at_city(), f"/terms/{term.code}/"
    seen = {"seen_name": term.name, "seen_first": term.first_date, "seen_last": term.last_date}
    longer = {
        "name": term.name,
        "first_date": term.first_date,
        "last_date": term.last_date + timedelta(days=3),
    }
    refused = desk.post(f"{page}remove/", seen)
    assert (refused.status_code, "已有 1 所学校" in text(refused)) == (409, True)
    for wrong, said in (
        ({"last_date": term.last_date - timedelta(days=3)}, "不在新的日期之内"),
        ({"first_date": term.first_date - timedelta(days=3)}, "已经开学"),
    ):
        answer = desk.post(page, {**longer, **wrong, **seen, "sure": "yes"})
        assert (answer.status_code, said in text(answer)) == (400, True)
    asked = desk.post(page, {**longer, **seen})
    assert (asked.status_code, north.name in text(asked)) == (200, True)
    assert desk.post(page, {**longer, **seen, "sure": "yes"}).status_code == 302
    assert Term.objects.get().last_date == longer["last_date"]
    with in_city():
        facts.hand_on(now=NOON)
        facts.hand_on(now=NOON)
    with in_school(north):
        assert list(Mark.objects.values_list("grain", "bucket")) == [("term", term.code)]


def test_the_calendar_says_what_each_day_is(at_city, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    makers.a_term(first_date=date(2026, 9, 1), last_date=date(2027, 1, 22))
    page = text(at_city().get("/calendar/?year=2026"))
    assert "2026年校历" in page
    assert "还要说明课表" in page
    after = text(at_city().get("/calendar/?year=2027"))
    assert "是否上课还不知道" in after
    assert "/calendar/enter/?year=2027" in after


@pytest.mark.parametrize(
    "query",
    ["?year=x", "?year=99999", "?year=1", "?district=999999", "?year=2199&district=330102"],
)
def test_an_odd_year_is_no_error_of_ours(at_city, query):
    assert at_city().get(f"/calendar/{query}").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/calendar/2026-02-30/",
        "/calendar/1999-01-01/",
        "/calendar/9999-12-31/",
        "/terms/x/",
        "/districts/999999/rename/",
        "/policies/ready/none/",
    ],
)
def test_what_is_not_there_is_404(at_city, path):
    assert at_city().get(path).status_code == 404


def test_one_day_is_changed_with_a_reason_and_goes_back(at_city):
    day = TODAY + timedelta(days=1)
    while not calendar.is_year_known(day.year):
        pytest.skip("the national calendar has no year to go back to")
    makers.a_term(first_date=TODAY - timedelta(days=3), last_date=TODAY + timedelta(days=20))
    desk, page = at_city(), f"/calendar/{day}/"
    given = {"is_school_day": "no", "follows_weekday": "", "reason": "台风", "seen": ""}
    assert desk.get(page).status_code == 200
    for wrong in (
        {"reason": " "},
        {"reason": "x\x00"},
        {"follows_weekday": "9"},
        {"is_school_day": ""},
        {"follows_weekday": "3"},
    ):
        assert desk.post(page, {**given, **wrong}).status_code == 400
    assert desk.post(page, given).status_code == 302
    assert not calendar.is_school_day(day)
    stale = desk.post(page, {**given, "reason": "别的"})
    assert (stale.status_code, "刚刚被别人改过" in text(stale)) == (400, True)
    assert "台风" in text(desk.get(page))
    own = {**given, "is_school_day": "yes", "follows_weekday": "1"}
    assert desk.post(f"{page}?district=330102", own).status_code == 302
    assert calendar.follows_weekday(day, District.objects.get(code="330102")) == 1
    assert desk.post(f"{page}restore/", {"seen": "1||x"}).status_code == 409
    assert desk.get(f"{page}restore/").status_code == 200
    assert desk.post(f"{page}restore/", {"seen": "0||台风"}).status_code == 302
    assert [verb for verb in verbs() if verb.startswith("calendar.")][-3:] == [
        "calendar.change_day", "calendar.change_day", "calendar.forget_day",
    ]  # fmt: skip


def test_a_day_that_is_past_stays(at_city):
    day = TODAY - timedelta(days=1)
    page = f"/calendar/{day}/"
    desk = at_city()
    assert "不能修改" in text(desk.get(page))
    answer = desk.post(page, {"is_school_day": "no", "reason": "x", "seen": ""})
    assert (answer.status_code, "已经过去" in text(answer)) == (400, True)


def test_a_day_of_an_unknown_year_can_not_go_back_to_what_nobody_knows(db):
    day = date(2199, 1, 7)
    with in_city():
        admin = makers.a_user("system_admin")
        row = calendar_actions.change_day(
            day=day, is_school_day=True, follows_weekday=None, reason="x", district=None, seen=None,
            by=admin, now=NOON,
        )  # fmt: skip
        with pytest.raises(calendar_actions.NobodyElseKnows):
            calendar_actions.forget_day(day=day, district=None, seen=row, by=admin, now=NOON)


def test_the_notice_of_a_year_is_typed_in(at_city):
    makers.a_term(first_date=date(2026, 9, 1), last_date=date(2027, 1, 22))
    desk = at_city()
    given = {
        "first": "2027-01-01", "last": "2027-01-22", "holidays": "2027-01-01\n2027-01-04 至 2027-01-05\n",
        "make_up_days": "2027-01-09=5", "reason": "2027年放假安排",
    }  # fmt: skip
    for wrong, said in (
        ({"holidays": "元旦"}, "不是日期"),
        ({"holidays": "2027-02-01"}, "不在所填的日期之内"),
        ({"holidays": "2027-01-05 至 2027-01-01"}, "早于开始"),
        ({"make_up_days": "2027-01-09=8"}, "看不懂"),
        ({"make_up_days": "2027-01-01=5"}, "既放假又上课"),
        ({"last": "2026-12-01"}, "不能早于开始日期"),
        ({"reason": ""}, "依据"),
    ):
        answer = desk.post("/calendar/enter/?year=2027", {**given, **wrong})
        assert (answer.status_code, said in text(answer)) == (400, True), said
    assert not CalendarOverride.objects.exists()
    assert desk.post("/calendar/enter/?year=2027", given).status_code == 302
    assert CalendarOverride.objects.count() == 22
    assert calendar.follows_weekday(date(2027, 1, 9)) == 5
    assert not calendar.is_school_day(date(2027, 1, 5))


def test_a_ready_profile_is_read_and_put_in_force_after_a_question(at_city):
    """S48: what is in force is seen by everybody of the city; who is affected is said before."""
    desk, page = at_city(), "/policies/ready/shandong/"
    assert "不超过 ¥3.00" in text(desk.get(page))
    given = {"valid_from_date": TODAY.isoformat(), "district": "", "kind": "rural"}
    asked = desk.post(f"{page}adopt/", given)
    assert (asked.status_code, "所学校受影响" in text(asked)) == (200, True)
    assert not PolicyProfile.objects.exists()
    assert desk.post(f"{page}adopt/", {**given, "sure": "yes"}).status_code == 302
    twice = desk.post(f"{page}adopt/", {**given, "sure": "yes"})
    assert (twice.status_code, "请另选日期" in text(twice)) == (400, True)
    early = desk.post(f"{page}adopt/", {**given, "valid_from_date": "2020-01-01", "sure": "yes"})
    assert early.status_code in (302, 400)
    found = PolicyProfile.objects.get(valid_from_date=TODAY)
    assert "执行中" in text(desk.get("/policies/"))
    assert "乡村" in text(desk.get(f"/policies/{found.pk}/"))
    assert "policy.adopt" in verbs()


@pytest.mark.parametrize(
    "code", ["seed", "national-2024", "ezhou", "haikou", "wuhan", "wuzhou", "shandong", "longling"]
)
def test_every_ready_profile_can_be_read_in_words(at_city, code):
    page = text(at_city().get(f"/policies/ready/{code}/"))
    assert "谁收费" in page
    assert ("收费主体不符合国家规定" in page) == (code == "seed")


def test_a_school_is_opened_from_the_page(at_city, db):
    desk = at_city()
    given = {
        "code": "330102", "name": "新学校", "district": "330102", "stage": "primary", "kind": "urban", "size_class": "small",
    }  # fmt: skip
    answer = desk.post("/schools/new/", given)
    assert (answer.status_code, "10 位数字" in text(answer)) == (400, True)
    taken = School.objects.order_by("code").first()
    answer = desk.post("/schools/new/", {**given, "code": taken.code})
    assert (answer.status_code, "已用于" in text(answer)) == (400, True)


def test_the_set_up_says_what_is_done_and_what_comes_next(at_city):
    page = text(at_city().get("/setup/"))
    for said in ("区县", "政策档案", "学期", "校历", "待办"):
        assert said in page
    assert "请选一份现成的档案" in page
    assert at_city().get("/").headers["Location"] == "/setup/"


def test_a_city_without_a_way_to_phones_is_not_set_up(at_city, settings):
    """Seen by who walked start.md: all was done, and the first link to a colleague could not go out."""
    settings.CODE_SENDER = "afterbell.accounts.senders.NoSender"
    assert "请接通短信（CODE_SENDER" in text(at_city().get("/setup/"))
    settings.CODE_SENDER = "tests.oversight.setup.test_pages.Connected"
    assert "请接通短信" not in text(at_city().get("/setup/"))


class Connected:
    """A city's own sender."""

    def check(self):
        return
