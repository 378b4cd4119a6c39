"""What is hidden of a term on the city's screens, in its files and its API: decided once for all of them. Pure.

A figure of schools is asked for by the schools that it is made of. The sums that filters can make, and every school, were
decided together (securing.py); any other choice of schools is shown when each of them is, so that it says nothing new.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from oversight.protection import areas, securing
from oversight.protection.areas import Area, Count

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
CLASSES: Final = ("least", "most", "tells")
"""Of a school's classes in which anybody takes part: how many do at least by what everybody knows (one in each, and all of
a class of k or more of which all do: an alert says so), all their pupils, and whether the school's sum, once it is shown,
leaves a small class or grade too few values."""


class Family(NamedTuple):
    """One column: which schools' counts are hidden, and which sums of several schools."""

    schools: frozenset[str]
    sums: Mapping[int, bool]
    """Key of the schools with a count above 0 → whether their sum is hidden."""
    keys: Mapping[str, int]
    """Of the schools with a count above 0; a sum's key is all of theirs, in any order."""
    known: frozenset[str]
    """Schools that know the count and of whom it is a part."""
    areas: frozenset[Area]
    """Choices of district, stage and kind whose sum is hidden."""


@dataclass(frozen=True, eq=False)
class Decision:
    """Of one term, from one state of its figures."""

    families: Mapping[str, Family]
    fingerprint: int = 0
    """Of all that it was made of: the same for the same children in the same places."""

    def hides(self, column: str, codes: Collection[str]) -> bool:
        """Whether the sum of a column over these schools is hidden: each of them knows it.

        A school that does not know of whom it is a part was not decided upon: nothing is shown with it.
        """
        family = self.families[column]
        if not family.known.issuperset(codes):
            return True
        counted = [code for code in codes if code in family.keys]
        decided = family.sums.get(_key(family.keys, counted))
        return any(code in family.schools for code in counted) if decided is None else decided

    def hides_each(self, column: str, schools: pd.DataFrame) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """School by school; what a school does not know is not hidden."""
        family, codes = self.families[column], schools["code"]
        undecided = schools[column].notna() & ~codes.isin(family.known)
        return np.asarray(codes.isin(family.schools) | undecided, dtype=bool)


def of_frame(frame: pd.DataFrame) -> Decision | None:
    """By what a frame of schools is shown; None for schools that look at themselves."""
    if COLUMN not in frame.columns or frame.empty:
        return None
    found = frame[COLUMN].iat[0]
    return found if isinstance(found, Decision) else None


def decide(schools: pd.DataFrame, *, room: int = 1, also: frozenset[str] = frozenset()) -> Decision:
    """`room` is how many times the promised values those who take part keep: their grades say more of them (terms.py).
    Who takes part in the schools `also` is hidden, small or not: it would tell too much of a grade.

    `schools` are all of the city in service: code, district_code, stage, kind and NEEDS, NaN where not known.

    Who takes part is decided first. Of how many of them come on all days nothing is shown where that is hidden. Few
    answers hide a score; that few did not answer is no secret about any child.
    """
    tells = _tells_of_a_class(schools) | also
    taking_part = _family(
        schools, PARTICIPANTS, lambda codes: len(codes) == 1 and codes[0] in tells, room=room
    )
    first = Decision({PARTICIPANTS: taking_part})
    five_days = _family(schools, FIVE_DAYS, lambda codes: first.hides(PARTICIPANTS, codes))
    answers = _family(schools, ANSWERS, lambda _codes: False, with_rest=False)
    made_of = [
        name
        for name in ("code", "district_code", "stage", "kind", *NEEDS, *CLASSES)
        if name in schools.columns
    ]
    fingerprint = int(pd.util.hash_pandas_object(schools[made_of].astype(str), index=False).sum())
    return Decision({PARTICIPANTS: taking_part, FIVE_DAYS: five_days, ANSWERS: answers}, fingerprint)


def _family(
    schools: pd.DataFrame,
    column: str,
    also: Callable[[Sequence[str]], bool],
    *,
    with_rest: bool = True,
    room: int = 1,
) -> Family:
    counts = _counts(schools, column)
    sums = areas.Sums(counts, k=CITY_K, with_rest=with_rest)
    asked = [(1, [count]) for count in counts]
    in_areas = areas.by_area(counts)
    asked += [(areas.weight(area), some) for area, some in in_areas.items()]
    for weight, some in asked:
        codes = [str(count.name) for count in some]
        sums.add(codes, weight=weight, is_hidden=also(codes))
    every = sums.all()
    hidden = securing.protect(sums.numbers, every, k=CITY_K, room=room).sums
    keys = {str(count.name): _hash(str(count.name)) for count in counts if count.part}
    return Family(
        schools=frozenset(str(name) for members in hidden if len(members) == 1 for name in members),
        sums={_key(keys, map(str, each.members)): each.members in hidden for each in every},
        keys=keys,
        known=frozenset(str(count.name) for count in counts),
        areas=frozenset(
            area
            for area, some in in_areas.items()
            if frozenset(each.name for each in some if each.part) in hidden
        ),
    )


def _tells_of_a_class(schools: pd.DataFrame) -> frozenset[str]:
    """5 of the school in five classes are one in each; all of a school are all of each class."""
    if not {*CLASSES} <= {*schools.columns}:
        return frozenset()
    return frozenset(schools.loc[schools["tells"].astype(bool), "code"])


def _counts(schools: pd.DataFrame, column: str) -> list[Count]:
    """Of schools that know both parts."""
    known = schools[schools[column].notna() & schools[OF[column]].notna()]
    names = ("code", "district_code", "stage", "kind", column, OF[column])
    found = [
        Count(code, (district, stage, kind), int(part), int(of))
        for code, district, stage, kind, part, of in zip(*(known[name] for name in names), strict=True)
    ]
    if column != PARTICIPANTS or not {*CLASSES} <= {*schools.columns}:
        return found
    classes = zip(known[CLASSES[0]], known[CLASSES[1]], strict=True)
    return [_with_classes(count, *ends) for count, ends in zip(found, classes, strict=True)]


def _with_classes(count: Count, least: float, most: float) -> Count:
    """NaN for a school of which no class is known."""
    return count if least != least or not least else count._replace(least=int(least), most=int(most))


def _hash(code: str) -> int:
    return int.from_bytes(blake2b(code.encode(), digest_size=8).digest())


def _key(keys: Mapping[str, int], codes: Iterable[str]) -> int:
    found = 0
    for code in codes:
        found ^= keys[code]
    return found
