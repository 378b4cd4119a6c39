"""Which rules are in force: the most specific scope wins, then the latest that has begun; the past stays as it was."""

from datetime import UTC, date, datetime, timedelta

import pytest

from afterbell.accounts.models import User
from afterbell.audit import queries as audit
from afterbell.audit.models import Entry
from tenants.context import in_city, in_school
from tenants.models import District, Kind, PolicyProfile
from tenants.policies import actions, national, queries, ready
from tenants.policies.documents import NotCovered, Policy, TeachingStage, stage_of
from tests.city import NOON

TODAY = date(2026, 9, 1)
TOMORROW = TODAY + timedelta(days=1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def adopt(code="ezhou", first=TODAY, *, now=NOON, by=None, **scope):
    return actions.adopt(
        name=code,
        document=ready.document(code),
        valid_from_date=first,
        source="测试",
        by=by,
        now=now,
        **scope,
    )


def in_force(day=TODAY, *, district=None, kind=Kind.URBAN):
    return queries.policy_on(district=district, kind=kind, date=day).policy.code


@pytest.fixture
def lake(north):
    return north.district


def test_without_any_profile_the_question_is_refused(db):
    with pytest.raises(queries.NoPolicyInForce, match="没有生效的政策档案"):
        in_force()


def test_a_profile_is_in_force_from_its_first_day_on(db):
    adopt("ezhou", TOMORROW)
    with pytest.raises(queries.NoPolicyInForce):
        in_force(TODAY)
    assert in_force(TOMORROW) == in_force(TOMORROW + timedelta(days=4000)) == "ezhou"


def test_the_next_profile_takes_over_and_the_past_keeps_its_own(db):
    adopt("seed", date(2023, 9, 1), now=LONG_AGO)
    adopt("national-2024", date(2024, 2, 19), now=LONG_AGO)
    assert in_force(date(2024, 2, 18)) == "seed"
    assert in_force(date(2024, 2, 19)) == "national-2024"


def test_the_most_specific_scope_wins_whatever_is_newer(lake):
    """City → district → kind → both; each older than the one before."""
    adopt("seed", TODAY)
    assert in_force(district=lake) == "seed"
    adopt("wuhan", TODAY - timedelta(days=1), now=LONG_AGO, district=lake)
    assert in_force(district=lake) == "wuhan"
    adopt("haikou", TODAY - timedelta(days=2), now=LONG_AGO, kind=Kind.URBAN)
    assert in_force(district=lake) == "haikou"
    adopt("ezhou", TODAY - timedelta(days=3), now=LONG_AGO, district=lake, kind=Kind.URBAN)
    assert in_force(district=lake) == "ezhou"


def test_another_district_or_kind_is_not_touched(lake, island):
    adopt("seed")
    adopt("wuhan", district=lake)
    adopt("haikou", kind=Kind.RURAL)
    adopt("ezhou", district=lake, kind=Kind.RURAL)
    assert in_force(district=lake, kind=Kind.TOWN) == "wuhan"
    assert in_force(district=island.district, kind=Kind.TOWN) == "seed"
    assert in_force(district=island.district, kind=Kind.RURAL) == "haikou"
    assert in_force(district=None, kind=Kind.TOWN) == "seed"


def test_a_school_asks_from_inside_with_one_query(north, island, django_assert_num_queries):
    with in_city():
        adopt("seed")
        adopt("longling", kind=Kind.RURAL)
    with in_school(north), django_assert_num_queries(1):
        assert queries.for_school(north, TODAY).policy.code == "seed"
    with in_school(island):
        found = queries.for_school(island, TODAY)
        assert (found.policy.code, found.name, found.valid_from_date) == ("longling", "longling", TODAY)


# --- adopting -------------------------------------------------------------------------------------------------------


def test_adopting_is_written_in_the_citys_audit_chain(lake):
    with in_city():
        officer = User.objects.create_user(login="officer", name="李科长")
        profile = adopt("ezhou", by=officer, district=lake, kind=Kind.TOWN)
        entry = Entry.objects.latest("position")
        assert (entry.verb, entry.by_id) == ("policy.adopt", officer.pk)
        assert entry.target == f"tenants.policyprofile:{profile.pk}"
        assert entry.details["district"] == "330102"
        assert entry.details["valid_from"] == "2026-09-01"
        assert audit.verdict().holds


def test_a_document_with_problems_is_refused_with_all_of_them(db):
    document = {**ready.document("ezhou"), "collector": "x", "title": ""}
    with pytest.raises(actions.InvalidPolicy, match="2 处需要改正") as refused:
        actions.adopt(name="x", document=document, valid_from_date=TODAY, source="x", by=None, now=NOON)
    assert [problem.path for problem in refused.value.problems] == ["/collector", "/title"]
    assert (refused.value.code, refused.value.status) == ("policy.invalid", 400)
    assert not PolicyProfile.objects.exists()


def test_two_profiles_of_one_scope_cannot_begin_on_one_day(lake):
    adopt("seed")
    with pytest.raises(actions.PolicyStartsThatDay, match="2026-09-01"):
        adopt("wuhan")
    adopt("wuhan", district=lake)
    with pytest.raises(actions.PolicyStartsThatDay):
        adopt("haikou", district=lake)
    assert Entry.objects.filter(verb="policy.adopt").count() == 2


def test_rules_under_which_schools_already_worked_cannot_be_changed(lake):
    adopt("seed", TODAY - timedelta(days=30), now=LONG_AGO)
    for scope in ({}, {"district": lake}, {"kind": Kind.RURAL}, {"district": lake, "kind": Kind.RURAL}):
        with pytest.raises(actions.PolicyInThePast, match="不能追溯更改"):
            adopt("wuhan", TODAY - timedelta(days=1), **scope)
    assert adopt("wuhan", TODAY).valid_from_date == TODAY


def test_a_city_that_begins_in_the_middle_of_a_term_may_adopt_for_its_first_day(lake, island):
    adopt("seed", TODAY - timedelta(days=30), district=lake)
    adopt("wuhan", TODAY - timedelta(days=30), district=island.district)
    with pytest.raises(actions.PolicyInThePast):
        adopt("haikou", TODAY - timedelta(days=10), district=lake)


def test_today_is_the_citys_day_not_utcs(db):
    """1 September 00:30 in the city is still 31 August in UTC."""
    adopt("seed", TODAY - timedelta(days=30), now=LONG_AGO)
    with pytest.raises(actions.PolicyInThePast):
        adopt("wuhan", date(2026, 8, 31), now=datetime(2026, 8, 31, 16, 30, tzinfo=UTC))


def test_a_kind_that_does_not_exist_is_a_mistake(db):
    with pytest.raises(ValueError, match="no kind"):
        adopt(kind="suburb")


def test_a_school_cannot_adopt_rules(north):
    with in_school(north), pytest.raises(Exception, match="permission denied"):
        adopt()


# --- the national rule -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "day", "forbidden"),
    [
        ("seed", date(2024, 1, 31), False),
        ("seed", date(2024, 2, 1), True),
        ("seed", TODAY, True),
        ("national-2024", TODAY, False),
        ("ezhou", TODAY, False),
    ],
)
def test_a_committee_may_not_collect_from_the_spring_term_of_2024_on(code, day, forbidden):
    """S3 against the national rule: the books must say so."""
    assert national.is_collector_forbidden(Policy.from_document(ready.document(code)), day) is forbidden


