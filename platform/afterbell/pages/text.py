"""Text that can be kept: what comes with a sign that can't is bad input, told before any view sees it.

Which signs these are says afterbell.kernel.texts. Addresses and forms are looked at for all views here; JSON and the
API's forms where they are read (`WholeJSON`, `WholeForm`, `WholeMultiPart`). Files are bytes and may hold anything.
A page's form comes back with what was typed but the sign, and says so at the field: no work is lost over one sign. A view
that reads such a field without a form is not given a shorter word than was sent: it is answered for (`Typed`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import IO, Any, Final, TypeVar

from django.core.exceptions import BadRequest
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict, UnreadablePostError
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser

from afterbell.kernel.texts import can_be_asked, is_whole, stripped
from afterbell.pages import errors, problems

NUL: Final = "\x00"
UNHOLDABLE: Final = _("内容里有不能保存的字符（看不见的控制字符或不完整的字符）。请删去后重试。")
TOO_DEEP: Final = _("内容嵌套得太深。")


class Unholdable(BadRequest):
    """400 with the sentence."""

    def __init__(self) -> None:
        super().__init__(UNHOLDABLE)


class Stripped(QueryDict):
    """The fields of a form without the signs that can't be kept: for who says so at the field."""

    unholdable: frozenset[str] = frozenset()
    """The names of the fields that had one."""


Fields = TypeVar("Fields", bound=Stripped)


class Typed(Stripped):
    """The same for everybody else: nobody reads by its name a field that was shortened. A form takes `for_forms` instead.

    A copy is for who writes down what came (django-axes, of a failed login).
    """

    for_forms: Stripped

    def __getitem__(self, name: str) -> Any:
        self._refuse(name)
        return super().__getitem__(name)

    def getlist(self, name: str, default: Any = None) -> Any:
        self._refuse(name)
        return super().getlist(name, default)

    def __deepcopy__(self, memo: MutableMapping[int, Any]) -> Any:
        """As `copy` makes it."""
        return self.for_forms.__deepcopy__(memo)

    def _refuse(self, name: str) -> None:
        if name in self.unholdable:
            raise Unholdable


class WholeText:
    """Middleware: 400 for a sign that can't be kept in the address or in a form; a cookie with NUL is no cookie of ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Cookies first: the session asks the database for whatever key it is given."""
        request.COOKIES = {name: value for name, value in request.COOKIES.items() if NUL not in value}
        response = self.get_response(request)
        if response.status_code == 200 and getattr(request, "is_typed", False):
            response.status_code = 400
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        fields = _fields(request, view)
        if not (can_be_asked(request.path) and _can_be_asked(request.GET) and all(map(is_whole, fields))):
            return errors.bad_request(request, Unholdable())
        if not _is_whole(fields):
            if problems.wanted(request):
                return errors.bad_request(request, Unholdable())
            request.POST, request.is_typed = _typed(fields), True  # type: ignore[assignment,attr-defined]
        return None


def forms_look() -> None:
    """Once, at the start: every form of Django refuses what can't be kept, in the one place where forms begin and clean.

    Each room's forms, the login's and those of tomorrow have no other place in common.
    """
    init, clean = BaseForm.__init__, BaseForm.full_clean

    def begin(form: BaseForm, data: Any = None, *args: Any, **kwargs: Any) -> None:
        init(form, _for_forms(data), *args, **kwargs)

    def full_clean(form: BaseForm) -> None:
        clean(form)
        unholdable: frozenset[str] = getattr(form.data, "unholdable", frozenset())
        for name, field in form.fields.items() if form.is_bound else ():
            if form.add_prefix(name) in unholdable:
                form.add_error(None if field.widget.is_hidden else name, str(UNHOLDABLE))

    BaseForm.__init__ = begin  # type: ignore[assignment, method-assign]
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


class WholeForm(FormParser):
    """REST framework's, without fields that can't be kept."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        found = super().parse(*args, **kwargs)
        if not _is_whole(found):
            raise ParseError(UNHOLDABLE)
        return found


class WholeMultiPart(MultiPartParser):
    """Likewise; its files may hold anything."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        found = super().parse(*args, **kwargs)
        if not _is_whole(found.data):
            raise ParseError(UNHOLDABLE)
        return found


def _fields(request: HttpRequest, view: Callable[..., HttpResponse]) -> QueryDict:
    """Fields of a form. A view without Django's token reads a form with files by its own handlers: its form looks, or the
    API's parser."""
    is_its_own = request.content_type == "multipart/form-data" and getattr(view, "csrf_exempt", False)
    if request.method != "POST" or is_its_own:
        return QueryDict()
    try:
        return request.POST
    except UnreadablePostError:  # the line broke: who reads on is told again
        return QueryDict()


def _is_whole(fields: QueryDict) -> bool:
    """Names and values."""
    return all(is_whole(name) and all(map(is_whole, values)) for name, values in fields.lists())


def _can_be_asked(fields: QueryDict) -> bool:
    return all(can_be_asked(name) and all(map(can_be_asked, values)) for name, values in fields.lists())


def _for_forms(data: Any) -> Any:
    if isinstance(data, Typed):
        return data.for_forms
    if isinstance(data, QueryDict) and not _is_whole(data):
        return _filled(Stripped, data)  # of a view that reads its form by itself
    return data


def _typed(fields: QueryDict) -> Typed:
    made = _filled(Typed, fields)
    made.for_forms = _filled(Stripped, fields)
    return made


def _filled(kind: type[Fields], fields: QueryDict) -> Fields:
    made = kind("", mutable=True)
    for name, values in fields.lists():
        made.setlist(name, [stripped(value) for value in values])
    made.unholdable = frozenset(name for name, values in fields.lists() if not all(map(is_whole, values)))
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
