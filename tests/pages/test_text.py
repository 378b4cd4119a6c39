"""NUL in an address, a form, a cookie or JSON: bad input in words; bytes of a file may hold anything."""

import pytest
from django import forms
from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client, RequestFactory
from rest_framework.exceptions import ParseError

from afterbell.pages import text
from afterbell.pages.text import WholeForm, WholeJSON, WholeMultiPart, WholeText

LOGIN = "/accounts/login/"


def looked_at(request, view=lambda request: None):
    return WholeText(lambda request: None).process_view(request, view, (), {})


@pytest.fixture
def strict(settings):
    """A browser for which an error of ours is a page."""
    return Client(HTTP_HOST=settings.CITY_HOST, raise_request_exception=False)


def test_a_page_says_that_the_request_is_wrong(db, strict):
    answer = strict.get(f"{LOGIN}?next=%00")
    assert answer.status_code == 400
    assert "请求有误" in answer.content.decode()
    assert "不能保存的字符" in answer.content.decode()


def test_it_is_said_in_the_chosen_language(db, strict):
    strict.cookies.load({settings.LANGUAGE_COOKIE_NAME: "en"})
    answer = strict.get(f"{LOGIN}?next=%00")
    assert answer.status_code == 400
    assert "cannot be kept" in answer.content.decode()
    assert "cannot be kept" in strict.get("/api/v1/terms/?page=%00").json()["detail"]


@pytest.mark.parametrize("sign", ["\x00", "\x01", "\x0b", "\x1f", "\uffff"])
def test_every_sign_that_no_file_of_ours_can_carry_is_meant(sign):
    """What neither the database nor an Excel file, a PDF or a calendar file can hold; a new line and a tab are text."""
    form = Named(posted(None, name=f"王{sign}", kind="a", count="3").POST)
    assert set(form.errors) == {"name"}
    assert not text.is_whole(f"a{sign}")
    assert text.is_whole("一\t二\r\n三")


@pytest.mark.parametrize(("sign", "status"), [("\x00", 400), ("\x01", 200), ("\x1f", 200)])
def test_what_is_only_asked_may_be_absurd_as_long_as_the_database_takes_it(db, strict, sign, status):
    """Nothing is kept of a filter: the list is shown, with nothing found."""
    assert strict.get(LOGIN, {"next": f"a{sign}"}).status_code == status


def test_the_api_says_it_as_problem_json(db, strict):
    answer = strict.get("/api/v1/terms/?page=%00")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert "不能保存的字符" in answer.json()["detail"]


@pytest.mark.parametrize("form", [{"login": "a\x00"}, {"lo\x00gin": "a"}])
def test_a_field_of_a_form_or_its_name_is_looked_at(db, strict, form):
    assert strict.post(LOGIN, form).status_code == 400
    written = "&".join(f"{name}={value}" for name, value in form.items()).replace("\x00", "%00")
    assert strict.post(LOGIN, written, "application/x-www-form-urlencoded").status_code == 400


def test_a_session_s_cookie_with_nul_is_nobody_s(db, strict):
    strict.cookies.load({settings.SESSION_COOKIE_NAME: "aaaaaaaa\x00aaaaaaaa"})
    assert strict.get("/accounts/me/").status_code == 302


def test_a_file_may_hold_anything():
    file = SimpleUploadedFile("a.txt", b"\x00\xff")
    assert looked_at(RequestFactory().post("/", {"file": file, "note": "好"})) is None


def test_a_view_that_reads_its_form_itself_finds_it_unread():
    def own(request):
        """Sets its own upload handlers."""

    own.csrf_exempt = True
    request = RequestFactory().post("/", {"file": SimpleUploadedFile("a.txt", b"x")})
    assert looked_at(request, own) is None
    request.upload_handlers = []


@pytest.mark.parametrize(
    "body", ['"a\\u0000"', '{"a": [{"b\\u0000": 1}]}', '["\\ud800"]', "[" * 100_000, '{"a": NaN}']
)
def test_json_that_can_not_be_kept_is_not_read(body):
    with pytest.raises(ParseError):
        WholeJSON().parse(RequestFactory().post("/", body, "application/json"))


