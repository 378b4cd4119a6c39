"""Text that a database can hold: what comes with NUL or half a character is bad input, told before any view sees it.

PostgreSQL's text has no NUL, and UTF-8 no half of a surrogate pair: either would be an error of the server. Addresses
and forms are looked at for all views here; JSON where it is read (`WholeJSON`). Files are bytes and may hold anything.
A page's form comes back with what was typed but the sign, and says so at the field: no work is lost over one sign.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any, Final

from django.core.exceptions import BadRequest
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict, UnreadablePostError
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from afterbell.pages import errors, problems

NUL: Final = "\x00"
UNHOLDABLE: Final = _("内容里有不能保存的字符（NUL 或不完整的字符）。请删去后重试。")
TOO_DEEP: Final = _("内容嵌套得太深。")


class Typed(QueryDict):
    """The fields of a form without the signs that can't be kept."""

    unholdable: frozenset[str] = frozenset()
    """The names of the fields that had one."""


class WholeText:
    """Middleware: 400 for a NUL in the address or in a form; a cookie with one is no cookie of ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Cookies first: the session asks the database for whatever key it is given."""
        request.COOKIES = {name: value for name, value in request.COOKIES.items() if NUL not in value}
        response = self.get_response(request)
        if response.status_code == 200 and getattr(request, "had_nul", False):
            response.status_code = 400
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        fields = _fields(request, view)
        if NUL in request.path or _holds_nul(request.GET) or any(NUL in name for name in fields):
            return errors.bad_request(request, BadRequest("NUL"))
        if _holds_nul(fields):
            if problems.wanted(request):
                return errors.bad_request(request, BadRequest("NUL"))
            request.POST, request.had_nul = _typed(fields), True  # type: ignore[assignment,attr-defined]
        return None


def forms_look() -> None:
    """Once, at the start: every form of Django refuses what came with a NUL, in the one place where forms clean.

    Each room's forms, the login's and those of tomorrow have no other place in common.
    """
    clean = BaseForm.full_clean

    def full_clean(form: BaseForm) -> None:
        clean(form)
        unholdable: frozenset[str] = getattr(form.data, "unholdable", frozenset())
        for name, field in form.fields.items() if form.is_bound else ():
            if form.add_prefix(name) in unholdable:
                form.add_error(None if field.widget.is_hidden else name, str(UNHOLDABLE))

    BaseForm.full_clean = full_clean  # type: ignore[assignment, method-assign]


class ReadableJSON(JSONParser):
    """REST framework's, without lists in lists past what Python reads. For who looks at each text alone (the gate)."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError(TOO_DEEP) from None


class WholeJSON(ReadableJSON):
    """And without texts that can't be kept."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        found = super().parse(stream, media_type, parser_context)
        if not all(map(is_whole, _texts(found))):
            raise ParseError(UNHOLDABLE)
        return found


def is_whole(text: str) -> bool:
    """No NUL, no half of a character."""
    return NUL not in text and text == text.encode("utf-8", "ignore").decode()


def _fields(request: HttpRequest, view: Callable[..., HttpResponse]) -> QueryDict:
    """Fields of a form. A view without Django's token reads a form with files by its own handlers: its form looks."""
    is_its_own = request.content_type == "multipart/form-data" and getattr(view, "csrf_exempt", False)
    if request.method != "POST" or is_its_own:
        return QueryDict()
    try:
        return request.POST
    except UnreadablePostError:  # the line broke: who reads on is told again
        return QueryDict()


def _holds_nul(fields: QueryDict) -> bool:
    return any(NUL in name or any(NUL in value for value in values) for name, values in fields.lists())


def _typed(fields: QueryDict) -> Typed:
    made = Typed("", mutable=True)
    for name, values in fields.lists():
        made.setlist(name, [value.replace(NUL, "") for value in values])
    made.unholdable = frozenset(
        name for name, values in fields.lists() if any(NUL in value for value in values)
    )
    made._mutable = False
    return made


def _texts(found: Any) -> Iterator[str]:
    """Every text of what was read, names of fields too."""
    waiting = [found]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, Mapping):
            waiting += [*part, *part.values()]
        elif isinstance(part, list):
            waiting += part
