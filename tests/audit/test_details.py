"""Details of an audit entry: ids, codes, numbers; nothing that tells who a person is or what somebody wrote."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from afterbell.audit.details import UnfitDetails, checked
from schools.people.models import Pupil

KEY = UUID("0198f1f6-3ab0-7000-8000-138001380001")


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (5000, 5000),
        (-1, -1),
        (True, True),
        (None, None),
        ("approved", "approved"),
        ("finance.refund.approve", "finance.refund.approve"),
        ("3301020001", "3301020001"),
        ("2026-2027-1", "2026-2027-1"),
        ("a" * 64, "a" * 64),
        (KEY, str(KEY)),
        (date(2026, 9, 1), "2026-09-01"),
        (datetime(2026, 9, 1, 4, tzinfo=UTC), "2026-09-01t04:00:00+00:00"),
        ([1, "a", KEY], [1, "a", str(KEY)]),
        ((1, 2), [1, 2]),
        ({"b", "a"}, ["a", "b"]),
        ({"inner": {"deep": 1}}, {"inner": {"deep": 1}}),
    ],
)
def test_ids_codes_numbers_and_dates_are_kept(value, kept):
    assert checked({"what": value}) == {"what": kept}


@pytest.mark.parametrize(
    "value",
    [
        "王小明",
        "Wang Xiaoming",
        "zhang san",
        "wang@example.org",
        "",
        "a\nb",
        "x" * 81,
        "13800138000",
        "+8613800138000",
        13800138000,
        8613800138000,
        "11010120150101123x",
        110101201501011234,
        1.5,
        float("nan"),
        2**53 + 1,
        b"bytes",
        object(),
        ["ok", "王小明"],
        {"inner": "王小明"},
        {"inner": ["13800138000"]},
        {"Inner key": 1},
        {1: 1},
    ],
)
def test_names_sentences_phones_and_cards_are_refused(value):
    with pytest.raises(UnfitDetails):
        checked({"what": value})


@pytest.mark.parametrize("key", ["phone", "login", "name", "password", "email", "address"])
def test_a_key_that_names_a_persons_data_is_refused(key):
    with pytest.raises(UnfitDetails, match=key):
        checked({key: 1})
    with pytest.raises(UnfitDetails, match=key):
        checked({"inner": {key: 1}})


@pytest.mark.parametrize("key", ["joined_date", "number"])
def test_a_key_that_names_a_guarded_field_of_the_target_is_refused(key):
    with pytest.raises(UnfitDetails, match=key):
        checked({"inner": [{key: 1}]}, target=Pupil())
    assert checked({key: 1}, target="city") == {key: 1}


@pytest.mark.parametrize("key", ["", "Key", "a b", "a-b", "1a", "a" * 41, "金额"])
def test_a_key_is_a_small_word(key):
    with pytest.raises(UnfitDetails):
        checked({key: 1})


def test_a_sum_of_money_may_look_like_a_phone_number():
    assert checked({"pool_fen": 13800138000}) == {"pool_fen": 13800138000}


def test_the_refusal_does_not_repeat_the_value():
    with pytest.raises(UnfitDetails) as refused:
        checked({"what": "王小明"})
    assert "王小明" not in str(refused.value)
