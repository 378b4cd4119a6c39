"""Writes indicators.md, what each figure means, from the catalogue of the code.

python infra/handbook/indicators.py           # writes the page
python infra/handbook/indicators.py --check   # fails when it is old
"""

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import django
from django.utils.translation import override

PAGE = Path(__file__).with_name("indicators.md")
HEAD = """# Indicators

Made by `python infra/handbook/indicators.py`; don't edit. The same stands on `/indicators/`, with today's values. All
figures come from roll-ups of schools; a school whose part is unknown is in no sum, and a missing value is never 0.

- `x` not available: the school has not reported the part, or nobody has. `–` does not apply: nothing to divide by.
  `c` hidden: fewer than 5 children (for participation and "all five days" also fewer than 5 who do). `0` is a true nought.
- n is what the figure rests on. Districts and the city: sums over schools, then divided; "median" where sums mean nothing.
- 95 % interval: Wilson. Funnel: limits at each school's own n around the city's rate, an inner one (a hint) and an outer one
  (a flag). How far out they lie is in the policy profile that the school's term began under (`signals.comparison`:
  `warn_z_hundredths`, `flag_z_hundredths`); without a profile 1.96 and 3.09, which are 95 % and 99.8 %. Where the schools of
  a page have several profiles, each is judged by its own, and its row says by which. The same limits decide the red lines;
  exact binomial or Poisson sums while a count varies by less than 30, so that small schools are not flagged for noise.
- A month's view narrows what is summed by month; counts of the term (participants, roll, plan, surplus) stay the term's.

"""


def main() -> int:
    text = page()
    if "--check" in sys.argv:
        if PAGE.read_text() != text:
            sys.stderr.write("infra/handbook/indicators.md is old: run python infra/handbook/indicators.py\n")
            return 1
        return 0
    PAGE.write_text(text)
    return 0


def page() -> str:
    """The whole page. By name: the catalogue needs Django, and Django has to be set up first."""
    words: Any = import_module("oversight.indicators.words")
    catalogue: Any = import_module("oversight.indicators.catalogue")
    parts = [HEAD]
    with override("zh-hans"):
        for theme, title in words.THEMES.items():
            parts.append(
                f"## {title}\n\n| Code | Name | Question | Formula | Unit | n | Good | Clauses | Funnel | Notes |\n"
            )
            parts.append("|---|---|---|---|---|---|---|---|---|---|\n")
            for one in catalogue.CATALOGUE.values():
                if one.theme is theme:
                    notes = [
                        *(["hidden under 5"] if one.about_children else []),
                        *(["median of schools"] if one.over_schools else []),
                        *(["by month"] if one.by_month else []),
                    ]
                    cells = (
                        f"`{one.code}`", one.name, one.question, one.formula, words.UNITS[one.unit], one.n_of,
                        one.better.value, ", ".join(one.clauses),
                        one.spread.value if one.spread is not catalogue.Spread.NONE else "–", "; ".join(notes) or "–",
                    )  # fmt: skip
                    parts.append(f"| {' | '.join(str(cell) for cell in cells)} |\n")
            parts.append("\n")
    return "".join(parts)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "afterbell.settings")
    django.setup()
    sys.exit(main())
