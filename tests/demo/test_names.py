"""The demo's register of schools: plausible at 24, unique at any number."""

from collections import Counter

import pytest

from infra.demo import names, stories
from infra.demo.stories import Plot
from tenants.models import Kind, Stage


@pytest.mark.parametrize("count", [24, 200, 1233])
def test_no_two_schools_share_a_name_or_a_code(count):
    register = list(names.schools(count))
    assert len({school.code for school in register}) == count
    assert len({school.name for school in register}) == count


def test_each_urban_primary_school_has_at_least_ten_peers():
    kinds = Counter((school.stage, school.kind) for school in names.schools(24))
    assert kinds[Stage.PRIMARY, Kind.URBAN] == 12


def test_four_districts_of_both_stages_and_all_kinds():
    register = list(names.schools(24))
    assert {school.district_code for school in register} == {code for code, _name in names.DISTRICTS}
    assert {school.kind for school in register} == {Kind.URBAN, Kind.TOWN, Kind.RURAL}


def test_a_school_is_found_by_its_code():
    assert all(names.school(school.code) == school for school in names.schools(60))


def test_each_plot_is_told_once_and_none_in_the_clean_district():
    assert sorted(story.plot for story in stories.STORIES) == sorted(Plot)
    assert all(not story.school.startswith(names.CLEAN_DISTRICT) for story in stories.STORIES)
    known = {school.code for school in names.schools(24)}
    assert {story.school for story in stories.STORIES} <= known - names.THROUGH_ACTIONS
