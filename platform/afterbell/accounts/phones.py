"""Phone numbers as people write them → E.164. Mainland mobile numbers need no country code."""

import unicodedata
from typing import Final

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from phonenumbers import PhoneNumberFormat, PhoneNumberType

REGION: Final = "CN"
GETS_CODES: Final = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


def parse(text: str) -> str:
    """ "138 0013 8000", "+86-138…", "１３８００１３８０００" → "+8613800138000"; raises ValidationError in plain words."""
    plain = unicodedata.normalize("NFKC", text).strip()
    try:
        number = phonenumbers.parse(plain, REGION)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise ValidationError(_("这不像手机号。请填写 11 位手机号，例如 138 0013 8000。"), code="not_a_phone")
    if phonenumbers.number_type(number) not in GETS_CODES:
        raise ValidationError(_("这个号码收不到短信验证码。请填写手机号。"), code="not_a_mobile")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def looks_like_one(text: str) -> bool:
    """Whether a login that somebody typed is meant as a phone number."""
    try:
        parse(text)
    except ValidationError:
        return False
    return True


def shown(phone: str) -> str:
    """For people: +8613800138000 → 138 0013 8000; foreign numbers keep their country code."""
    if not phone:
        return str(_("手机号不详"))
    number = phonenumbers.parse(phone, REGION)
    national = number.country_code == phonenumbers.country_code_for_region(REGION)
    form = PhoneNumberFormat.NATIONAL if national else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)


def masked(phone: str) -> str:
    """Enough to recognise the own number, too little to call it: 138 **** 8000."""
    if not phone:
        return str(_("手机号不详"))
    digits = phone.removeprefix("+86")
    return f"{digits[:3]} **** {digits[-4:]}"
