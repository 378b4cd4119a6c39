"""The roster's pages: upload, preview, apply once, result; nobody else's upload, no stale one."""

import re

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile

from schools.people.models import Pupil, RosterImport
from schools.people.roster import archive, pending
from tenants.context import in_school
from tests.schools.people.books import LI, WANG, book, load, opened
from tests.schools.people.stage import staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(north):
    return staff(north, "clerk")[1]


def send(client, data: bytes, name: str = "名册.xlsx"):
    return client.post("/desk/roster/", {"file": SimpleUploadedFile(name, data)})


def previewed(client, data: bytes):
    """The preview's address and page."""
    answer = send(client, data)
    assert answer.status_code == 302, answer.content.decode()
    address = answer.headers["Location"]
    return address, client.get(address)


def fingerprint(page) -> str:
    return re.search(r'name="fingerprint" value="([0-9a-f]{64})"', page.content.decode())[1]


def apply(client, address: str, page, **more):
    return client.post(f"{address}apply/", {"fingerprint": fingerprint(page), "leaving": "none", **more})


def test_upload_preview_apply_and_the_number(clerk, north):
    address, page = previewed(clerk, book(LI, WANG))
    assert "新增学生" in page.content.decode()
    with in_school(north):
        assert Pupil.objects.count() == 0
    answer = apply(clerk, address, page)
    assert answer.status_code == 302
    result = clerk.get(answer.headers["Location"])
    with in_school(north):
        done = RosterImport.objects.get()
        assert Pupil.objects.count() == 2
        assert (done.file_name, done.by.login) != ("", "")
    assert done.short_number in result.content.decode()


def test_a_second_click_shows_the_same_result_and_writes_nothing(clerk, north):
    address, page = previewed(clerk, book(LI))
    first = apply(clerk, address, page)
    second = apply(clerk, address, page)
    assert second.headers["Location"] == first.headers["Location"]
    with in_school(north):
        assert RosterImport.objects.count() == 1


def test_an_expired_preview_says_so(clerk, north, monkeypatch):
    address, page = previewed(clerk, book(LI))
    cache_clear(north)
    answer = apply(clerk, address, page)
    assert answer.status_code == 410
    assert "重新上传" in answer.content.decode()
    address, page = previewed(clerk, book(LI))
    monkeypatch.setattr(pending, "LIFE", -1)
    assert apply(clerk, address, page).status_code == 410
    with in_school(north):
        assert Pupil.objects.count() == 0


def cache_clear(school):
    with in_school(school):
        cache.clear()


def test_a_changed_reference_opens_nothing(clerk):
    address, _page = previewed(clerk, book(LI))
    assert clerk.get(address[:-4] + "xxx/").status_code == 410


def test_the_upload_of_one_clerk_is_not_there_for_another(clerk, north):
    address, _page = previewed(clerk, book(LI))
    other = staff(north, "clerk")[1]
    assert other.get(address).status_code == 404
    assert other.get(f"{address}errors/").status_code == 404


def test_a_reference_of_another_school_opens_nothing(clerk, south):
    address, _page = previewed(clerk, book(LI))
    assert staff(south, "clerk")[1].get(address).status_code == 410


def test_the_waiting_file_lies_sealed_in_the_cache(clerk, north):
    data = book(LI)
    address, _page = previewed(clerk, data)
    reference = address.split("/")[3]
    with in_school(north):
        kept = cache.get(f"people.roster:{pending.identity(reference)}")
    assert b"PK" not in kept["sealed"].encode()[:4]
    assert "sharedStrings" not in kept["sealed"]


def test_a_school_that_changed_since_the_preview_is_not_overwritten(clerk, north):
    address, page = previewed(clerk, book(LI))
    with in_school(north):
        load(book(LI))
    answer = apply(clerk, address, page)
    assert answer.status_code == 409
    assert "重新上传" in answer.content.decode()


def test_flaws_are_listed_and_the_workbook_can_be_fetched(clerk):
    address, page = previewed(clerk, book(LI, ("", *WANG[1:])))
    text = page.content.decode()
    assert "缺学籍号" in text
    assert "A4" in text
    assert "确认导入" not in text
    fetched = clerk.get(f"{address}errors/")
    assert "attachment" in fetched.headers["Content-Disposition"]
    assert "缺学籍号" in opened(fetched.content)["Sheet1"]["F4"].value


def test_flawed_rosters_cannot_be_applied_by_hand(clerk, north):
    address, _page = previewed(clerk, book(("", *LI[1:])))
    answer = clerk.post(f"{address}apply/", {"fingerprint": "0" * 64, "leaving": "none"})
    assert answer.status_code == 409
    with in_school(north):
        assert RosterImport.objects.count() == 0


def test_missing_pupils_are_marked_as_left_only_when_ticked(clerk, north):
    with in_school(north):
        load(book(LI, WANG))
        gone = Pupil.objects.get(number="00124")
    address, page = previewed(clerk, book(LI))
    assert "王芳芳" in page.content.decode()
    apply(clerk, address, page, leaving="chosen", gone=[str(gone.pk)])
    with in_school(north):
        assert Pupil.objects.get(pk=gone.pk).left_date is not None


def test_nonsense_among_the_ticked_is_refused(clerk, north):
    with in_school(north):
        load(book(LI, WANG))
    address, page = previewed(clerk, book(LI))
    assert apply(clerk, address, page, leaving="chosen", gone=["nobody"]).status_code == 409
    with in_school(north):
        assert Pupil.objects.filter(left_date__isnull=False).count() == 0


@pytest.mark.parametrize(
    ("data", "status", "said"),
    [
        (b"hello", 400, "xlsx"),
        (archive.OLE2 + "EncryptedPackage".encode("utf-16-le"), 400, "密码"),
        (bytes(10 * 1024 * 1024 + 1), 413, "10 MB"),
        (b"", 400, "空的"),
    ],
)
def test_a_file_that_is_no_roster_is_refused_at_its_field(clerk, data, status, said):
    answer = send(clerk, data)
    assert answer.status_code == status
    assert said in answer.content.decode()


def test_headings_that_are_missing_are_said_at_once(clerk):
    answer = send(clerk, book(("李小明",), head=("姓名",)))
    assert answer.status_code == 400
    assert "学籍号、班级" in answer.content.decode()


def test_progress_tells_how_far(clerk, north):
    address, page = previewed(clerk, book(LI))
    assert "正在检查" in clerk.get(f"{address}progress/").content.decode()
    apply(clerk, address, page)
    assert "正在写入" in clerk.get(f"{address}progress/").content.decode()


@pytest.mark.parametrize("role", ["principal", "class_teacher", "guardian", "care_staff"])
def test_only_the_office_imports(north, role):
    assert staff(north, role)[1].get("/desk/roster/").status_code == 403
