"""Why facts have no seals (afterbell.kernel.seals): all are computed from the schools, and `verify` computes them again."""

from afterbell.kernel.seals import Sealed

SEALED: tuple[Sealed, ...] = ()
COMPUTED = "computed from the schools or from facts, and again by verify"
CLOCKWORK = "how far the computing is"
UNSEALED = {
    **dict.fromkeys(
        (
            "oversight.dayfact", "oversight.monthfact", "oversight.termfact", "oversight.classfact",
            "oversight.schoolmonth", "oversight.schoolterm", "oversight.areamonth", "oversight.areaterm",
        ),
        COMPUTED,
    ),
    **dict.fromkeys(
        ("oversight.night", "oversight.pulse", "oversight.areamark", "oversight.areapulse", "oversight.termmark"), CLOCKWORK
    ),
}  # fmt: skip
