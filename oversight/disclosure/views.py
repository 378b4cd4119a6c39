"""Public pages: what schools charge, whether their statements are as they were published, how many children take part."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from django.conf import settings
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from afterbell.accounts.rights import open_to_all
from afterbell.pages import sheets
from afterbell.pages.sheets import Sheet
from oversight.disclosure import caching, files, limits, queries
from oversight.disclosure import participation as tables
from oversight.disclosure.forms import (
    MOST_BODY,
    TOO_LARGE,
    CheckForm,
    FeeFilter,
    OpenFilter,
    ReleaseFilter,
    StatementFilter,
)
from oversight.disclosure.queries import FeeStandard, Narrowing, StatementLine
from oversight.disclosure.words import COLLECTORS, UNITS, cap_word
from oversight.indicators.queries import TermChoice
from tenants import models as register

WHY: Final = "fees, accounts and participation are published to everybody (S5, S36, S43, S47)"
PER_PAGE: Final = 25
LATEST_PAGE: Final = 100_000


@require_safe
@open_to_all(WHY)
@caching.public
def home(request: HttpRequest) -> HttpResponse:
    """What is published here, in three sentences made from the data."""
    term = next((term for term in queries.terms(timezone.now()) if term.is_current), None)
    lines = queries.fee_standards(term.code) if term else []
    shown = {
        "term": term,
        "schools": len(lines),
        "published": sum(line.published_at is not None for line in lines),
        "over": sum(line.breach is not None for line in lines),
        "statements": queries.statements(Narrowing(term.code), most=1)[1] if term else 0,
        "as_of": queries.pulse().as_of,
    }
    return caching.page(request, "disclosure/home.html", shown)


@require_safe
@open_to_all(WHY)
@caching.public
def fees(request: HttpRequest) -> HttpResponse:
    """Every school's fee standard beside its cap."""
    terms = queries.terms(timezone.now())
    form = FeeFilter(request.GET, terms=terms, districts=queries.districts())
    found = _narrowed(queries.fee_standards(form.chosen["term"]), form.chosen)
    if file := _file(request, "fees", lambda: files.of_fees(found, _name(terms, form.chosen["term"]))):
        return file
    page = _page(request, found)
    shown = {
        "rows": [_fee_row(line) for line in page.object_list],
        "count": len(found),
        "published": sum(line.published_at is not None for line in found),
        "over": sum(line.breach is not None for line in found),
    }
    return caching.page(request, "disclosure/fees.html", {**_list(request, form, terms, page), **shown})


@require_safe
@open_to_all(WHY)
@caching.public
def statements(request: HttpRequest) -> HttpResponse:
    """The hash of every published monthly statement."""
    terms = queries.terms(timezone.now())
    form = StatementFilter(request.GET, terms=terms, districts=queries.districts())
    name = _name(terms, form.chosen["term"])
    if file := _file(
        request, "statements", lambda: files.of_statements(queries.statements(form.narrowing)[0], name)
    ):
        return file
    number = _number(request)
    rows, count = queries.statements(form.narrowing, first=(number - 1) * PER_PAGE, most=PER_PAGE)
    if not rows and number > 1:
        rows, count = queries.statements(form.narrowing, most=PER_PAGE)
        number = 1
    page = Paginator(range(count), PER_PAGE).page(number)
    shown = {"rows": [_with_address(request, row) for row in rows], "count": count}
    return caching.page(request, "disclosure/statements.html", {**_list(request, form, terms, page), **shown})


@require_safe
@open_to_all(WHY)
@caching.public
def participation(request: HttpRequest) -> HttpResponse:
    """Fixed tables alone, as a day has published them: a filter, or a second look at the same day, would let two tables be
    subtracted from each other."""
    terms = queries.terms(timezone.now())
    form = ReleaseFilter(request.GET, terms=terms)
    release = form.release
    grids = tables.of_kept(release.tables) if release else []
    wanted = next((grid for grid in grids if grid.id == request.GET.get("table")), None)
    if release and wanted:
        name, day = _name(terms, form.chosen), release.day
        if file := _file(request, wanted.id, lambda: files.of_grid(wanted, name, day)):
            return file
    shown = {
        "filter": form,
        "term": _term(terms, form.chosen),
        "grids": grids,
        "release": release,
        "as_of": release.as_of if release else None,
    }
    return caching.page(request, "disclosure/participation.html", shown)


