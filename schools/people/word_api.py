"""The API of questions about words: what waits and what was said, a text to ask about, an answer."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares
from afterbell.pages import api
from schools.people import word_actions, word_queries
from schools.people.doors import or_404, user_of
from schools.people.models import WordQuestion


class WordQuestionOut(serializers.ModelSerializer[WordQuestion]):
    """A question about words; `is_fine` is null until it was answered."""

    class Meta:
        model = WordQuestion
        fields = ("id", "kind", "text", "about", "asked_at", "is_fine", "reason", "answered_at")
        read_only_fields = fields


class AskedOut(serializers.Serializer[Any]):
    """A question for each pupil's name in each sentence; empty where there is none."""

    questions = WordQuestionOut(many=True)


class TextIn(serializers.Serializer[Any]):
    """A text that is to go out."""

    text = serializers.CharField(max_length=500)


class WordAnswerIn(serializers.Serializer[Any]):
    """It may stand or not, and why."""

    is_fine = serializers.BooleanField()
    reason = serializers.CharField(max_length=200)


class Words(APIView):
    """Questions about words, those that wait first; ask about a text (nothing comes back where it names no pupil)."""

    pagination_class = api.Pages

    @extend_schema(responses=WordQuestionOut(many=True), operation_id="word_questions_list")
    @declares(Permission.NOTICES_WRITE)
    def get(self, request: Request) -> Response:
        return api.listed(self, request, word_queries.questions_for(user_of(request)), WordQuestionOut)

    @extend_schema(request=TextIn, responses={201: AskedOut}, operation_id="word_questions_ask")
    @declares(Permission.NOTICES_WRITE)
    def post(self, request: Request) -> Response:
        given = api.given(TextIn, request)
        asked = word_actions.ask_about_text(**given, by=user_of(request), now=timezone.now())
        return Response(AskedOut({"questions": asked}).data, status=201)


@declares(Permission.PLAN_FILE)
class WordAnswer(APIView):
    """By somebody else than who asked."""

    @extend_schema(request=WordAnswerIn, responses=WordQuestionOut)
    def post(self, request: Request, question_id: UUID) -> Response:
        found = or_404(word_queries.question_for, user_of(request), question_id)
        given = api.given(WordAnswerIn, request)
        word_actions.answer(question=found, **given, by=user_of(request), now=timezone.now())
        return Response(WordQuestionOut(word_queries.question_for(user_of(request), question_id)).data)
