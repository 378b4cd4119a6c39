"""Everybody reads what schools have published (S27, S36, S43), nobody what they have not; pages set no cookie."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from afterbell.accounts.roles import Role
from oversight.disclosure import limits
from oversight.facts.models import AreaPulse, TermFact
from tenants.context import in_city
from tests.accounts.makers import CITY, a_user, logged_in
from tests.dashboards.makers import many_schools
from tests.oversight import makers
from tests.oversight.disclosure.conftest import SHA, TEXT

PAGES = ["", "fees/", "statements/", "participation/"]
VERIFY = "/disclosure/verify/"


def text_of(answer):
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return answer.content.decode()


def rows_of(answer):
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


# --- fee standards


def test_fees_stand_beside_their_caps_and_too_much_is_marked(visitor, published):
    page = text_of(visitor.get("/disclosure/fees/"))
    assert "共 3 所学校，2 所已公布收费标准，1 所超过上限。" in page
    assert page.count("超过上限</span>") == 1
    assert "¥160.00" in page
    assert "按规定应由学校收取" in page


def test_what_a_fee_comes_to_in_the_term_stands_beside_its_cap_and_too_much_is_marked(
    visitor, published, north
):
    """S3: 80.00 a month under 100.00 a month, and 400.00 of 300.00 a term."""
    TermFact.objects.filter(school=north).update(
        fee_fen=8_000, cap_fen=10_000, fee_term_fen=40_000, cap_term_fen=30_000
    )
    makers.rolled()
    page = text_of(visitor.get("/disclosure/fees/"))
    assert "2 所超过上限" in page
    for said in ("本学期合计 ¥400.00", "本学期最多 ¥300.00", "本学期合计超过上限"):
        assert said in page
    assert "其中 2 所超过政策上限" in text_of(visitor.get("/disclosure/"))
    file = visitor.get("/disclosure/fees/?format=csv").content.decode()
    assert "80.00,100.00,400.00,300.00,本学期合计超过上限" in file


def test_a_fee_that_is_not_published_is_nowhere(visitor, published):
    for address in ("fees/", "fees/?format=csv", "fees/?search=海岛"):
        answer = visitor.get(f"/disclosure/{address}")
        assert "999" not in answer.content.decode(), address
        assert "海岛学校" in answer.content.decode()


def test_filters_narrow_and_nonsense_is_said(visitor, published):
    assert "第二小学" not in text_of(visitor.get("/disclosure/fees/?district=330106"))
    assert "第二小学" not in text_of(visitor.get("/disclosure/fees/?search=第一"))
    assert "没有符合条件的学校" in text_of(visitor.get("/disclosure/fees/?stage=lower_secondary"))
    page = text_of(visitor.get("/disclosure/fees/?district=999999&page=moon&kind=sea"))
    assert "请先改正" in page
    assert "第二小学" in page


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_files_hold_the_same_rows(visitor, published, form):
    answer = visitor.get(f"/disclosure/fees/?format={form}&search=第二")
    assert f".{form}" in answer.headers["Content-Disposition"]
    if form == "csv":
        head, row = rows_of(answer)
        assert dict(zip(head, row, strict=True)) | {"学校": "湖滨区第二小学"} == {
            "学校标识码": "3301020002", "学校": "湖滨区第二小学", "区县": "湖滨区", "学段": "小学", "城乡": "城区",
            "计费单位": "每月", "收费标准（元）": "160.00", "政策上限（元）": "150.00",
            "本学期合计（元）": "–", "本学期上限（元）": "–", "与上限比较": "超过上限",
            "收费主体": "家长委员会", "方案公布日期": "2026-09-01",
        }  # fmt: skip


# --- statements


def test_hashes_stand_by_school_and_month(visitor, published):
    page = text_of(visitor.get("/disclosure/statements/"))
    assert "共 2 份已公示的月度账目" in page
    assert SHA in page
    assert page.count("迟于应公示日期") == 1
    assert "海岛" not in page
    assert "http://s3301020001.localhost/open/statements/2026-09/" in page
    assert SHA not in text_of(visitor.get("/disclosure/statements/?month=2026-09&search=第二"))
    assert len(rows_of(visitor.get("/disclosure/statements/?format=csv"))) == 3


def test_a_search_is_no_pattern(visitor, published):
    assert "共 0 份" in text_of(visitor.get("/disclosure/statements/?search=%25"))


# --- verifying


def checked(visitor, **given):
    return visitor.post(VERIFY, given)


def file(content, name="statement.txt"):
    return SimpleUploadedFile(name, content)


def test_a_hash_says_whose_it_is(visitor, published):
    for given in (SHA, SHA.upper(), f"{SHA}  statement-3301020001.txt"):
        page = text_of(checked(visitor, sha256=given))
        assert "对得上" in page
        assert "湖滨区第一小学 2026-09" in page
    assert "对得上" in text_of(visitor.get(f"{VERIFY}?sha256={SHA}"))
    assert "没有找到" in text_of(checked(visitor, sha256="b" * 64))


def test_a_pasted_text_is_not_held_to_the_browsers_line_ends(visitor, published):
    for given in (TEXT, TEXT.replace("\n", "\r\n"), TEXT.rstrip("\n"), f"\n{TEXT}\n\n"):
        assert "对得上" in text_of(checked(visitor, text=given))


def test_a_file_is_held_to_every_byte(visitor, published):
    assert "之后没有改过" in text_of(checked(visitor, file=file(TEXT.encode())))
    page = text_of(checked(visitor, file=file(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())))
    assert "内容对得上" in page
    assert "换行" in page


def test_one_fen_more_is_found_and_the_published_hash_is_shown(visitor, published):
    page = text_of(checked(visitor, text=TEXT.replace("240000", "240001")))
    assert "对不上" in page
    assert "自称是湖滨区第一小学 2026-09" in page
    assert SHA in page


def test_a_month_that_was_never_published_is_said_to_be_so(visitor, published):
    page = text_of(checked(visitor, text=TEXT.replace("3301020001", "3301060003")))
    assert "没有公示过" in page
    assert "没有找到" in text_of(checked(visitor, text="hello"))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "请填写校验码"),
        ({"sha256": "abc"}, "64 位"),
        ({"sha256": SHA, "text": TEXT}, "只用一种"),
        ({"text": "a\x00b"}, ""),
        ({"text": "长" * 300_000}, ""),
        ({"file": "gbk"}, "不是 UTF-8"),
        ({"file": "empty"}, ""),
        ({"file": "large"}, "256 KB"),
    ],
)
def test_what_cannot_be_checked_is_said_in_a_sentence(visitor, published, given, sentence):
    files = {"gbk": "账目".encode("gbk"), "empty": b"", "large": b"a" * 300_000}
    if "file" in given:
        given = {"file": file(files[given["file"]])}
    answer = checked(visitor, **given)
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "请先改正下面的问题" in page
    assert sentence in page


def test_far_too_much_is_refused_before_it_is_read(visitor, published, monkeypatch):
    monkeypatch.setattr("oversight.disclosure.forms.CheckForm.is_valid", None)
    answer = checked(visitor, file=file(b"a" * 1_200_000))
    assert answer.status_code == 413
    assert "256 KB" in answer.content.decode()


def test_checking_too_often_is_refused_for_a_while(visitor, published, monkeypatch):
    monkeypatch.setattr(limits.Checks, "rate", "2/min")
    assert [checked(visitor, sha256=SHA).status_code for _time in range(3)] == [200, 200, 429]
    answer = checked(visitor, sha256=SHA)
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert "一分钟后再试" in answer.content.decode()
    assert visitor.get(VERIFY).status_code == 200


def test_the_verify_page_is_kept_by_nobody(visitor, published):
    assert "no-store" in checked(visitor, sha256=SHA).headers["Cache-Control"]


# --- participation


def test_small_counts_are_hidden_and_the_others_rounded(visitor, published):
    page = text_of(visitor.get("/disclosure/participation/"))
    assert "各区县的参与情况" in page
    head, *rows = rows_of(visitor.get("/disclosure/participation/?table=by-district&format=csv"))
    found = {(row[0], row[3]): tuple(row[4:]) for row in rows}
    assert head[4:] == ["参加学生（人，约）", "参与率（%）"]
    assert found["山南县", "小学"] == ("c", "c")
    assert ("650", "81.3") not in found.values()
    assert "654" not in page


def test_the_tables_are_fixed(visitor, published):
    plain = text_of(visitor.get("/disclosure/participation/"))
    for more in ("district=330106", "stage=primary", "kind=rural", "school=3301060003", "from=2026-09"):
        assert text_of(visitor.get(f"/disclosure/participation/?{more}")) == plain


# --- keeping


@pytest.mark.parametrize("path", PAGES)
def test_a_visitor_without_cookies_gets_a_page_that_may_be_kept(visitor, published, path):
    answer = visitor.get(f"/disclosure/{path}")
    assert answer.headers["Cache-Control"] == "public, max-age=600"
    assert "Cookie" in answer.headers["Vary"]
    assert not answer.cookies
    assert "csrfmiddlewaretoken" not in text_of(answer)
    assert "noindex" not in text_of(answer)
    again = visitor.get(f"/disclosure/{path}", headers={"if-none-match": answer.headers["ETag"]})
    assert (again.status_code, again.headers["Cache-Control"]) == (304, "public, max-age=600")


def test_new_figures_are_a_new_page(visitor, published):
    tag = visitor.get("/disclosure/fees/").headers["ETag"]
    AreaPulse.objects.update(version=1)
    assert visitor.get("/disclosure/fees/", headers={"if-none-match": tag}).status_code == 200
    other = visitor.get("/disclosure/fees/?page=2").headers["ETag"]
    assert other != visitor.get("/disclosure/fees/").headers["ETag"]


def test_a_page_for_somebody_who_logged_in_is_kept_by_nobody(published, settings):
    settings.SECOND_FACTOR = "optional"
    with in_city():
        user = a_user(role=Role.PRICE_OFFICER)
    desk = logged_in(CITY, user.login)
    answer = desk.get("/disclosure/fees/")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in answer.headers
    assert "公开信息" in desk.get("/costs/summary/").content.decode()


@pytest.mark.parametrize("path", [*PAGES, "verify/", "about/"])
def test_before_anything_is_known_the_pages_say_what_will_be_here(visitor, db, path):
    text_of(visitor.get(f"/disclosure/{path}"))


def test_the_home_page_counts(visitor, published):
    page = text_of(visitor.get("/disclosure/"))
    assert "3 所学校中，2 所公布了收费标准" in page
    assert "其中 1 所超过政策上限" in page
    assert "已公示 2 份" in page


@pytest.mark.parametrize("path", [*PAGES, "statements/?format=csv"])
def test_questions_to_the_database_are_few(visitor, published, django_assert_max_num_queries, path):
    with django_assert_max_num_queries(12):
        visitor.get(f"/disclosure/{path}")


def test_pages_have_25_schools(visitor, db):
    with in_city():
        many_schools(60)
    makers.rolled()
    page = visitor.get("/disclosure/fees/?page=2&kind=urban")
    assert page.content.decode().count("<tr>") == 1 + 7
    assert "第 2 页，共 2 页" in page.content.decode()
    assert "kind=urban&amp;page=1" in page.content.decode()
