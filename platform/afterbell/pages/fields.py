"""Form fields that every room has: money as people write it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

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
