"""Which part of the city and of time a figure is about: the filters of every page, download and API list."""

from dataclasses import asdict, dataclass
from urllib.parse import urlencode


@dataclass(frozen=True)
class Selection:
    """A term, and what narrows it; empty means all. Values were checked on the way in (dashboards, API)."""

    term: str
    district: str = ""
    stage: str = ""
    kind: str = ""
    school: str = ""
    """A school's code."""
    first_month: str = ""
    """2026-09; with `last_month`, narrows what is summed by month. Counts of a term stay the term's."""
    last_month: str = ""

    @property
    def by_month(self) -> bool:
        """Whether only some months of the term are wanted."""
        return bool(self.first_month or self.last_month)

    def query(self) -> str:
        """As GET parameters of the contract: from and to are the months."""
        names = {"first_month": "from", "last_month": "to"}
        return urlencode({names.get(name, name): value for name, value in asdict(self).items() if value})
