"""What a roster's line asks of the office: numbers that the school knows under another name."""

from collections.abc import Iterator

from schools.people import naming
from schools.people.roster import adults as adult_cells
from schools.people.roster import classes
from schools.people.roster.adults import Adult
from schools.people.roster.answers import Kind, Question
from schools.people.roster.lines import Line
from schools.people.roster.standing import Standing


def questions(line: Line, school: Standing) -> Iterator[Question]:
    """An adult without a number is known by none, and never asked about."""
    pupil = school.pupils.get(line.number)
    if pupil is not None and not naming.same(pupil.name, line.name):
        yield _question(line, Kind.PUPIL, known=pupil.name, named=line.name)
    for adult in line.adults:
        guardian = school.guardians.get(adult.phone)
        if guardian is None or naming.same(guardian.name, adult.name):
            continue
        tie = school.ties.get((guardian.pk, pupil.pk)) if pupil is not None else None
        if tie is not None and (tie.is_denied or tie.ended_at is not None):
            continue  # left out, whoever is meant
        unnamed = adult_cells.is_unnamed(adult.name)
        if tie is None or not unnamed:
            kind = Kind.STRANGER if tie is None else Kind.OWN
            yield _question(line, kind, known=guardian.name, named="" if unnamed else adult.name, adult=adult)


def _question(line: Line, kind: Kind, *, known: str, named: str, adult: Adult | None = None) -> Question:
    return Question(
        spot=(adult.spot if adult else None) or line.spot,
        kind=kind,
        pupil_number=line.number,
        pupil_name=line.name,
        class_name=classes.title(line.place),
        phone=adult.phone if adult else "",
        known=known,
        named=named,
        said=adult.said if adult else line.said,
    )
