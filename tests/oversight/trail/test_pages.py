"""The audit administrator sees how each chain stands, which anchors it has and what was found, and has chains verified."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from afterbell.accounts.roles import Role
from tenants.anchors import actions, tasks, verifying
from tenants.anchors.models import ChainState, Verification
from tenants.context import in_city
from tenants.models import School
from tenants.states import SchoolState
from tests.accounts import makers as accounts
from tests.city import NORTH
from tests.tenants.chains import deeds, one_entry_changed, past_written_anew

PAGES = (
    "/audit/chains/",
    "/audit/chains/city/",
    f"/audit/chains/{NORTH}/",
    "/audit/verify/",
    "/audit/verify/progress/",
)


@pytest.fixture(autouse=True)
def wired(settings):
    settings.SECOND_FACTOR = "optional"


@pytest.fixture
def desk_of(db):
    def make(role=Role.AUDIT_ADMIN):
        with in_city():
            user = accounts.a_user(role=role, name="审计员")
        return accounts.logged_in(accounts.CITY, user.login)

    return make


def text(answer):
    return answer.content.decode()


def rows(answer):
    return text(answer).partition("<tbody")[2].partition("</tbody>")[0]


def verified():
    """As the worker does it."""
    with in_city():
        made = Verification.objects.get(done_at__isnull=True)
    tasks.verify(verification_id=str(made.pk))


@pytest.mark.parametrize("path", PAGES)
def test_they_are_the_audit_administrators_alone(north, desk_of, client, settings, path):
    actions.anchor_all(now=timezone.now())
    assert desk_of().get(path).status_code == 200
    for role in (Role.BUREAU_SUPERVISOR, Role.PRICE_OFFICER, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN):
        desk = desk_of(role)
        assert desk.get(path).status_code == 403
        assert desk.post("/audit/verify/").status_code == 403
        assert "审计链" not in text(desk.get("/accounts/me/"))
    assert client.get(path, SERVER_NAME=settings.CITY_HOST).status_code == 302
    with in_city():
        assert not Verification.objects.exists()


def test_before_the_first_pass_the_page_says_when_chains_come(desk_of):
    desk = desk_of()
    assert "下一次整点锚定后列出" in text(desk.get("/audit/chains/"))
    assert desk.get("/audit/chains/city/").status_code == 404
    assert desk.get("/audit/chains/9999999999/").status_code == 404
    assert desk.get("/audit/verify/?school=9999999999").status_code == 404


def test_each_chain_has_its_length_last_entry_anchor_and_standing(north, island, desk_of):
    deeds(north, 3)
    actions.anchor_all(now=timezone.now())
    page = rows(desk_of().get("/audit/chains/?school=3301020001"))
    for word in ("湖滨区第一小学", "尚未核验", ">3<", "第 3 条，", "2026-09-01 12:00"):
        assert word in page
    assert page.count("<tr") == 1
    everything = rows(desk_of().get("/audit/chains/"))
    assert (
        everything.index("市平台") < everything.index("湖滨区第一小学") < everything.index("山南县海岛学校")
    )


def test_filters_are_in_the_address_and_nonsense_filters_nothing(north, south, island, desk_of):
    deeds(north, 3)
    actions.anchor_all(now=timezone.now())
    past_written_anew(north)
    actions.anchor_all(now=timezone.now())
    desk = desk_of()
    broken = rows(desk.get("/audit/chains/?standing=broken"))
    assert "湖滨区第一小学" in broken
    assert "第 3 条：锚定之后被改写" in broken
    assert "湖滨区第二小学" not in broken
    assert "海岛" in rows(desk.get("/audit/chains/?district=330106"))
    assert "湖滨区" not in rows(desk.get("/audit/chains/?district=330106"))
    assert "没有符合条件的审计链" in text(desk.get("/audit/chains/?school=没有这所"))
    for odd in (
        "?standing=nonsense",
        "?district=9",
        "?page=99999",
        "?sort=-standing&sort=x",
        "?sort=anchored",
    ):
        assert desk.get(f"/audit/chains/{odd}").status_code == 200
    assert desk.get("/audit/chains/?school=%00").status_code == 400


def test_standings_say_what_is_the_matter_with_a_chain(north, south, island, desk_of):
    deeds(north, 1)
    now = timezone.now()
    actions.anchor_all(now=now)
    with in_city():
        ChainState.objects.filter(school=south).update(seen_at=now - timedelta(hours=3))
        ChainState.objects.filter(school=north).update(failure="ProgrammingError")
    School.objects.filter(pk=island.pk).update(state=SchoolState.ARCHIVED, archived_at=now)
    page = rows(desk_of().get("/audit/chains/"))
    for name, word in (("第一小学", "没能读取"), ("第二小学", "锚定停了"), ("海岛学校", "不在服务中")):
        assert word in page.partition(name)[2].partition("</tr>")[0]
    assert "ProgrammingError" in text(desk_of().get(f"/audit/chains/{NORTH}/"))


def test_what_was_found_once_stays_on_the_page_though_the_data_are_put_back(north, desk_of):
    deeds(north, 3)
    actions.anchor_all(now=timezone.now())
    past_written_anew(north)
    actions.anchor_all(now=timezone.now())
    with in_city():
        ChainState.objects.filter(school=north).update(flaw="", flaw_position=0)
    desk = desk_of()
    page = text(desk.get(f"/audit/chains/{NORTH}/"))
    assert "锚定时发现过的问题" in page
    assert "第 3 条：锚定之后被改写" in page
    assert "有问题" in rows(desk.get(f"/audit/chains/?school={NORTH}"))


def test_a_verification_runs_behind_the_page_and_its_result_names_the_row(
    north, south, island, desk_of, django_capture_on_commit_callbacks, monkeypatch
):
    sent = []
    monkeypatch.setattr(verifying.wake, "verification", sent.append)
    deeds(north, 3)
    one_entry_changed(north)
    desk = desk_of()
    assert "核验市平台和全部学校的审计链？" in text(desk.get("/audit/verify/"))
    with django_capture_on_commit_callbacks(execute=True):
        answer = desk.post("/audit/verify/", follow=True)
    assert "核验已开始" in text(answer)
    assert len(sent) == 1
    assert "0 / 4" in text(answer)
    assert 'hx-get="/audit/verify/progress/"' in text(answer)
    assert 'href="/audit/verify/"' not in text(answer)
    twice = desk.post("/audit/verify/", follow=True)
    assert "4 条审计链已完成 0 条" in text(twice)
    part = desk.get("/audit/verify/progress/")
    assert "HX-Refresh" not in part.headers
    verified()
    over = desk.get("/audit/verify/progress/")
    part = text(over)
    assert over.headers["HX-Refresh"] == "true"  # the list behind it is as old as the page
    assert "hx-get" not in part
    assert "有问题 1 条，没能核验 0 条" in part
    assert "第 2 条：记录被改动，散列值与内容不符" in text(desk.get(f"/audit/chains/{NORTH}/"))
    assert "第 2 条：记录被改动" in rows(desk.get("/audit/chains/?standing=broken"))


def test_one_schools_chain_is_verified_from_its_page(north, south, desk_of):
    deeds(north, 3)
    actions.anchor_all(now=timezone.now())
    desk = desk_of()
    assert f"/audit/verify/?school={NORTH}" in text(desk.get(f"/audit/chains/{NORTH}/"))
    assert "核验 湖滨区第一小学 的审计链？" in text(desk.get(f"/audit/verify/?school={NORTH}"))
    assert desk.post(f"/audit/verify/?school={NORTH}").headers["Location"] == f"/audit/chains/{NORTH}/"
    verified()
    assert "共 1 条链，都完好" in text(desk.get(f"/audit/chains/{NORTH}/"))
    assert "完好" in rows(desk.get(f"/audit/chains/?school={NORTH}"))


def test_an_archived_school_is_refused_in_words(north, desk_of):
    actions.anchor_all(now=timezone.now())
    School.objects.filter(pk=north.pk).update(state=SchoolState.ARCHIVED, archived_at=timezone.now())
    desk = desk_of()
    assert f"/audit/verify/?school={NORTH}" not in text(desk.get(f"/audit/chains/{NORTH}/"))
    assert "不在服务中，现在不能核验" in text(desk.post(f"/audit/verify/?school={NORTH}", follow=True))


def test_one_that_was_given_up_is_said_to_have_no_result(north, desk_of):
    with in_city():
        auditor = accounts.a_user(role=Role.AUDIT_ADMIN)
    long_since = timezone.now() - timedelta(hours=2)
    verifying.begin(by=auditor, now=long_since)
    desk = desk_of()
    desk.post(f"/audit/verify/?school={NORTH}")
    with in_city():
        Verification.objects.filter(done_at__isnull=True).delete()
    assert "中断了，没有结果" in text(desk.get("/audit/chains/"))


@pytest.mark.parametrize("path", ["/audit/chains/", f"/audit/chains/{NORTH}/", "/audit/verify/progress/"])
def test_a_page_asks_the_same_number_of_questions_for_many_chains(north, south, island, desk_of, path):
    now = timezone.now()
    deeds(north)
    actions.anchor_all(now=now)
    desk = desk_of()
    desk.get(path)
    with CaptureQueriesContext(connection) as few:
        desk.get(path)
    for _again in range(3):
        for school in (north, south, island):
            deeds(school)
        actions.anchor_all(now=now)
    with CaptureQueriesContext(connection) as more:
        desk.get(path)
    assert len(more) == len(few)
    assert len(more) <= 14


def test_no_name_of_a_person_stands_in_what_the_city_keeps_of_a_chain(north, desk_of):
    """Decision 40: codes, positions and keys; the tables hold nothing else."""
    kept = {field.name for field in ChainState._meta.fields}
    assert kept == {
        "id", "school", "position", "last_entry_at", "seen_at", "failure", "flaw", "flaw_position", "verdict",
        "findings", "verification", "verified_at",
    }  # fmt: skip