def test_the_answer_says_whether_the_collector_is_forbidden_that_day(db):
    adopt("seed", date(2023, 9, 1), now=LONG_AGO)
    ask = [queries.policy_on(district=None, kind="urban", date=day) for day in (date(2023, 9, 1), TODAY)]
    assert [found.is_collector_forbidden for found in ask] == [False, True]


# --- asking a policy ----------------------------------------------------------------------------------------------------


def test_a_nine_year_school_is_asked_by_grade():
    assert stage_of("nine_year", 6) == stage_of("primary", 6) == TeachingStage.PRIMARY
    assert stage_of("nine_year", 7) == stage_of("lower_secondary", 1) == TeachingStage.LOWER_SECONDARY


def test_a_stage_that_the_document_leaves_out_is_refused():
    document = ready.document("wuhan")
    document["times"][0]["stages"] = ["primary"]
    with pytest.raises(NotCovered, match="初中"):
        Policy.from_document(document).times_for(TeachingStage.LOWER_SECONDARY)


def test_profiles_are_listed_for_the_city(lake, django_assert_num_queries):
    adopt("seed")
    adopt("wuhan", district=lake)
    with django_assert_num_queries(1):
        assert [(row.name, row.district and row.district.name) for row in queries.profiles()] == [
            ("wuhan", "湖滨区"),
            ("seed", None),
        ]
    assert District.objects.count() >= 2
