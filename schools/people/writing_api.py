"""The API of people that writes: an adult more, denials, corrections; the same actions and rights as the pages."""

from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts import phones
from afterbell.accounts.models import NumberClaim, User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares
from afterbell.pages import api
from schools.people import adult_actions, correction_actions, lifting_actions, queries, staff_actions
from schools.people.api import AdultOut, OnePupilOut
from schools.people.correction_views import may_correct, refuse_unmanaged
from schools.people.doors import or_404, user_of
from schools.people.models import AdultQuestion, Change, Pupil, Relation, Tie
from schools.people.rights import Rights
from schools.people.roster import cells


class NameIn(serializers.CharField):
    """A person's name as pages and rosters clean it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=60, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        try:
            return cells.name(super().to_internal_value(data), of="")
        except cells.Wrong as wrong:
            raise serializers.ValidationError(str(wrong)) from wrong


class PhoneIn(serializers.CharField):
    """A number as people write it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            return phones.parse(text) if text else ""
        except ValidationError as error:
            raise serializers.ValidationError(error.messages) from error


class AdultIn(serializers.Serializer[Any]):
    """An adult more; no right is given that is not asked for."""

    name = NameIn()
    phone = PhoneIn()
    relation = serializers.ChoiceField(choices=Relation.choices)
    may_sign = serializers.BooleanField(default=False)
    may_collect = serializers.BooleanField(default=False)


class RightsIn(serializers.Serializer[Any]):
    """What an adult is to the child and may do: all of it said, a right that is left out would be one taken away."""

    relation = serializers.ChoiceField(choices=Relation.choices)
    may_sign = serializers.BooleanField()
    may_collect = serializers.BooleanField()

    def to_internal_value(self, data: Any) -> Any:
        given = super().to_internal_value(data)
        return {**given, "relation": Relation(given["relation"])}


class ChangedRightsIn(RightsIn):
    """The rights that were seen, the right ones, and why."""

    before = RightsIn()
    reason = serializers.CharField(max_length=200)


class PeopleReasonIn(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=200)


class NameCorrectionIn(PeopleReasonIn):
    """The name that was seen, and the right one."""

    before = serializers.CharField(max_length=60)
    name = NameIn()


class PhoneCorrectionIn(PeopleReasonIn):
    """The number that was seen, and the right one."""

    before = PhoneIn(allow_blank=True)
    """Empty of a contact without a number."""
    phone = PhoneIn()


class ChangeOut(serializers.ModelSerializer[Change]):
    """A line of the history; `adult` is whom it is about, null for the pupil."""

    adult = serializers.CharField(source="guardian.name", allow_null=True, default=None)
    by = serializers.CharField(source="by.name", allow_null=True, default=None)

    class Meta:
        model = Change
        fields = ("kind", "adult", "before", "after", "reason", "by", "at")
        read_only_fields = fields


class QuestionOut(serializers.ModelSerializer[AdultQuestion]):
    """A question; `is_yes` is null until it was answered. With `tie` it is about the end of that adult's denial."""

    class Meta:
        model = AdultQuestion
        fields = (
            "id", "pupil", "name", "relation", "may_sign", "may_collect", "tie", "why", "at", "is_yes", "is_decision",
            "answered_at",
        )  # fmt: skip
        read_only_fields = fields


def question_out(question: AdultQuestion, user: User) -> dict[str, object]:
    """Why a denial is to end is not for who sees single classes only."""
    sees_why = (
        queries.classes_of(user) is None or queries.signed_for(user).filter(pk=question.pupil_id).exists()
    )
    return {**QuestionOut(question).data, **({} if sees_why else {"why": ""})}


class NumberClaimOut(serializers.ModelSerializer[NumberClaim]):
    """A number that waits for its owner's yes, or for a second person; nothing has changed yet."""

    class Meta:
        model = NumberClaim
        fields = ("id", "phone", "at")
        read_only_fields = fields


class NumberAnswerIn(serializers.Serializer[Any]):
    """Yes or no; the school's decision says why."""

    is_yes = serializers.BooleanField()
    reason = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


@declares(Permission.PUPILS_READ)
class Adults(APIView):
    """An adult more of one pupil: by the office, or by the head, because nobody enters the own child."""

    @extend_schema(request=AdultIn, responses={201: AdultOut, 202: QuestionOut})
    def post(self, request: Request, pupil_id: UUID) -> Response:
        by = corrector(request)
        pupil = or_404(queries.staffs_pupil, by, pupil_id)
        made = staff_actions.add_or_ask(pupil=pupil, **api.given(AdultIn, request), by=by, now=timezone.now())
        if isinstance(made, AdultQuestion):
            return Response(question_out(made, by), status=202)
        return Response(AdultOut(made).data, status=201)


@declares(Permission.ACCOUNT_SELF)
class OneQuestion(APIView):
    """Who may be an adult of a child, or a denial that may end: a signing guardian says, or the school where none can."""

    @extend_schema(responses=QuestionOut)
    def get(self, request: Request, question_id: UUID) -> Response:
        by = user_of(request)
        return Response(question_out(or_404(queries.question_for, by, question_id), by))

    @extend_schema(request=NumberAnswerIn, responses=QuestionOut)
    def post(self, request: Request, question_id: UUID) -> Response:
        by = user_of(request)
        found = or_404(queries.question_for, by, question_id)
        given = api.given(NumberAnswerIn, request)
        done = staff_actions.answer(question=found, **given, by=by, now=timezone.now())
        return Response(question_out(done, by))