def test_json_in_whole_characters_is_read():
    said = WholeJSON().parse(
        RequestFactory().post("/", '{"a": ["好", "\\ud83d\\ude00", 1, null]}', "application/json")
    )
    assert said == {"a": ["好", "😀", 1, None]}
    assert text.is_whole("好😀")


class Named(forms.Form):
    """A form as rooms have them."""

    name = forms.CharField(label="姓名", max_length=60)
    kind = forms.ChoiceField(label="类别", choices=[("a", "甲"), ("b", "乙")])
    count = forms.IntegerField(label="人数")
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


def posted(view, **fields):
    """The request as the view gets it, after the middleware."""
    request = RequestFactory().post("/", fields)
    assert looked_at(request, view) is None
    return request


def test_a_form_comes_back_with_what_was_typed_and_says_it_at_the_field():
    request = posted(None, name="王\x00老师", kind="b", count="3\x00", seen="x")
    form = Named(request.POST)
    assert not form.is_valid()
    assert set(form.errors) == {"name", "count"}
    assert all("不能保存的字符" in str(form.errors[name]) for name in ("name", "count"))
    assert (form["name"].value(), form["count"].value(), form["kind"].value()) == ("王老师", "3", "b")
    assert "\x00" not in form.as_div()
    assert Named(posted(None, name="王", kind="a", count="3").POST).is_valid()


def test_of_a_field_that_nobody_sees_the_form_says_it_on_top():
    form = Named(posted(None, name="王", kind="b", count="3", seen="\x00").POST)
    assert set(form.errors) == {"__all__"}


def test_a_page_with_a_form_keeps_what_was_typed(db, strict):
    answer = strict.post(LOGIN, {"login": "wang\x00lei", "password": "x"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'value="wanglei"' in page
    assert "不能保存的字符" in page
    assert "请求有误" not in page


def test_a_field_that_is_read_without_a_form_is_refused_not_shortened(db, strict):
    """Else the deed would be done with another word than the one that was sent."""
    request = posted(None, name="甲", kind="\x00yes")
    for read in (
        lambda: request.POST["kind"],
        lambda: request.POST.get("kind", ""),
        lambda: request.POST.getlist("kind"),
        lambda: request.POST.dict(),
        lambda: list(request.POST.items()),
    ):
        with pytest.raises(BadRequest, match="不能保存的字符"):
            read()
    assert request.POST["name"] == "甲"
    assert request.POST.get("nothing") is None
    answer = strict.post("/theme/", {"theme": "da\x00rk"})
    assert answer.status_code == 400
    assert "不能保存的字符" in answer.content.decode()
    assert "theme" not in answer.cookies


def test_a_bad_choice_without_a_form_has_a_page_too(db, strict):
    answer = strict.post("/theme/", {"theme": "pink"})
    assert answer.status_code == 400
    assert "请求有误" in answer.content.decode()


def test_a_view_that_reads_its_form_itself_has_a_form_that_looks():
    """With files, behind its own handlers: nothing was looked at before."""
    form = Named(QueryDict("name=a%00&kind=a&count=3"))
    assert set(form.errors) == {"name"}


@pytest.mark.parametrize("how", ["multipart/form-data", "application/x-www-form-urlencoded"])
def test_fields_of_a_form_that_is_sent_to_the_api_are_looked_at(how):
    written = RequestFactory().post("/", {"a": "b\x00"})
    if how != "multipart/form-data":
        written = RequestFactory().post("/", "a=b%00", how)
    parser = {"multipart/form-data": WholeMultiPart, "application/x-www-form-urlencoded": WholeForm}[how]()
    with pytest.raises(ParseError):
        parser.parse(written, written.META["CONTENT_TYPE"], {"request": written, "encoding": "utf-8"})
    assert set(settings.REST_FRAMEWORK["DEFAULT_PARSER_CLASSES"]) == {
        f"afterbell.pages.text.{one}" for one in ("WholeJSON", "WholeForm", "WholeMultiPart")
    }
