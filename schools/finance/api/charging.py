"""The API of charges: a period previewed and charged as shown, a run or a doubled charge taken back."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares
from afterbell.pages import api
from schools.finance import actions, leavers, queries, runs
from schools.finance.api.base import BooksReasonIn, Step, TermIn, does, term_asked
from schools.finance.models import Charge, ChargeRun
from schools.finance.not_charged_after import LaterHours
from schools.people.doors import or_404, user_of


class ChargeIn(serializers.Serializer[object]):
    """A plan and a period: 2026-09, or the term's code."""

    plan = serializers.UUIDField()
    period = serializers.CharField(max_length=11)
    agreements = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=5000)


class ChargeShownIn(ChargeIn):
    """With the digest of the preview: what was shown is what is charged, or nothing is."""

    shown = serializers.CharField(max_length=64)


class LaterHoursOut(serializers.Serializer[LaterHours]):
    """Class hours that a family got after the period was charged."""

    agreement = serializers.CharField(source="agreement.number")
    period = serializers.CharField()
    hours = serializers.IntegerField()
    fen = serializers.IntegerField()
    by_a_run = serializers.BooleanField(help_text="The next run of the period adds them to its charge.")
    is_free = serializers.BooleanField(
        help_text="A cap was reached before: they are counted and cost nothing."
    )


class ChargePreviewOut(serializers.Serializer[object]):
    """What a run would do; `digest` goes back with the order to do it."""

    families = serializers.IntegerField()
    total_fen = serializers.IntegerField()
    charged_before = serializers.IntegerField()
    more_families = serializers.IntegerField()
    more_fen = serializers.IntegerField()
    leavers = serializers.IntegerField(
        help_text="Families that left before; the rule gives them back at once."
    )
    returned_at_once_fen = serializers.IntegerField()
    not_charged_after = LaterHoursOut(
        many=True,
        help_text="Of all charged periods of the plan's term: what came after its charge. A run of that period charges it, "
        "but for who has left since.",
    )
    added_hours = LaterHoursOut(many=True, help_text="Of this period: what this run adds to its charges.")
    months_not_made = serializers.ListField(
        child=serializers.CharField(),
        help_text="By the class hour: months of the period whose lessons nobody has made yet. They are not in the sum; once "
        "they are made, another run of the period adds them.",
    )
    digest = serializers.CharField()


class ChargeRunOut(serializers.ModelSerializer[ChargeRun]):
    """What a run did."""

    class Meta:
        model = ChargeRun
        fields = ("id", "term_code", "period", "families", "total_fen", "posted_at", "taken_back_at")
        read_only_fields = fields


class ChargeOut(serializers.ModelSerializer[Charge]):
    """One charge, by its agreement's number."""

    agreement = serializers.CharField(source="agreement.number")

    class Meta:
        model = Charge
        fields = (
            "id",
            "agreement",
            "term_code",
            "period",
            "first_date",
            "last_date",
            "unit",
            "units",
            "fee_fen",
            "gross_fen",
            "waived_fen",
            "credited_fen",
            "again_fen",
            "cap_fen",
            "collector",
            "taken_back_at",
        )
        read_only_fields = fields


class Charges(APIView):
    """Charges of a term; a new run over a plan's agreements."""

    pagination_class = api.Pages

    @extend_schema(parameters=[TermIn], responses=ChargeOut(many=True), operation_id="charges_list")
    @declares(Permission.BOOKS_READ)
    def get(self, request: Request) -> Response:
        term = term_asked(request)
        return api.listed(self, request, queries.charges(term.code).order_by("period", "pk"), ChargeOut)

    @extend_schema(request=ChargeShownIn, responses={201: ChargeRunOut})
    @declares(Permission.CHARGES_MANAGE)
    def post(self, request: Request) -> Response:
        given = api.given(ChargeShownIn, request)
        run = actions.charge_period(
            plan=or_404(queries.plan, given["plan"]),
            period=given["period"],
            agreements=given.get("agreements"),
            shown=given["shown"],
            by=user_of(request),
            now=timezone.now(),
        )
        return Response(ChargeRunOut(run).data, status=201)


@declares(Permission.CHARGES_MANAGE)
class PreviewCharges(APIView):
    """What charging a plan's agreements for a period would do; nothing is written."""

    @extend_schema(request=ChargeIn, responses=ChargePreviewOut)
    def post(self, request: Request) -> Response:
        given = api.given(ChargeIn, request)
        draft = runs.draft(or_404(queries.plan, given["plan"]), given["period"], only=given.get("agreements"))
        returned = leavers.returned(draft)
        said = {
            "families": draft.families,
            "total_fen": draft.total,
            "charged_before": draft.charged_before,
            "more_families": draft.more_families,
            "more_fen": draft.more_fen,
            "leavers": len(returned),
            "returned_at_once_fen": sum(returned.values()),
            "not_charged_after": queries.not_charged_after(draft.plan.term_code),
            "added_hours": draft.more,
            "months_not_made": [
                str(month) for month in queries.months_not_made(draft.plan, draft.billing.label)
            ],
            "digest": draft.digest,
        }
        return Response(ChargePreviewOut(said).data)


@declares(Permission.CHARGES_MANAGE)
@does(actions.take_back, run=queries.run, asks=BooksReasonIn, gives=ChargeRunOut)
class TakeBackCharges(Step):
    """Undo a whole run by reversals, while nobody has paid for it."""


@declares(Permission.CHARGES_MANAGE)
@does(actions.take_back_doubled, charge=queries.charge, asks=BooksReasonIn, gives=ChargeOut)
class TakeBackDoubled(Step):
    """Undo one of two charges for the same days, from before runs."""
