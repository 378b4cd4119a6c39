"""Where in a workbook something stands."""

from dataclasses import dataclass

from schools.people.roster.scanning import reference


@dataclass(frozen=True, order=True)
class Spot:
    """A cell; its column is None where the whole row is meant."""

    sheet: str
    row: int
    column: int | None

    @property
    def at(self) -> tuple[str, int]:
        """Sheet and row."""
        return self.sheet, self.row

    @property
    def cell(self) -> str:
        """C5, as Excel writes it; the row alone where no cell is meant."""
        return f"{self.row + 1}" if self.column is None else reference((self.row, self.column))
