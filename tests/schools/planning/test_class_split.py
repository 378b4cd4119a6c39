"""What is said by class gives no family away, to an attacker who knows the rules, the totals and who has answered."""

from collections import defaultdict
from itertools import combinations_with_replacement, product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from schools.planning.class_split import Said, shown

MOST = 4
"""Classes of a school, and families of a class: all of them."""


def said(number, phone, yes, paper=(0, 0)):
    answers, paper_yes = paper
    return Said(UUID(int=number), phone, yes, phone + answers, yes + paper_yes)


def splits(size, wishes):
    """All ways in which the families of a class answer: how many of each wish."""
    if wishes == 1:
        yield (size,)
        return
    for first in range(size + 1):
        for rest in splits(size - first, wishes - 1):
            yield first, *rest


def pinned(worlds, sizes):
    """(class, wish) that a family of the class has, or has not, in every one of these schools."""
    found = set()
    for number, size in enumerate(sizes):
        for wish in range(len(worlds[0])):
            numbers = {world[wish][number] for world in worlds}
            if numbers == {0} or numbers == {size}:
                found.add((number, wish, numbers.pop() == size))
    return found


def families_given_away(sizes, wishes, least):
    """What the page says of somebody beyond what the school's totals say."""
    by_totals, by_page = defaultdict(list), defaultdict(list)
    for ways in product(*(list(splits(size, wishes)) for size in sizes)):
        totals = tuple(sum(way[wish] for way in ways) for wish in range(wishes))
        rows = [
            said(number, size, way[0]) for number, (size, way) in enumerate(zip(sizes, ways, strict=True))
        ]
        world = [[way[wish] for way in ways] for wish in range(wishes)]
        by_totals[totals].append(world)
        by_page[totals, tuple(shown(rows, least))].append(world)
    return [
        (sizes, totals, page)
        for (totals, page), worlds in by_page.items()
        if pinned(worlds, sizes) - pinned(by_totals[totals], sizes)
    ]


@pytest.mark.parametrize("least", [2, 3, 5])
@pytest.mark.parametrize("classes", range(1, MOST + 1))
def test_no_family_of_any_small_school_is_given_away(classes, least):
    for sizes in combinations_with_replacement(range(1, MOST + 1), classes):
        assert not families_given_away(sizes, 2, least)


@pytest.mark.parametrize("least", [2, 3])
@pytest.mark.parametrize("classes", [1, 2, 3])
def test_nor_where_three_answers_are_told_apart_in_the_totals(classes, least):
    for sizes in combinations_with_replacement(range(1, MOST + 1), classes):
        assert not families_given_away(sizes, 3, least)


def test_a_large_mixed_school_is_shown_and_its_small_classes_are_one_line():
    rows = [said(1, 20, 12), said(2, 30, 29), said(3, 3, 3), said(4, 2, 0)]
    assert [(len(group.ids), group.answers, group.yes, group.others) for group in shown(rows)] == [
        (1, 20, 12, 8),
        (1, 30, 29, 1),
        (2, 5, 3, 2),
    ]


def test_a_class_that_is_too_small_alone_takes_the_smallest_large_one_along():
    rows = [said(1, 20, 12), said(2, 6, 3), said(3, 1, 1)]
    assert [len(group.ids) for group in shown(rows)] == [1, 2]


def test_slips_that_the_office_keyed_hide_nobody():
    """Twenty slips beside one answer on the phone: whoever keyed them subtracts them."""
    rows = [said(1, 20, 12), said(2, 20, 8), said(3, 1, 1, paper=(20, 4))]
    assert [len(group.ids) for group in shown(rows)] == [1, 2]


def test_a_class_of_one_mind_hides_every_row():
    assert shown([said(1, 20, 20), said(2, 30, 10), said(3, 30, 12)]) == []


@given(some.lists(some.tuples(some.integers(0, 12), some.integers(0, 12), some.integers(0, 3)), max_size=8))
def test_what_is_shown_adds_up_and_no_group_is_small_or_of_one_mind(drawn):
    rows = [said(n, phone, min(yes, phone), (slips, 0)) for n, (phone, yes, slips) in enumerate(drawn)]
    by_id = {row.id: row for row in rows}
    groups = shown(rows)
    if groups:
        assert sorted(key for group in groups for key in group.ids) == sorted(by_id)
        assert sum(group.answers for group in groups) == sum(row.answers for row in rows)
    for group in groups:
        phone = sum(by_id[key].phone for key in group.ids)
        assert phone >= 5
        assert 0 < sum(by_id[key].phone_yes for key in group.ids) < phone