@csrf_exempt  # it changes nothing, and a visitor without cookies has no token
@never_cache
@open_to_all(WHY)
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Is this text, file or hash the one that was published? Nothing is stored, not even in a temporary file."""
    is_asked = request.method == "POST" or "sha256" in request.GET
    if not is_asked:
        return _verify(request, CheckForm())
    if wait := limits.seconds_to_wait(request):
        answer = _verify(request, CheckForm(), status=429, trouble=_("核对得太频繁，请一分钟后再试。"))
        answer.headers["Retry-After"] = str(wait)
        return answer
    if _length(request) > MOST_BODY:
        return _verify(request, CheckForm(), status=413, trouble=str(TOO_LARGE))
    request.upload_handlers = [MemoryFileUploadHandler(request)]
    form = CheckForm(request.POST if request.method == "POST" else request.GET, request.FILES)
    found = form.checked() if form.is_valid() else None
    if found is None:
        return _verify(request, form, status=400)
    return _verify(request, CheckForm(), found=found)


@require_safe
@open_to_all(WHY)
@never_cache
def about(request: HttpRequest) -> HttpResponse:
    """Where the figures come from, how to check a statement oneself, and the switches of language and colours."""
    return render(request, "disclosure/about.html")


def _length(request: HttpRequest) -> int:
    """Of the body, as the browser says; Django reads no further than this."""
    said = str(request.META.get("CONTENT_LENGTH") or "")
    return int(said) if said.isascii() and said.isdigit() else 0


def _verify(
    request: HttpRequest, form: CheckForm, *, status: int = 200, trouble: str = "", found: Any = None
) -> HttpResponse:
    shown: dict[str, Any] = {"form": form, "trouble": trouble, "found": found}
    if found is not None:
        shown["published"] = [_with_address(request, line) for line in found.published]
    return render(request, "disclosure/verify.html", shown, status=status)


def _narrowed(lines: Sequence[FeeStandard], chosen: dict[str, str]) -> list[FeeStandard]:
    wanted = {"district_code": chosen["district"], "stage": chosen["stage"], "kind": chosen["kind"]}
    search = chosen["search"].casefold()
    return [
        line
        for line in lines
        if all(not value or getattr(line, name) == value for name, value in wanted.items())
        and (search in line.name.casefold() or line.code.startswith(search))
    ]


def _fee_row(line: FeeStandard) -> dict[str, Any]:
    state, word = cap_word(line)
    return {
        "line": line,
        "stage": register.Stage(line.stage).label,
        "kind": register.Kind(line.kind).label,
        "unit": UNITS.get(line.unit, ""),
        "collector": COLLECTORS.get(line.collector, ""),
        "due": COLLECTORS.get(line.collector_due, ""),
        "state": state,
        "word": word,
    }


def _with_address(request: HttpRequest, line: StatementLine) -> dict[str, Any]:
    """With the school's own page of that month, at the port that the visitor came to."""
    port = request.get_host().partition(":")[2]
    host = f"s{line.code}.{settings.DOMAIN}{':' if port else ''}{port}"
    return {"line": line, "url": f"{request.scheme}://{host}/open/statements/{line.month}/"}


def _list(
    request: HttpRequest, form: OpenFilter, terms: list[TermChoice], page: "Page[Any]"
) -> dict[str, Any]:
    """What every list shows: filters, pages, files of the same rows, age."""
    query = request.GET.copy()
    for name in ("page", "format"):
        query.pop(name, None)
    start = f"?{query.urlencode()}&" if query else "?"
    return {
        "filter": form,
        "term": _term(terms, form.chosen["term"]),
        "page": page,
        "start": start,
        "as_of": queries.pulse().as_of,
    }


def _file(request: HttpRequest, name: str, sheet: Callable[[], Sheet]) -> HttpResponse | None:
    form = request.GET.get("format", "")
    return sheets.download(sheet(), form=form, name=f"afterbell-{name}") if form in files.FORMS else None


def _page(request: HttpRequest, rows: Sequence[FeeStandard]) -> "Page[FeeStandard]":
    pages = Paginator(rows, PER_PAGE)
    return pages.page(min(_number(request), pages.num_pages))


def _number(request: HttpRequest) -> int:
    """Nonsense shows the first page."""
    page = request.GET.get("page", "1")
    return min(max(int(page), 1), LATEST_PAGE) if page.isascii() and page.isdigit() and len(page) < 9 else 1


def _term(terms: list[TermChoice], code: str) -> TermChoice | None:
    return next((term for term in terms if term.code == code), None)


def _name(terms: list[TermChoice], code: str) -> str:
    return found.name if (found := _term(terms, code)) else ""
