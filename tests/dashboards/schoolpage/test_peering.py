"""One school among its peers, on frames of a few columns: what is compared, what is a reason to look, what is not."""

import pandas as pd
import pytest

from afterbell.pages.sheets import Sign
from dashboards.schoolpage import peering, words
from oversight.costs.peers import Flag
from tests.oversight.costs import frames

ME = "3301020000"


def city(count=12, **more):
    """Schools alike in everything; `more` sets columns, a list one value a school."""
    frame = frames.schools(count, participants=100.0, pupils_on_roll=125.0, survey_answers=80.0, survey_high=64.0,
                           complaints=1.0, survey_invited=100.0, fee_fen=300.0, cap_fen=350.0, schools=1.0)  # fmt: skip
    return frame.assign(**more)


def one(frame, code, **more):
    (found,) = peering.positions(frame, ME, [code], rules={}, **more)
    return found


def test_median_and_middle_half_leave_the_school_itself_out():
    found = one(city(survey_high=[8.0, *range(60, 71)]), "satisfaction")
    assert (found.median, found.lower, found.upper, found.n) == (81.25, 78.125, 84.375, 11)
    assert found.own == 10.0
    assert found.percentile == 0


@pytest.mark.parametrize(
    ("code", "column", "low", "high"),
    [
        ("cost_per_pupil_hour", "staff_fen", "低于同类", "高于同类"),
        ("collected", "paid_due_fen", "低于同类", "好于同类"),
    ],
)
def test_an_end_is_a_reason_to_look_unless_it_is_the_good_one(code, column, low, high):
    others = [60.0 + number for number in range(11)]
    for value, word in ((20.0, low), (90.0, high)):
        found = one(city(**{column: [value, *others]}, due_fen=100.0), code)
        assert words.position_word(found)[1] == word
        assert found.is_flagged == (word != "好于同类")


def test_a_low_fee_is_no_reason_to_look():
    found = one(city(fee_fen=[100.0, *[300.0 + number for number in range(11)]]), "fee_to_cap")
    assert found.flag is Flag.NONE


def test_under_ten_peers_nothing_is_compared():
    found = one(city(10), "satisfaction")
    assert (found.flag, found.median, found.is_compared) == (Flag.TOO_FEW, None, False)
    assert peering.why_not([found]) is Flag.TOO_FEW


def test_a_part_of_the_period_is_not_compared_and_says_for_how_many_months():
    found = one(city(days_held=[39.0, *[80.0] * 11]), "satisfaction")
    assert peering.why_not([found]) is Flag.PART_PERIOD
    assert "只有 2 个月的数据" in words.without_peers(Flag.PART_PERIOD, 2.0)
    assert "只有 0 个月的数据" in words.without_peers(Flag.PART_PERIOD, None)


def test_a_hidden_or_unknown_figure_is_not_compared_and_has_its_sign():
    hidden = one(city(survey_answers=[4.0, *[80.0] * 11]), "satisfaction")
    assert (hidden.own, hidden.n_own, hidden.is_compared) == (Sign.HIDDEN, Sign.HIDDEN, False)
    unknown = one(city(survey_answers=[float("nan"), *[80.0] * 11]), "satisfaction")
    assert (unknown.own, unknown.is_compared) == (Sign.NOT_AVAILABLE, False)
    nobody = one(city(survey_answers=[0.0, *[80.0] * 11], survey_high=[0.0, *[64.0] * 11]), "satisfaction")
    assert nobody.own == Sign.NOT_APPLICABLE


def test_beyond_chance_is_told_beside_the_peers():
    frame = city(complaints=[30.0, *[1.0] * 11])
    found = one(frame, "complaints_per_1000")
    (said,) = words.standings([found])
    assert said.sentence.startswith(
        "每千人投诉 300.0 件，高于 100% 的同类学校（11 所，中位数 10.0 件，相差 290.0 件）"
    )
    assert said.sentence.endswith("，高出全市平均，不是波动能解释的")


@pytest.mark.parametrize(("answers", "word"), [(80.0, "在正常波动内"), (8_000.0, "明显低于全市平均")])
def test_what_chance_explains_is_no_flag_though_it_is_the_last_of_its_peers(answers, word):
    """64 of 80 against 66 to 71 of 80: the lowest of twelve, and inside of the funnel."""
    frame = city(survey_high=[0.8 * answers, *[(0.82 + number / 200) * answers for number in range(11)]],
                 survey_answers=answers, survey_invited=answers)  # fmt: skip
    found = one(frame, "satisfaction")
    assert found.percentile == 0
    assert (found.stands_out, words.position_word(found)[1]) == (word != "在正常波动内", word)


def test_the_term_before_stands_beside():
    before = city(1, survey_high=40.0)
    assert one(city(), "satisfaction", before=before).was == 50.0
    assert one(city(), "satisfaction", before=before.iloc[:0]).was is None
    assert one(city(), "satisfaction").was is None


def test_comparing_one_school_is_comparing_it_among_all():
    frame = city(40, survey_high=[30.0 + number for number in range(40)])
    circle, among = peering.around(frame, ME)
    whole = peering.peers.find(frame)
    share = frame["survey_high"]
    here = peering.peers.compare_values(share.loc[circle.index], among).iloc[0]
    pd.testing.assert_series_equal(
        here, peering.peers.compare_values(share, whole).iloc[0], check_names=False
    )
