"""The ready profiles against the reference facts, number by number, and every value with a source or a note."""

import json
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from afterbell.kernel.money import round_half_up, yuan
from tenants.models import Kind
from tenants.policies import checking, ready
from tenants.policies.documents import Collector, Per, Policy, RefundKind, TeachingStage

PRIMARY, LOWER = TeachingStage
URBAN, TOWN, RURAL = Kind
NAMES = ("ezhou", "haikou", "longling", "national-2024", "seed", "shandong", "wuhan", "wuzhou")
WITHOUT_SOURCE = {"format", "code", "title", "sources", "notes"}


def policy(code):
    return Policy.from_document(ready.document(code))


def caps(code, stage=PRIMARY, kind=URBAN):
    found = policy(code).caps_for(stage, kind)
    return (found.month, found.term, found.class_hour)


def leaves(value, path=""):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}/{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{path}/{number}")
        if not value:
            yield path
    else:
        yield path


def test_the_profiles_of_the_mission_are_all_there():
    assert ready.codes() == NAMES


@pytest.mark.parametrize("code", NAMES)
def test_a_ready_profile_is_in_order(code):
    assert checking.problems_in(ready.document(code)) == []
    assert ready.document(code)["code"] == code
    assert len(ready.source_of(ready.document(code))) > 50


@pytest.mark.parametrize("code", NAMES)
def test_each_value_says_where_it_comes_from_or_why_it_was_chosen(code):
    document = ready.document(code)
    said = [remark["path"] for remark in (*document["sources"], *document["notes"]) if remark["path"]]
    for leaf in leaves({name: part for name, part in document.items() if name not in WITHOUT_SOURCE}):
        assert any(leaf == path or leaf.startswith(f"{path}/") for path in said), f"{code}{leaf}"


@pytest.mark.parametrize("code", NAMES)
def test_the_defaults_of_the_calculations_are_kept(code):
    rules = policy(code)
    assert rules.class_hour_minutes == 40
    assert (rules.coercion.take_up_percent, rules.coercion.take_up_least_pupils) == (98, 20)
    assert (rules.coercion.burst_percent, rules.coercion.burst_minutes) == (80, 10)
    assert rules.coercion.no_refusal_least_answers == 20
    assert (rules.comparison.warn_z_hundredths, rules.comparison.flag_z_hundredths) == (196, 309)
    assert rules.comparison.high_fee_percentile == 90
    assert (rules.comparison.least_difference_percent, rules.comparison.least_difference_fen) == (15, 20)
    assert rules.comparison.least_difference_points == 5
    assert rules.deadlines.cost_audit_objection_working_days == 5


@pytest.mark.parametrize("code", NAMES)
@pytest.mark.parametrize("candidate", ["parent", "professional", "school_staff"])
def test_everyone_is_checked_against_criminal_records_every_year(code, candidate):
    """S17; national rule of 2020."""
    checks = {check.code: check.validity_months for check in policy(code).checks_for(candidate)}
    assert checks["criminal_record"] == 12
    assert {"identity", "health"} <= set(checks)


def test_seed_has_the_committee_collect_by_month_or_term_and_names_no_number():
    """S3, S9, S36: the seed document leaves hours and fees to the committee."""
    seed = policy("seed")
    assert seed.collector == Collector.COMMITTEE
    assert seed.caps == ()
    assert seed.cycles == {Per.MONTH, Per.TERM}
    assert seed.times_for(PRIMARY).most_daily_minutes is None
    assert (seed.education.name, seed.price.name) == ("市教育局", "市物价局")
    assert "X小时" in " ".join(note.text for note in seed.notes)


def test_the_national_rule_of_2024_has_the_school_collect_and_counts_no_other_care():
    national = policy("national-2024")
    assert national.collector == Collector.SCHOOL
    assert national.not_service == {"early_arrival", "lunch", "nap", "evening_care"}
    assert national.first_date == date(2024, 2, 1)
    assert (national.times_for(LOWER).days_per_week, national.times_for(LOWER).least_daily_minutes) == (
        5,
        120,
    )
    assert national.waiver("hardship") is not None


@pytest.mark.parametrize("code", [name for name in NAMES if name != "seed"])
def test_no_ready_profile_but_the_seed_lets_a_committee_collect(code):
    assert policy(code).collector == Collector.SCHOOL


def test_ezhou_differs_by_stage():
    """Primary 70, lower secondary 80 per month; 3.36 / 3.84 a missed day; a whole month in full; poor free."""
    ezhou = policy("ezhou")
    assert caps("ezhou", PRIMARY) == (yuan("70"), None, None)
    assert caps("ezhou", LOWER) == (yuan("80"), None, None)
    assert ezhou.refund.kind == RefundKind.PER_DAY
    assert (ezhou.refund.per_day(PRIMARY), ezhou.refund.per_day(LOWER)) == (yuan("3.36"), yuan("3.84"))
    assert ezhou.refund.whole_month_returns_fee
    assert ezhou.waiver("poor").reduction_percent == 100
    assert ezhou.spending_kinds == {"staff", "materials"}
    assert ezhou.first_date == date(2022, 1, 1)


@pytest.mark.parametrize("stage", [PRIMARY, LOWER])
def test_ezhous_day_is_the_month_divided_by_20_83(stage):
    ezhou = policy("ezhou")
    month = ezhou.caps_for(stage, URBAN).month
    assert round_half_up(Fraction(month) / Fraction("20.83")) == ezhou.refund.per_day(stage)


def test_haikou_charges_by_class_hour_and_term_and_refunds_continuous_months():
    haikou = policy("haikou")
    assert caps("haikou") == caps("haikou", LOWER, RURAL) == (None, None, yuan("3"))
    assert (haikou.units, haikou.cycles) == ({Per.CLASS_HOUR}, {Per.TERM})
    assert haikou.refund.kind == RefundKind.CONTINUOUS_MONTHS
    assert haikou.refund.half_month_returns_half


def test_wuhan_differs_by_stage_and_refunds_the_rest_by_the_day():
    assert caps("wuhan", PRIMARY) == (yuan("130"), None, None)
    assert caps("wuhan", LOWER) == (yuan("110"), None, None)
    assert policy("wuhan").refund.kind == RefundKind.REMAINING_DAYS


def test_wuzhou_says_what_exactly_half_gives_because_its_source_does_not():
    wuzhou = policy("wuzhou")
    assert caps("wuzhou") == (yuan("120"), None, None)
    assert not wuzhou.caps[0].is_standard
    assert wuzhou.refund.kind == RefundKind.HALF_MONTH_THRESHOLD
    assert wuzhou.refund.exactly_half_returns_half
    assert "恰好一半" in next(note.text for note in wuzhou.notes if note.path == "/refund/exactly_half")


def test_shandong_differs_by_town_and_country_and_pays_staff_a_minimum():
    assert caps("shandong", kind=RURAL) == (None, None, yuan("3"))
    assert caps("shandong", kind=TOWN) == caps("shandong", kind=URBAN) == (None, None, yuan("3.5"))
    assert policy("shandong").least_staff_fen_per_class_hour == yuan("50")
    assert policy("shandong").waiver("hardship").reduction_percent == 100


def test_longling_has_two_caps_at_once_by_town_and_country():
    assert caps("longling", kind=TOWN) == (None, yuan("400"), yuan("2.5"))
    assert caps("longling", kind=RURAL) == (None, yuan("320"), yuan("2"))
    assert policy("longling").waiver("hardship").reduction_percent == 100
    assert "八类" in policy("longling").waiver("hardship").name


@pytest.mark.parametrize("kind", [URBAN, TOWN, RURAL])
def test_longlings_term_cap_binds_after_160_class_hours(kind):
    limits = policy("longling").caps_for(PRIMARY, kind)
    assert limits.term == 160 * limits.class_hour


def test_an_unknown_profile_is_not_there():
    with pytest.raises(KeyError):
        ready.document("../schema")


def test_every_property_of_the_schema_has_a_chinese_title_and_an_english_description():
    def properties(part, path=""):
        for name, field in part.get("properties", {}).items():
            yield f"{path}/{name}", field
            yield from properties(field, f"{path}/{name}")
        if "items" in part:
            yield from properties(part["items"], f"{path}/items")
        for name, field in part.get("$defs", {}).items():
            yield from properties(field, f"{path}/$defs/{name}")

    schema = checking.schema()
    assert len(list(properties(schema))) > 70
    for path, field in properties(schema):
        described = {**schema["$defs"].get(field.get("$ref", "").removeprefix("#/$defs/"), {}), **field}
        assert any("\u4e00" <= letter <= "\u9fff" for letter in described["title"]), path
        assert described["description"].isascii() or "÷" in described["description"], path


def test_the_files_are_written_the_same_way():
    """So that a change of one value is one line of a diff."""
    for file in (*ready.FOLDER.glob("*.json"), Path(checking.SCHEMA)):
        text = file.read_text(encoding="utf-8")
        assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=1) + "\n", file.name
