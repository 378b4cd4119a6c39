"""Form fields of people: a phone number as it is written, a login name or a phone in one field."""

import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from afterbell.accounts import phones


class PhoneField(forms.CharField):
    """Cleans to E.164, or to an empty text where it is not required."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("手机号"))
        kwargs.setdefault("error_messages", {"required": _("请填写手机号。")})
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"})
        )
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        text = str(super().clean(value) or "")
        return phones.parse(text) if text else ""


class LoginField(forms.CharField):
    """A login name in small letters, or a phone number as E.164."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("登录名或手机号"))
        kwargs.setdefault("error_messages", {"required": _("请填写登录名或手机号。")})
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault(
            "widget",
            forms.TextInput(
                attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
            ),
        )
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        text = unicodedata.normalize("NFKC", str(super().clean(value) or "")).strip()
        return phones.parse(text) if phones.looks_like_one(text) else text.lower()


class CodeField(forms.CharField):
    """A one-time code: digits, also full-width ones, with or without spaces."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 20)
        kwargs.setdefault("error_messages", {"required": _("请填写 6 位数字。")})
        kwargs.setdefault(
            "widget",
            forms.TextInput(
                attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "spellcheck": "false"}
            ),
        )
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        return unicodedata.normalize("NFKC", str(super().clean(value) or "")).replace(" ", "")
