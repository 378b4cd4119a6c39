"""What is hidden of a term on the city's screens, in its files and its API: decided once for all of them. Pure.

A figure of schools is asked for by the schools that it is made of. The sums that filters can make, and every school, were
decided together (securing.py); any other choice of schools is shown when each of them is, so that it says nothing new.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from oversight.protection import areas, securing
from oversight.protection.areas import Count

CITY_K: Final = 5
"""Smallest count of children that the city's screens show (architecture §7)."""
COLUMN: Final = "protection"
"""Of a frame of schools: the Decision that it is shown by, the same in each row."""
PARTICIPANTS: Final = "participants"
FIVE_DAYS: Final = "five_day_participants"
ANSWERS: Final = "survey_answers"
OF: Final = {PARTICIPANTS: "pupils_on_roll", FIVE_DAYS: PARTICIPANTS, ANSWERS: "survey_invited"}
"""Counts that are protected, and of whom each is a part."""
NEEDS: Final = (*OF, "pupils_on_roll", "survey_invited")
NARROW: Final = "pupils_of_grades"
"""Pupils of the grades in which anybody takes part: where one grade has them all, it is a grade's figure."""


class Family(NamedTuple):
    """One column: which schools' counts are hidden, and which sums of several schools."""

    schools: frozenset[str]
    sums: Mapping[int, bool]
    """Key of the schools with a count above 0 → whether their sum is hidden."""
    keys: Mapping[str, int]
    """Of the schools with a count above 0; a sum's key is all of theirs, in any order."""
    known: frozenset[str]
    """Schools that know the count and of whom it is a part."""


@dataclass(frozen=True, eq=False)
class Decision:
    """Of one term, from one state of its figures."""

    families: Mapping[str, Family]

    def hides(self, column: str, codes: Collection[str]) -> bool:
        """Whether the sum of a column over these schools is hidden."""
        family = self.families[column]
        counted = [code for code in codes if code in family.keys]
        known = family.sums.get(_key(family.keys, counted))
        return any(code in family.schools for code in counted) if known is None else known

    def hides_each(self, column: str, codes: "pd.Series[str]") -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """School by school."""
        return codes.isin(self.families[column].schools).to_numpy()


def of_frame(frame: pd.DataFrame) -> Decision | None:
    """By what a frame of schools is shown; None for schools that look at themselves."""
    if COLUMN not in frame.columns or frame.empty:
        return None
    found = frame[COLUMN].iat[0]
    return found if isinstance(found, Decision) else None


def decide(schools: pd.DataFrame) -> Decision:
    """`schools` are all of the city in service: code, district_code, stage, kind and NEEDS, NaN where not known.

    Who takes part is decided first. Of how many of them come on all days nothing is shown where that is hidden. Few
    answers hide a score; that few did not answer is no secret about any child.
    """
    taking_part = _family(schools, PARTICIPANTS, lambda _codes: False)
    first = Decision({PARTICIPANTS: taking_part})
    five_days = _family(schools, FIVE_DAYS, lambda codes: first.hides(PARTICIPANTS, codes))
    answers = _family(schools, ANSWERS, lambda _codes: False, with_rest=False)
    return Decision({PARTICIPANTS: taking_part, FIVE_DAYS: five_days, ANSWERS: answers})


def _family(
    schools: pd.DataFrame, column: str, also: Callable[[Sequence[str]], bool], *, with_rest: bool = True
) -> Family:
    counts = _counts(schools, column, OF[column])
    sums = areas.Sums(counts, k=CITY_K, with_rest=with_rest)
    narrow = {each.name: each.of for each in _counts(schools, column, NARROW)} if column == PARTICIPANTS else {}
    asked = [(1, [count]) for count in counts]
    asked += [(areas.weight(area), some) for area, some in areas.by_area(counts).items()]
    for weight, some in asked:
        codes = [str(count.name) for count in some]
        sums.add(codes, weight=weight, is_hidden=also(codes) or _few_of_grades(some, narrow))
    every = sums.all()
    hidden = securing.protect(sums.numbers, every, k=CITY_K)
    keys = {str(count.name): _hash(str(count.name)) for count in counts if count.part}
    return Family(
        schools=frozenset(str(name) for members in hidden if len(members) == 1 for name in members),
        sums={_key(keys, map(str, each.members)): each.members in hidden for each in every},
        keys=keys,
        known=frozenset(str(count.name) for count in counts),
    )


def _few_of_grades(some: Sequence[Count], narrow: Mapping[Hashable, int]) -> bool:
    """Few of those grades do not take part, though many of the schools' other grades don't: nobody of these does."""
    counted = [count for count in some if count.part]
    if not all(count.name in narrow for count in counted):
        return False
    return areas.is_small(sum(count.part for count in counted), sum(narrow[count.name] for count in counted), CITY_K)


def _counts(schools: pd.DataFrame, column: str, of: str) -> list[Count]:
    """Of schools that know both parts."""
    if of not in schools.columns:
        return []
    known = schools[schools[column].notna() & schools[of].notna()]
    names = ("code", "district_code", "stage", "kind", column, of)
    rows = zip(*(known[name] for name in names), strict=True)
    return [Count(code, (district, stage, kind), int(part), int(all_)) for code, district, stage, kind, part, all_ in rows]


def _hash(code: str) -> int:
    return int.from_bytes(blake2b(code.encode(), digest_size=8).digest())


def _key(keys: Mapping[str, int], codes: Iterable[str]) -> int:
    found = 0
    for code in codes:
        found ^= keys[code]
    return found