class AdultStep(APIView):
    """A deed on one adult of a pupil, by the office or the head; answered by the adult as he or she is afterwards."""

    asks: ClassVar[api.Form]

    def post(self, request: Request, pupil_id: UUID, tie_id: UUID) -> Response:
        by = corrector(request)
        _pupil, tie = _found(request, pupil_id, tie_id)
        self.deed(tie, {**api.given(self.asks, request), "by": by, "now": timezone.now()})
        return Response(AdultOut(tie).data)

    def deed(self, tie: Tie, given: dict[str, Any]) -> None:
        raise NotImplementedError


@declares(Permission.PUPILS_READ)
class AdultRights(APIView):
    """What the adult is to the child and may do. 202: somebody else says yes or no first (adult-questions)."""

    @extend_schema(request=ChangedRightsIn, responses={200: AdultOut, 202: QuestionOut})
    def post(self, request: Request, pupil_id: UUID, tie_id: UUID) -> Response:
        by = corrector(request)
        _pupil, tie = _found(request, pupil_id, tie_id)
        given = api.given(ChangedRightsIn, request)
        given["before"] = Rights(**given["before"])
        asked = staff_actions.change_or_ask(tie=tie, **given, by=by, now=timezone.now())
        if asked is not None:
            return Response(question_out(asked, by), status=202)
        return Response(AdultOut(tie).data)


@declares(Permission.PUPILS_READ)
@extend_schema(request=PeopleReasonIn, responses=AdultOut)
class Denial(AdultStep):
    """The adult must not come near the child."""

    asks = PeopleReasonIn

    def deed(self, tie: Tie, given: dict[str, Any]) -> None:
        adult_actions.deny(tie=tie, **given)


@declares(Permission.PUPILS_READ)
@extend_schema(request=PeopleReasonIn, responses=AdultOut)
class Ending(AdultStep):
    """The adult has nothing to do with the child any more."""

    asks = PeopleReasonIn

    def deed(self, tie: Tie, given: dict[str, Any]) -> None:
        adult_actions.end_tie(tie=tie, **given)


@declares(Permission.PUPILS_READ)
class Lifting(APIView):
    """Asks for the end of a denial: somebody else says yes or no (adult-questions). Rights are given anew after it."""

    @extend_schema(request=PeopleReasonIn, responses={202: QuestionOut})
    def post(self, request: Request, pupil_id: UUID, tie_id: UUID) -> Response:
        by = corrector(request)
        _pupil, tie = _found(request, pupil_id, tie_id)
        given = api.given(PeopleReasonIn, request)
        made = lifting_actions.ask_to_lift(tie=tie, **given, by=by, now=timezone.now())
        return Response(question_out(made, by), status=202)


@declares(Permission.PUPILS_READ)
class PupilName(APIView):
    """How the pupil is really called."""

    @extend_schema(request=NameCorrectionIn, responses=OnePupilOut)
    def post(self, request: Request, pupil_id: UUID) -> Response:
        by = user_of(request)
        pupil = or_404(queries.staffs_pupil, by, pupil_id)
        refuse_unmanaged(by, pupil)
        given = api.given(NameCorrectionIn, request)
        correction_actions.correct_pupil_name(pupil=pupil, **given, by=by, now=timezone.now())
        return Response(OnePupilOut(or_404(queries.staffs_pupil, by, pupil_id)).data)


@declares(Permission.PUPILS_READ)
@extend_schema(request=NameCorrectionIn, responses=AdultOut)
class AdultName(AdultStep):
    """How the adult is really called; the office's to say."""

    asks = NameCorrectionIn

    def deed(self, tie: Tie, given: dict[str, Any]) -> None:
        correction_actions.correct_name(guardian=tie.guardian, **given)


@declares(Permission.PUPILS_READ)
class AdultPhone(APIView):
    """The number that is really the adult's; the office's to say. 202: the adult has logged in before, so it waits."""

    @extend_schema(request=PhoneCorrectionIn, responses={200: AdultOut, 202: NumberClaimOut})
    def post(self, request: Request, pupil_id: UUID, tie_id: UUID) -> Response:
        by = corrector(request)
        _pupil, tie = _found(request, pupil_id, tie_id)
        given = api.given(PhoneCorrectionIn, request)
        claim = correction_actions.correct_phone(guardian=tie.guardian, **given, by=by, now=timezone.now())
        if claim is not None:
            return Response(NumberClaimOut(claim).data, status=202)
        return Response(AdultOut(tie).data)


@declares(Permission.PUPILS_READ)
class History(APIView):
    """What was corrected, denied or lifted, newest first; reasons are for those who see every class."""

    @extend_schema(responses=ChangeOut(many=True), operation_id="pupils_history")
    def get(self, request: Request, pupil_id: UUID) -> Response:
        by = user_of(request)
        found = queries.history_of(or_404(queries.staffs_pupil, by, pupil_id))
        rows: list[dict[str, object]] = list(ChangeOut(found, many=True).data)
        if queries.classes_of(by) is not None:
            rows = [{**row, "reason": ""} for row in rows]
        return Response(rows)


def corrector(request: Request) -> User:
    """The office; and who gives leaders their roles, for a parent whose account the office can't manage."""
    by = user_of(request)
    if not may_correct(by):
        raise PermissionDenied
    return by


def _found(request: Request, pupil_id: UUID, tie_id: UUID) -> tuple[Pupil, Tie]:
    pupil = or_404(queries.staffs_pupil, user_of(request), pupil_id)
    return pupil, or_404(queries.tie_of, pupil, tie_id)
