"""A fee notice comes from an accepted plan (S27); a letter that speaks of money goes past a second person, on record."""

import pytest
from django.db import IntegrityError, transaction

from afterbell.audit.models import Entry
from schools.notices import actions, charging
from schools.notices.models import Delivery, Draft, Notice, NoticeKind
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.people.stage import client_of, parent, staff

pytestmark = pytest.mark.django_db
INVENTED = {"title": "通知", "body": "本学期每人另交 材料费，每月 300 元，扫码支付。"}
WARNED = "扫码支付、材料费、300元、每月300"
REASON = "只提醒按公示标准缴费"


@pytest.fixture
def stage(north):
    with in_school(north):
        alice = parent(makers.a_pupil(), name="李强")
        users = {role: makers.a_user(role) for role in ("clerk", "principal", "deputy")}
    browsers = {role: client_of(north, user) for role, user in users.items()}
    return {"users": users, "mother": client_of(north, alice.user), "nobody": client_of(north), **browsers}


def draft(by, **more) -> Draft:
    given = {**INVENTED, "is_open": True, "school_class": None, **more}
    return actions.write_draft(**given, by=by, now=NOON)


@pytest.mark.parametrize("kind", [kind for kind in NoticeKind if kind is not NoticeKind.LETTER])
def test_no_kind_but_a_letter_can_be_written_by_hand(stage, north, kind):
    """S27: whatever the form is made to say, and below all code."""
    sent = stage["clerk"].post(
        "/desk/notices/new/", {"kind": kind.value, "title": "收费公示", "body": "每月 300 元"}
    )
    assert sent.status_code == 302
    with in_school(north):
        assert Draft.objects.get().kind == NoticeKind.LETTER
        with pytest.raises(IntegrityError, match="by_hand_only_letters"), transaction.atomic():
            Draft.objects.create(
                kind=kind, title="收费公示", body="…", by=stage["users"]["clerk"], written_at=NOON
            )
    assert "收费公示、收支公示由方案和账目产生" in stage["clerk"].get("/desk/notices/new/").content.decode()


def test_who_wrote_of_money_does_not_let_it_out(stage, north):
    """S27: a principal who writes and publishes is one person."""
    principal = stage["users"]["principal"]
    with in_school(north):
        written = draft(principal)
        with pytest.raises(actions.SamePerson):
            actions.publish_draft(draft=written, by=principal, now=NOON, reason=REASON)
    page = stage["principal"].get(f"/desk/notices/drafts/{written.pk}/").content.decode()
    assert WARNED in page
    assert f"/desk/notices/drafts/{written.pk}/publish/" not in page
    said = {"reason": REASON}
    assert stage["principal"].post(f"/desk/notices/drafts/{written.pk}/publish/", said).status_code == 409
    with in_school(north):
        assert not Notice.objects.exists()
        assert not Delivery.objects.exists()


@pytest.mark.parametrize("reason", ["", "   ", "同意"])
def test_the_second_person_is_shown_the_words_and_says_why(stage, north, reason):
    """S27."""
    with in_school(north):
        written = draft(stage["users"]["clerk"])
    address = f"/desk/notices/drafts/{written.pk}/publish/"
    assert WARNED in stage["principal"].get(address).content.decode()
    assert stage["principal"].post(address, {"reason": reason}).status_code == 400
    with in_school(north):
        assert not Notice.objects.exists()


def test_words_and_reason_stand_on_record(stage, north):
    """S27: on the notice, which nobody can change, and in the log."""
    with in_school(north):
        written = draft(stage["users"]["clerk"])
    address = f"/desk/notices/drafts/{written.pk}/publish/"
    sent = stage["principal"].post(address, {"reason": REASON})
    assert (
        stage["principal"].post(address, {"reason": REASON}).headers["Location"] == sent.headers["Location"]
    )
    with in_school(north):
        notice = Notice.objects.get()
        assert (notice.kind, notice.warned, notice.release_reason) == (NoticeKind.LETTER, WARNED, REASON)
        assert Entry.objects.get(verb="notices.publish").details["warned"] is True
        with pytest.raises(IntegrityError, match="warned_notice_has_a_reason"), transaction.atomic():
            Notice.objects.create(
                kind=NoticeKind.LETTER,
                title="通知",
                body="…",
                body_sha256="0" * 64,
                published_at=NOON,
                warned="收费",
            )
    page = stage["clerk"].get(sent.headers["Location"]).content.decode()
    assert WARNED in page
    assert REASON in page
    open_page = stage["nobody"].get(f"/open/notices/{notice.pk}/").content.decode()
    assert "告家长书" in open_page  # not 收费公示: a letter looks like a letter
    assert REASON not in open_page


def test_a_letter_without_such_words_goes_out_as_before(stage, north):
    with in_school(north):
        principal = stage["users"]["principal"]
        written = draft(principal, title="放学安排", body="活动免费，元旦放假，第三单元以后另行通知。")
        notice = actions.publish_draft(draft=written, by=principal, now=NOON, reason="多余的话")
        assert (notice.warned, notice.release_reason) == ("", "")


@pytest.mark.parametrize(
    "text",
    [
        "请交 费", "繳費通知", "每人三百元", "每人３００元", "￥300", "RMB 300", "300块钱", "请 转-账 给班主任",
        "收 取 材 料 费", "一千二百元整", "元旦前交50元", "五百圓", "轉賬", "请家长本周交延时费，每月200",
        "补课费三百，交班主任", "学费200块，交班长", "每人50块，微信转给李老师", "请带一百五交给老师",
        "课后服务每期四百八十，扫码见群公告", "书本费 35", "午餐钱每人200",
    ],
)  # fmt: skip
def test_words_of_charging_are_found_however_they_are_written(text):
    assert charging.warning("通知", text)
    assert charging.warning(text[:120], "见标题")


@pytest.mark.parametrize(
    "text",
    [
        "本活动免费", "候补期间不收费", "元旦快乐", "第二单元", "已办理退费", "消防演练", "", "\x00",
        "请每人带一本书和两支笔", "每月3日开会", "请带好2B铅笔", "每人发3个本子", "每月20日前交作业",
        "明天16:30放学", "学生每人跳绳100下",
        "请费心核对", "请带200克面粉", "每人写300字", "请交给3号窗口", "教室里有两块黑板",
    ],
)  # fmt: skip
def test_what_gives_nothing_to_pay_is_left_alone(text):
    assert charging.warning("通知", text) == ""


def test_a_huge_letter_is_looked_at_whole_and_said_in_short(north):
    """20,000 signs, the word at the end; the record holds a few words, however many there are."""
    assert charging.warning("通知", "好" * 20_000 + "押金") == "押金"
    many = charging.warning("通知", "".join(charging.WORDS) + "9" * 5000 + "元")
    assert len(many) <= 120
    with in_school(north):
        draft(staff(north, "clerk")[0], body="".join(charging.WORDS) + "9" * 5000 + "元")
