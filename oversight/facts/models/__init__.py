"""Tables of what the city sees: facts of one school, roll-ups made of them, and how old they are."""

from oversight.facts.models.grains import ClassFact, DayFact, MonthFact, TermFact
from oversight.facts.models.nights import Night
from oversight.facts.models.pulses import AreaMark, AreaPulse, Pulse, TermMark
from oversight.facts.models.rollups import AreaMonth, AreaTerm, SchoolMonth, SchoolTerm

__all__ = [
    "AreaMark",
    "AreaMonth",
    "AreaPulse",
    "AreaTerm",
    "ClassFact",
    "DayFact",
    "MonthFact",
    "Night",
    "Pulse",
    "SchoolMonth",
    "SchoolTerm",
    "TermFact",
    "TermMark",
]
