"""Rows of a long table, made when they are read: a page shows forty of a thousand, a file all of them."""

from collections.abc import Callable, Iterator, Sequence
from typing import overload

import pandas as pd

from afterbell.pages.sheets import Cell

Line = Sequence[Cell]


class Rows(Sequence[Line]):
    """`make` turns some of the ordered index into rows."""

    def __init__(self, order: pd.Index, make: Callable[[pd.Index], list[Line]]) -> None:
        self.order = order
        self.make = make

    def __len__(self) -> int:
        return len(self.order)

    @overload
    def __getitem__(self, place: int) -> Line: ...

    @overload
    def __getitem__(self, place: slice) -> list[Line]: ...

    def __getitem__(self, place: int | slice) -> Line | list[Line]:
        if isinstance(place, slice):
            return self.make(self.order[place])
        return self.make(self.order[[place]])[0]

    def __iter__(self) -> Iterator[Line]:
        return iter(self.make(self.order))
