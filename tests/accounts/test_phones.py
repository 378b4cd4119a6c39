"""Phone numbers as people write them."""

import pytest
from django.core.exceptions import ValidationError

from afterbell.accounts import phones
from afterbell.accounts.fields import LoginField


@pytest.mark.parametrize(
    "written",
    [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "+86 138 0013 8000",
        "+8613800138000",
        "008613800138000",
        "１３８００１３８０００",
        "＋８６１３８００１３８０００",
        "  13800138000　",
    ],
)
def test_a_number_is_understood_however_it_is_written(written):
    assert phones.parse(written) == "+8613800138000"


@pytest.mark.parametrize(
    "written", ["1380013800", "138001380000", "23800138000", "wangfang", "", "１３８", "1.38E+10", "'; --"]
)
def test_what_is_no_number_is_refused_in_plain_words(written):
    with pytest.raises(ValidationError, match="手机号"):
        phones.parse(written)


def test_a_landline_gets_no_codes():
    with pytest.raises(ValidationError, match="短信"):
        phones.parse("0571-87654321")


def test_a_number_of_hong_kong_is_fine():
    assert phones.parse("+852 5123 4567") == "+85251234567"


def test_numbers_are_shown_to_people_as_they_write_them():
    assert phones.shown("+8613800138000").replace(" ", "") == "13800138000"
    assert phones.masked("+8613800138000") == "138 **** 8000"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("138 0013 8000", "+8613800138000"),
        (" WangFang ", "wangfang"),
        ("Ｗａｎｇ", "wang"),
        ("t2023", "t2023"),
    ],
)
def test_one_field_takes_a_login_name_or_a_phone(typed, meant):
    assert LoginField().clean(typed) == meant
