"""A score that is hidden for want of answers stays hidden: no other one of the list gives it away by subtraction. Pure."""

from typing import Final

import numpy as np
import pandas as pd

from oversight.indicators.measures import State

FIGURES: Final = ["value", "numerator", "denominator", "n"]


def not_alone(measured: pd.DataFrame) -> pd.DataFrame:
    """Where a single row is hidden, the one with the fewest answers is hidden too.

    The total of a list is known from elsewhere (its lede, its district's row): total less all the others would be the
    hidden one. Of two, only the sum is left.
    """
    hidden = measured["state"] == State.HIDDEN.value
    known = measured[measured["state"] == State.KNOWN.value]
    if hidden.sum() != 1 or known.empty:
        return measured
    least = known["denominator"].idxmin()
    found = measured.copy()
    found.loc[least, FIGURES] = np.nan
    found.loc[least, "state"] = State.HIDDEN.value
    return found
