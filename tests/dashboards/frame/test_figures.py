"""Figures: small JSON without template, colours or binary arrays; sorted, at most thirty bars; gaps stay gaps."""

import json
import math

import pytest

from dashboards.frame import figures

NAN = float("nan")


def plain(figure):
    return json.loads(json.dumps(figure, allow_nan=False))


@pytest.mark.parametrize(
    "figure",
    [
        figures.bars(["甲", "乙"], [1.0, NAN], label="率", suffix="%", reference=2.0, reference_label="全市"),
        figures.groups(["甲"], [("一", [1.0]), ("二", [None])], stacked=True),
        figures.lines(["9月", "10月"], [("全市", [95.5, NAN], "city")], suffix="%"),
        figures.points(
            [("学校", [10.0], [5.0], ["一小"], "bad")],
            [("外限", [1.0, None], [2.0, NAN], "dot")],
            x_title="人",
        ),
    ],
)
def test_a_figure_is_plain_json_without_template_and_colours(figure):
    text = json.dumps(plain(figure))
    assert '"template"' not in text
    assert "color" not in text
    assert "bdata" not in text


def test_bars_are_sorted_with_unknown_ones_last_and_cut_at_thirty():
    names = [f"区{n}" for n in range(40)]
    figure = plain(figures.bars(names, [float(n) if n else None for n in range(40)], label="率"))
    shown = figure["layout"]["yaxis"]["categoryarray"]
    assert shown[0] == "区39"
    assert len(shown) == len(figure["data"][0]["y"]) == 30


def test_a_marked_bar_has_the_role_of_a_warning():
    traces = plain(figures.bars(["甲", "乙"], [1.0, 2.0], label="率", marked=["甲"]))["data"]
    assert [(trace.get("meta"), trace["y"]) for trace in traces] == [(None, ["乙"]), ("bad", ["甲"])]


def test_a_missing_value_is_a_gap():
    line = plain(figures.lines(["1", "2", "3"], [("a", [1.0, NAN, 3.0], "")]))["data"][0]
    assert line["y"] == [1.0, None, 3.0]
    assert line["connectgaps"] is False


def test_a_tenth_of_a_point_does_not_look_like_a_fall():
    low, high = plain(figures.lines(["1", "2"], [("a", [95.5, 95.4], "")], suffix="%"))["layout"]["yaxis"][
        "range"
    ]
    assert high - low >= 9.9
    assert high <= 100.5


def test_what_is_not_finite_is_not_drawn():
    assert figures.rough(math.inf) is None
    assert figures.rough(12.3456) == 12.35


def test_bars_say_their_value_and_n_and_lead_somewhere():
    trace = plain(
        figures.bars(["甲", "乙"], [1.0, 2.0], label="率", suffix="%", texts=["1.0% · n=9", "2.0% · n=8"],
                     urls=["/districts/1/", "/districts/2/"])
    )  # fmt: skip
    (bars,) = trace["data"]
    assert bars["text"] == ["2.0% · n=8", "1.0% · n=9"]
    assert bars["customdata"] == ["/districts/2/", "/districts/1/"]
    assert trace["layout"]["xaxis"]["range"][1] > 2.0


def test_bars_without_words_of_their_own_say_their_value():
    (bars,) = plain(figures.bars(["甲"], [86.04], label="率", suffix="%"))["data"]
    assert bars["text"] == ["86.0%"]
