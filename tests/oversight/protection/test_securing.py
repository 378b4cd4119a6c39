"""Worked examples: which sums are hidden beside a small one, and that nothing more is."""

import pytest

from oversight.protection.securing import protect
from oversight.protection.system import NEVER, Number, Sum


def hidden(numbers, sums, *, k=5, never=()):
    """`numbers` by letter: value and most; each is published by itself, and so is each of `sums`."""
    known = {name: Number(value, 1, most) for name, (value, most) in numbers.items()}
    made = []
    for letters in [*numbers, *sums]:
        total, of = (sum(numbers[letter][place] for letter in letters) for place in (0, 1))
        small = 0 < total < k or 0 < of - total < k
        made.append(Sum(frozenset(letters), NEVER if letters in never else of, small))
    return {"".join(sorted(members)) for members in protect(known, made, k=k).sums}


@pytest.mark.parametrize(
    ("numbers", "sums", "found"),
    [
        ({"a": (20, 60), "b": (30, 60)}, ["ab"], set()),
        ({"a": (3, 60), "b": (30, 70)}, ["ab"], {"a", "b"}),
        ({"a": (3, 60), "b": (30, 70), "c": (30, 50)}, ["abc"], {"a", "c"}),
        ({"a": (57, 60), "b": (30, 70)}, ["ab"], {"a", "b"}),
        ({"a": (1, 60), "b": (1, 60), "c": (30, 70)}, ["abc"], {"a", "b", "c"}),
        ({"a": (1, 60), "b": (4, 60), "c": (30, 70)}, ["abc"], {"a", "b"}),
        ({"a": (3, 60)}, ["a"], {"a"}),
        ({"a": (3, 60), "b": (30, 70), "c": (30, 71), "d": (30, 72)}, ["ab", "cd", "ac", "bd"], {"a", "b", "c", "d"}),
    ],
    ids=[
        "nothing small, nothing hidden",
        "a total less the other",
        "the cheapest neighbour by its roll",
        "few who do not take part",
        "1 and 1 are told by their sum of 2",
        "1 and 4 have four values each",
        "one school is its own total",
        "in a table of two by two all four",
    ],
)  # fmt: skip
def test_what_is_hidden(numbers, sums, found):
    assert hidden(numbers, sums) == found


def test_where_a_sum_is_shown_in_any_case_others_are_hidden():
    assert hidden({"a": (3, 60), "b": (30, 70)}, ["ab"], never=("ab", "b")) == {
        "a"
    }  # nothing can be done: b is said
    assert hidden({"a": (3, 60), "b": (30, 70)}, ["ab"], never=("b",)) == {"a", "ab"}


def test_costs_and_not_counts_decide_so_that_a_second_release_hides_the_same():
    rolls = {"a": 60, "b": 70, "c": 80}
    for counts in ((3, 30, 8), (2, 8, 30), (4, 60, 70)):
        numbers = {name: (count, rolls[name]) for name, count in zip("abc", counts, strict=True)}
        assert hidden(numbers, ["abc"]) == {"a", "b"}


@pytest.mark.parametrize("k", [1, 0, -5])
def test_a_threshold_that_hides_nothing_is_a_mistake(k):
    with pytest.raises(ValueError, match="k is 2"):
        protect({}, [], k=k)


def test_what_follows_from_sums_that_are_shown_in_any_case_is_no_neighbour():
    """Of a, b and c, 166 are said and all three are 267: c is 101, and to hide it keeps nobody else's three."""
    numbers = {"a": Number(66, 66, 66), "b": Number(100, 100, 100), "c": Number(101, 1, 107), "d": Number(3, 1, 60),
               "e": Number(40, 1, 80)}  # fmt: skip
    sums = [Sum(frozenset(name), numbers[name].high, name == "d") for name in numbers]
    sums += [Sum(frozenset("abc"), NEVER), Sum(frozenset("cde"), 200), Sum(frozenset("cd"), 110)]
    found = protect(numbers, sums, k=5)
    assert frozenset("c") not in found.sums
    assert frozenset("cd") in found.sums
    assert found.short == frozenset()
