"""A sweep that is walked in parts is walked whole."""

import pytest

from tests import breadth


@pytest.mark.parametrize("shift", [0, 1, 7])
def test_the_parts_of_three_days_are_all_steps_and_each_comes_once(monkeypatch, shift):
    monkeypatch.setattr(breadth, "IS_DEEP", False)
    walked = []
    for day in range(3):
        monkeypatch.setattr(breadth, "TURN", 739_000 + day)
        walked += breadth.todays(range(100), parts=3, shift=shift)
    assert sorted(walked) == list(range(100))


def test_at_once_where_it_is_asked_for(monkeypatch):
    monkeypatch.setattr(breadth, "IS_DEEP", True)
    assert breadth.todays("abcdef", parts=3) == list("abcdef")
