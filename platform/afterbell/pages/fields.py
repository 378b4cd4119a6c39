"""Fields that every room has: money as people write it in forms, moments as programs send them."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from rest_framework import serializers

from afterbell.kernel.dates import NOT_OUR_YEARS, in_our_years
from afterbell.kernel.money import LONGEST, Fen, NotMoney, yuan


class MoneyField(forms.CharField):
    """Yuan as people write them, fen when read; None where nothing is written and nothing is required.

    0.001, a sum below zero and more than anybody has are refused with a sentence.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_length=LONGEST, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **options
        )

    def clean(self, value: Any) -> Fen | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return yuan(text)
        except NotMoney as refusal:
            raise ValidationError(str(refusal)) from refusal


class MomentField(serializers.DateTimeField):
    """Of the API. The framework's own fails where a moment leaves the calendar in another zone."""

    def __init__(self, **options: Any) -> None:
        super().__init__(validators=[in_our_years], **options)

    def to_internal_value(self, value: Any) -> datetime:
        try:
            return super().to_internal_value(value)
        except OverflowError:
            raise serializers.ValidationError(str(NOT_OUR_YEARS)) from None
