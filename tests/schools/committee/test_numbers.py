"""Numbers without a counter: one form, slips of the hand are found."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterbell.kernel.numbers import SIGNS, NotANumber, number_for, read_number

DAY = date(2026, 9, 1)


def test_a_number_fits_its_column_and_reads_back_however_it_was_typed():
    number = number_for("J", DAY, UUID(int=2**35 - 1))
    assert number == "J20260901-ZZZZZZZ" + number[-1]
    assert len(number) <= 20
    assert read_number(f" {number.lower().replace('-', ' ')} ") == number


def test_letters_that_look_like_digits_are_read_as_digits():
    number = number_for("J", DAY, UUID(int=0))
    assert read_number(number.replace("0", "O").replace("1", "l")) == number


@given(st.uuids(), st.integers(0, 16), st.sampled_from(SIGNS))
def test_one_wrong_sign_is_always_found(key, place, sign):
    plain = number_for("A", DAY, key).replace("-", "")
    wrong = plain[:place] + sign + plain[place + 1 :]
    if wrong == plain:
        assert read_number(wrong)
    else:
        with pytest.raises(NotANumber):
            read_number(wrong)


@pytest.mark.parametrize("text", ["", "J", "J20260901-ABC", "王小明", "J20260901-ABCDEFG!" * 3])
def test_nonsense_is_refused(text):
    with pytest.raises(NotANumber):
        read_number(text)
