"""What the API of the books shares: the term that is asked for, and a deed on one row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.pages import api
from schools.finance import rules
from schools.finance.states import ReversalReason
from schools.people.doors import or_404, user_of
from tenants.models import Term

Out = type[serializers.BaseSerializer[Any]]
Kind = TypeVar("Kind", bound="type[Step]")


class TermIn(serializers.Serializer[object]):
    """Of which term."""

    term = serializers.CharField(max_length=11, help_text="2026-2027-1")


class BooksReasonIn(serializers.Serializer[object]):
    """Why not."""

    reason = serializers.CharField(max_length=200)


class UndoneOut(serializers.Serializer[Any]):
    """Of a booking as the queries read it: whether it still stands (undone.marked)."""

    undone_at = serializers.DateTimeField(
        allow_null=True, read_only=True, help_text="When its booking was undone; null while it stands."
    )
    undone_reason = serializers.ChoiceField(
        choices=ReversalReason.choices,
        allow_blank=True,
        read_only=True,
        help_text="Why; empty while it stands.",
    )


def term_asked(request: Request) -> Term:
    """`?term=`. Raises UnknownTerm."""
    return rules.term(api.asked(TermIn, request)["term"])


@dataclass(frozen=True)
class How:
    """`deed` is told the row as `name`, and what `asks` has read; `find` gets the row again for the answer."""

    deed: Callable[..., object]
    name: str
    find: Callable[[UUID], Any]
    asks: api.Form | None
    gives: Out


class Step(APIView):
    """One deed on the row that the address names; answered by the row as it is afterwards."""

    how: ClassVar[How]

    def post(self, request: Request, **address: UUID) -> HttpResponseBase:
        how, (key,) = self.how, address.values()
        said = api.given(how.asks, request) if how.asks else {}
        row = or_404(how.find, key)
        self.look(row, said)
        how.deed(**{how.name: row}, **said, by=user_of(request), now=timezone.now())
        return Response(how.gives(how.find(key)).data)

    def look(self, row: Any, said: dict[str, Any]) -> None:
        """Before the deed, at what the caller has seen of the row: nothing, unless a room has more to ask."""


def does(
    deed: Callable[..., object], *, asks: api.Form | None = None, gives: Out, **row: Callable[[UUID], Any]
) -> Callable[[Kind], Kind]:
    """A Step's deed; `row` is one keyword of it, with what finds the row."""
    ((name, find),) = row.items()

    def around(step: Kind) -> Kind:
        step.how = How(deed, name, find, asks, gives)
        return extend_schema(request=asks, responses=gives)(step)

    return around
