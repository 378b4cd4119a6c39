"""The bureau's register: who approves for where, once at a time, revoked with a reason, read by schools (S16, S26)."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from afterbell.accounts.roles import Role
from afterbell.audit.models import Entry
from tenants.context import in_city, in_school
from tenants.models import District, Provider
from tenants.providers import actions, credit_codes, queries
from tests import makers
from tests.accounts import makers as accounts
from tests.city import NOON
from tests.schools.finance.spending_stage import CLUB, CODE, a_provider

TODAY = timezone.localdate()
API = "/api/v1/providers/"


@pytest.fixture
def at_city(db, settings):
    """A browser of an officer: at_city(), at_city(scope="330102"), at_city("price_officer")."""
    settings.SECOND_FACTOR = "optional"

    def make(role: str = "bureau_supervisor", scope: str = ""):
        with in_city():
            user = accounts.a_user(role=Role(role), scope=scope)
        return accounts.logged_in(accounts.CITY, user.login)

    return make


def approval(**more):
    return {
        "name": CLUB, "credit_code": CODE, "services": "足球训练", "approved_from_date": TODAY.isoformat(),
        "approved_until_date": (TODAY + timedelta(days=300)).isoformat(), "decision_number": "市教合〔2026〕1号", **more,
    }  # fmt: skip


def text(answer):
    return answer.content.decode()


@pytest.mark.parametrize("code", ["9144030071526726XG", CODE, "91330102MA0AB1CD01"])
def test_a_code_holds_by_its_last_sign(code):
    assert credit_codes.holds(code)
    assert credit_codes.holds(credit_codes.plain(f" {code[:9].lower()} {code[9:]}　"))


@given(place=st.integers(0, 17), sign=st.sampled_from(credit_codes.SIGNS))
def test_one_mistyped_sign_is_seen(place, sign):
    typed = CODE[:place] + sign + CODE[place + 1 :]
    assert credit_codes.holds(typed) == (typed == CODE)


@pytest.mark.parametrize("code", ["", "9133010079965505", f"{CODE}0", CODE.replace("9", "I", 1), "\x00" * 18])
def test_what_has_another_form_is_no_code(code):
    assert not credit_codes.holds(code)


def test_an_officer_approves_and_revokes_by_the_pages(at_city):
    """S26."""
    desk = at_city()
    assert "核准机构" in text(desk.get("/providers/"))
    assert desk.post("/providers/new/", approval()).status_code == 302
    page = text(desk.get("/providers/"))
    for said in (CLUB, CODE, "全市", "核准期内", "足球训练"):
        assert said in page
    again = desk.post("/providers/new/", approval())
    assert (again.status_code, "已经核准" in text(again)) == (400, True)
    found = Provider.objects.get()
    revoke = f"/providers/{found.pk}/revoke/"
    assert CLUB in text(desk.get(revoke))
    assert desk.post(revoke, {"reason": " "}).status_code == 400
    assert desk.post(revoke, {"reason": "擅自收费"}).status_code == 302
    twice = desk.post(revoke, {"reason": "再来"})
    assert (twice.status_code, "已于" in text(twice)) == (400, True)
    assert "擅自收费" in text(desk.get("/providers/?state=revoked"))
    assert CLUB not in text(desk.get("/providers/?state=running")).split("</form>")[-1]
    assert desk.post("/providers/new/", approval()).status_code == 302  # undone by a new approval
    assert list(Entry.objects.filter(verb__startswith="provider.").order_by("position").values_list("verb", flat=True)) == [
        "provider.approve", "provider.revoke", "provider.approve",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("credit_code", f"{CODE[:17]}C", "统一社会信用代码"),
        ("credit_code", "1" * 1000, "统一社会信用代码"),
        ("name", "", "机构名称"),
        ("name", "x" * 1000, "机构名称"),
        ("services", "", "服务内容"),
        ("approved_until_date", "2026-13-01", "核准至"),
        ("approved_until_date", (TODAY - timedelta(days=1)).isoformat(), "截止日期"),
        ("district", "999999", "适用范围"),
    ],
)
def test_what_is_wrong_is_said_and_kept_out(at_city, field, value, said):
    answer = at_city().post("/providers/new/", approval(**{field: value}))
    assert (answer.status_code, said in text(answer)) == (400, True)
    assert not Provider.objects.exists()


def test_a_districts_officer_approves_and_revokes_for_the_own_district(at_city):
    whole = a_provider(name="全市机构")
    theirs = a_provider(name="山南机构", district=District.objects.get(code="330106"))
    desk = at_city(scope="330102")
    page = text(desk.get("/providers/"))
    assert "全市机构" in page
    assert "山南机构" not in page
    for other in (whole, theirs):
        assert desk.post(f"/providers/{other.pk}/revoke/", {"reason": "不归我管"}).status_code == 404
    for district in ("", "330106"):
        assert desk.post("/providers/new/", approval(district=district)).status_code == 400
    assert desk.post("/providers/new/", approval(district="330102")).status_code == 302
    assert Provider.objects.get(name=CLUB).district.code == "330102"


@pytest.mark.parametrize("path", ["/providers/", "/providers/new/", API])
def test_it_is_the_bureaus_alone(at_city, client, settings, path):
    assert at_city("price_officer").get(path).status_code == 403
    assert client.get(path, SERVER_NAME=settings.CITY_HOST).status_code in (302, 401, 403)


def test_two_officers_at_once_are_told_the_same_by_the_database(db):
    a_provider()
    with pytest.raises(IntegrityError, match="provider_approved_once_a_day"), transaction.atomic():
        a_provider()
    for wrong, name in (
        ({"credit_code": "x" * 18}, "credit_code_form"),
        ({"approved_until_date": date(2025, 1, 1)}, "ends_after_it_begins"),
        ({"revoked_date": date(2026, 9, 1)}, "revoked_with_a_reason"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            a_provider(name="别家", **{"credit_code": "9144030071526726XG", **wrong})


def test_an_object_read_before_it_was_revoked_revokes_nothing(db):
    found = a_provider()
    stale = Provider.objects.get(pk=found.pk)
    with in_city():
        officer = makers.a_user("bureau_supervisor")
        actions.revoke_provider(provider=found, reason="违规", by=officer, now=NOON)
        with pytest.raises(actions.AlreadyRevoked):
            actions.revoke_provider(provider=stale, reason="别的原因", by=officer, now=NOON)
    assert Provider.objects.get().revoke_reason == "违规"


def test_a_school_reads_the_register_and_never_writes_it(north):
    """In force for its district on a day, first and last day counted, the day of revocation not."""
    a_provider()
    a_provider(name="湖滨机构", credit_code="9144030071526726XG", district=north.district)
    a_provider(
        name="撤销机构", credit_code="91330102MA0AB1CD01", revoked_date=date(2026, 9, 2), revoke_reason="违规"
    )
    with in_school(north):
        names = [
            {each.name for each in queries.in_force(day, north.district)}
            for day in (
                date(2025, 12, 31),
                date(2026, 1, 1),
                date(2026, 9, 2),
                date(2027, 12, 31),
                date(2028, 1, 1),
            )
        ]
        assert names == [
            set(), {CLUB, "湖滨机构", "撤销机构"}, {CLUB, "湖滨机构"}, {CLUB, "湖滨机构"}, set(),
        ]  # fmt: skip
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Provider.objects.update(name="我们自己")


@pytest.mark.parametrize("many", [1, 40])
def test_the_list_and_the_api_ask_few_questions(at_city, many):
    for number in range(many):
        a_provider(name=f"机构{number}", approved_from_date=date(2026, 1, 1) + timedelta(days=number))
    desk = at_city()
    for path in ("/providers/", API):
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(path).status_code == 200
        told = [
            query["sql"] for query in asked if not query["sql"].startswith(("SET ", "SAVEPOINT", "RELEASE"))
        ]
        assert len(told) <= 12, told
    rows = desk.get(f"{API}?state=running").json()["results"]
    assert rows[0]["credit_code"] == CODE
    assert rows[0]["district"] is None
    assert desk.get(f"{API}?state=nonsense").status_code == 400
