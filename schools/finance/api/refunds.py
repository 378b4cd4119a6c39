"""The API of refunds: sent by another person than who computed it, confirmed, failed."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares
from afterbell.pages import api
from schools.finance import actions, exit_doubts, queries
from schools.finance.actions.refunds import refuse_sent_since
from schools.finance.api.base import Step, TermIn, does, term_asked
from schools.finance.models import Refund


class RefundOut(serializers.ModelSerializer[Refund]):
    """One refund, by its agreement's number."""

    agreement = serializers.CharField(source="agreement.number")

    class Meta:
        model = Refund
        fields = (
            "id", "agreement", "term_code", "cause", "amount_fen", "state", "sent", "created_at", "issued_at",
        )  # fmt: skip
        read_only_fields = fields


class RefundsOut(serializers.ListSerializer[Refund]):
    """Reads the doubts of a whole page at once."""

    def to_representation(self, data: Any) -> list[Any]:
        rows = list(data)
        cast("OfficeRefundOut", self.child).doubts = exit_doubts.open_of(rows)
        return super().to_representation(rows)


class OfficeRefundOut(RefundOut):
    """For who sends it: a family is not told what the office has to look at."""

    to_look_at = serializers.SerializerMethodField(
        help_text="Which days the roll has the child present after its exit, in a sentence; empty where there are none."
    )
    looked = serializers.SerializerMethodField(
        help_text="Said back when the refund is issued, once what `to_look_at` says was looked at; empty with it."
    )
    doubts: Mapping[UUID, exit_doubts.Doubt] | None = None

    def get_to_look_at(self, row: Refund) -> str:
        return str(self._doubt(row) or "")

    def get_looked(self, row: Refund) -> str:
        doubt = self._doubt(row)
        return doubt.seen if doubt else ""

    def _doubt(self, row: Refund) -> exit_doubts.Doubt | None:
        if self.doubts is None:
            self.doubts = exit_doubts.open_of([row])
        return self.doubts.get(row.pk)

    class Meta(RefundOut.Meta):
        list_serializer_class = RefundsOut
        fields = (*RefundOut.Meta.fields, "to_look_at", "looked")  # type: ignore[assignment]


class SentIn(serializers.Serializer[object]):
    """How often the refund had been sent when it was read: another sending since then is another thing."""

    sent = serializers.IntegerField(min_value=0, max_value=999)


class IssueIn(SentIn):
    """What the roll says after an exit is looked at by whoever sends its money."""

    looked = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=16,
        help_text="Where the roll has the child present after its exit: `looked` of the refund as you read it, once you "
        "have looked at the days in `to_look_at`; the refusal finance.refund_not_looked has both. Asked for at each "
        "sending; refused as finance.refund_doubt_moved if they have changed since. Without such days it changes nothing.",
    )


@declares(Permission.BOOKS_READ)
class Refunds(APIView):
    """Refunds of a term."""

    pagination_class = api.Pages

    @extend_schema(parameters=[TermIn], responses=OfficeRefundOut(many=True), operation_id="refunds_list")
    def get(self, request: Request) -> Response:
        term = term_asked(request)
        return api.listed(
            self, request, queries.refunds(term.code).order_by("created_at", "pk"), OfficeRefundOut
        )


class RefundStep(Step):
    """A step of one refund, unless it was sent again since the caller read it."""

    def look(self, row: Refund, said: dict[str, Any]) -> None:
        """Raises SentSince."""
        refuse_sent_since(row, said.pop("sent"))


@declares(Permission.REFUNDS_APPROVE)
@does(actions.issue_refund, refund=queries.refund, asks=IssueIn, gives=OfficeRefundOut)
class IssueRefund(RefundStep):
    """By another person than who computed it; where the roll contradicts the exit, only once `looked` at."""


@declares(Permission.REFUNDS_APPROVE)
@does(actions.confirm_refund, refund=queries.refund, asks=SentIn, gives=OfficeRefundOut)
class ConfirmRefund(RefundStep):
    """The money has arrived."""


@declares(Permission.REFUNDS_APPROVE)
@does(actions.fail_refund, refund=queries.refund, asks=SentIn, gives=OfficeRefundOut)
class FailRefund(RefundStep):
    """The bank sent it back."""
