"""Frames of made-up schools, as indicators.frames.schools gives them."""

import pandas as pd


def schools(count, **columns):
    """`count` schools of one group, alike in everything but their number of participants (100, 101, …)."""
    base = {
        "code": [f"33010200{number:02d}" for number in range(count)],
        "district_code": "330102",
        "stage": "primary",
        "kind": "urban",
        "participants": [100.0 + number for number in range(count)],
        "weekly_minutes": 600.0,
        "hardship_participants": 0.0,
        "staff_contracted": 10.0,
        "staff_outside": 0.0,
        "days_held": 80.0,
        "staff_fen": [1000.0 + 10 * number for number in range(count)],
        "materials_fen": 0.0,
        "other_fen": 0.0,
        "pupil_minutes": 60.0,
    }
    return pd.DataFrame(base | columns, index=range(count))


def changed(frame, row, **values):
    """The same frame but for one school."""
    other = frame.copy()
    for name, value in values.items():
        other.loc[row, name] = value
    return other
