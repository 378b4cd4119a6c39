"""Figures as small JSON: Plotly's own classes check them, the browser puts on colours, type and axes (charts.js).

Roles in `meta`: city (grey), school (teal), good, warn, bad (the colours of states), limit (a thin line). No template,
no colours, no arrays in binary form; numbers are rounded to what a screen shows.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from plotly import graph_objects as go

BARS_MOST: Final = 30
OUT: Final = {"size": 11, "symbol": "diamond"}
IN: Final = {"size": 7, "symbol": "circle"}
Numbers = Sequence[float | None]
Trace = Mapping[str, Any]


def figure(traces: Iterable[Any], **layout: Any) -> dict[str, Any]:
    """Traces and a layout of graph_objects as what a Chart takes."""
    return {
        "data": [trace.to_plotly_json() for trace in traces],
        "layout": go.Layout(**layout).to_plotly_json(),
    }


def bars(
    names: Sequence[str],
    values: Numbers,
    *,
    suffix: str = "",
    label: str,
    reference: float | None = None,
    reference_label: str = "",
    marked: Sequence[str] = (),
    texts: Sequence[str] = (),
    urls: Sequence[str] = (),
) -> dict[str, Any]:
    """Lying bars, the largest on top, at most thirty; one line for the city. `marked` names get the colour of warnings.

    `texts` stand at the bars' ends: the value and its n; `urls` are where they lead (charts.js).
    """
    shown = texts or [_plain(value, suffix) for value in values]
    beside = dict(zip(names, zip(shown, urls or [""] * len(names), strict=True), strict=True))
    pairs = sorted(
        ((name, rough(value)) for name, value in zip(names, values, strict=True)),
        key=lambda pair: -math.inf if pair[1] is None else pair[1],
        reverse=True,
    )[:BARS_MOST]
    most = max((value for _name, value in pairs if value is not None), default=0.0)
    hover = _hover(first="%{y}", second="%{x}")
    traces: list[Any] = []
    for role, chosen in (
        ("", [p for p in pairs if p[0] not in marked]),
        ("bad", [p for p in pairs if p[0] in marked]),
    ):
        if chosen:
            traces.append(
                go.Bar(
                    orientation="h", name=label, meta=role or None, hovertemplate=hover,
                    y=[name for name, _value in chosen], x=[value for _name, value in chosen],
                    text=[beside[name][0] for name, _value in chosen], textposition="outside",
                    cliponaxis=False, constraintext="none",
                    **({"customdata": [beside[name][1] for name, _value in chosen]} if urls else {}),
                )
            )  # fmt: skip
    shapes, notes = _city_line(reference, reference_label)
    return figure(
        traces,
        xaxis={"ticksuffix": suffix, "showgrid": True, "range": [0, most * _room(shown) or 1]},
        yaxis={
            "categoryorder": "array", "categoryarray": [name for name, _v in pairs], "autorange": "reversed",
            "showgrid": False, "type": "category", "dtick": 1,
        },
        shapes=shapes, annotations=notes, showlegend=False, barmode="overlay", hovermode="closest",
    )  # fmt: skip


def groups(
    names: Sequence[str], series: Sequence[tuple[str, Numbers]], *, suffix: str = "", stacked: bool = False
) -> dict[str, Any]:
    """Standing bars of several series, side by side or on top of each other, in the order given."""
    hover = _hover()
    traces = [
        go.Bar(name=name, x=list(names), y=[rough(value) for value in values], hovertemplate=hover)
        for name, values in series
    ]
    return figure(
        traces,
        xaxis={"type": "category"},
        yaxis={"ticksuffix": suffix, "rangemode": "tozero"} | _whole_steps(series),
        barmode="stack" if stacked else "group",
        showlegend=len(series) > 1,
    )


def lines(
    names: Sequence[str],
    series: Sequence[tuple[str, Numbers, str]],
    *,
    suffix: str = "",
    from_zero: bool = False,
) -> dict[str, Any]:
    """Lines with gaps where a value is missing; each series is (name, values, role or '')."""
    hover = _hover()
    traces = [
        go.Scatter(
            mode="lines+markers", name=name, meta=role or None, x=list(names), connectgaps=False,
            y=[rough(value) for value in values], hovertemplate=hover,
        )
        for name, values, role in series
    ]  # fmt: skip
    return figure(
        traces,
        xaxis={"type": "category"},
        yaxis={"ticksuffix": suffix, **_scale(series, suffix, from_zero=from_zero)},
        showlegend=len(series) > 1,
        hovermode="x unified" if len(series) > 1 else "closest",
    )


def points(
    series: Sequence[tuple[str, Numbers, Numbers, Sequence[str], str]],
    limits: Sequence[tuple[str, Numbers, Numbers, str]],
    *,
    x_title: str,
    suffix: str = "",
) -> dict[str, Any]:
    """A funnel: schools as points (name, x, y, texts, role), limits as lines (name, x, y, dash)."""
    hover = "%{text}<br>" + x_title + " %{x:,}<br>%{y}<extra></extra>"
    traces: list[Any] = [
        go.Scatter(
            mode="lines", name=name, meta="limit", x=[rough(v) for v in x], y=[rough(v) for v in y],
            line={"dash": dash, "width": 1.5}, hoverinfo="skip",
        )
        for name, x, y, dash in limits
    ]  # fmt: skip
    traces += [
        go.Scatter(
            mode="markers", name=name, meta=role or None, x=list(x), y=[rough(v) for v in y], text=list(texts),
            hovertemplate=hover, marker=OUT if role in ("bad", "warn") else IN,
        )
        for name, x, y, texts, role in series
        if len(x)
    ]  # fmt: skip
    return figure(
        traces,
        xaxis={"title": {"text": x_title}, "rangemode": "tozero"},
        yaxis={"ticksuffix": suffix, "rangemode": "normal"},
        legend={"y": 1.02, "yanchor": "bottom"},  # below stands the axis's title, however low the figure is
        hovermode="closest",
    )


def _whole_steps(series: Sequence[tuple[str, Numbers]]) -> dict[str, Any]:
    """Few things are counted in whole steps: there is no half complaint."""
    known = [value for _name, values in series for value in map(rough, values) if value is not None]
    return {"dtick": 1} if known and max(known) <= 5 and all(value == int(value) for value in known) else {}


def _scale(series: Sequence[tuple[str, Numbers, str]], suffix: str, *, from_zero: bool) -> dict[str, Any]:
    """From zero; of shares, ten points at least, so that a change of a tenth does not look like a fall."""
    known = [value for _name, values, _role in series for value in map(rough, values) if value is not None]
    if from_zero or suffix != "%" or not known:
        return {"rangemode": "tozero"}
    middle, half = (min(known) + max(known)) / 2, max(5.0, (max(known) - min(known)) * 0.6)
    top = min(100.5, middle + half) if max(known) <= 100 else middle + half
    return {"range": [max(0.0, top - 2 * half), top]}


def _room(texts: Sequence[str]) -> float:
    """How much longer than the longest bar the axis is: what stands at the bars must not be cut, in a narrow card either."""
    return 1.15 + 0.045 * max(map(len, texts), default=0)


def _plain(value: float | None, suffix: str) -> str:
    found = rough(value)
    return "" if found is None else f"{found:,.1f}{suffix}" if suffix else f"{found:,.2f}"


def rough(value: float | None, places: int = 2) -> float | None:
    """As fine as a screen shows; None for what is not known."""
    return None if value is None or not math.isfinite(value) else round(float(value), places)


def _hover(*, first: str = "%{x}", second: str = "%{y}") -> str:
    """The axis already writes its suffix behind the value."""
    return f"{first}<br>%{{fullData.name}} {second}<extra></extra>"


def _city_line(value: float | None, label: str) -> tuple[list[Trace], list[Trace]]:
    if value is None or not math.isfinite(value):
        return [], []
    line = {"type": "line", "xref": "x", "yref": "paper", "x0": value, "x1": value, "y0": 0, "y1": 1}
    text = {
        "text": label or _("全市"), "xref": "x", "yref": "paper", "x": value, "y": 1, "yanchor": "bottom",
        "showarrow": False,
    }  # fmt: skip
    return [line | {"line": {"width": 1.5, "dash": "dot"}}], [text]
