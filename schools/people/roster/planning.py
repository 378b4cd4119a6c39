"""Compares a roster with the school: what is new, what changes, who is missing. Writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from django.utils.translation import gettext as _

from schools.people.models import Guardian, Pupil, Relation, SchoolClass, Tie
from schools.people.roster import adults as adult_cells
from schools.people.roster import classes
from schools.people.roster.adults import Adult
from schools.people.roster.checking import Flaw, Line, Roster

ClassKey = tuple[int, int]
"""Entry year and number."""


@dataclass(frozen=True)
class Move:
    """A pupil who is in another class now."""

    pupil: Pupil
    before: str
    after: str


@dataclass(frozen=True)
class Update:
    """A pupil whose row changes, and in what, in words."""

    pupil: Pupil
    what: tuple[str, ...]


@dataclass(frozen=True)
class Rename:
    """An adult whose phone is known under another name."""

    guardian: Guardian
    before: str


@dataclass
class Plan:
    """Everything that an import would write, as rows that have not been saved."""

    roster: Roster
    flaws: list[Flaw] = field(default_factory=list)
    new_classes: list[SchoolClass] = field(default_factory=list)
    moved_up: list[SchoolClass] = field(default_factory=list)
    created: list[Pupil] = field(default_factory=list)
    updated: list[Update] = field(default_factory=list)
    moved: list[Move] = field(default_factory=list)
    missing: list[Pupil] = field(default_factory=list)
    new_guardians: list[Guardian] = field(default_factory=list)
    renamed: list[Rename] = field(default_factory=list)
    new_ties: list[Tie] = field(default_factory=list)
    related: list[Tie] = field(default_factory=list)
    """Ties whose relation the roster now names."""
    kept_closed: list[Tie] = field(default_factory=list)
    """Denied or ended ties whose adult stands in the roster: an import never opens them."""

    @property
    def changed_pupils(self) -> list[Pupil]:
        return list(
            {
                pupil.pk: pupil
                for pupil in [*(u.pupil for u in self.updated), *(m.pupil for m in self.moved)]
            }.values()
        )

    @property
    def unchanged(self) -> int:
        return len(self.roster.lines) - len(self.created) - len(self.changed_pupils)

    @property
    def is_right(self) -> bool:
        return not self.flaws

    @property
    def fingerprint(self) -> str:
        """Of what the preview showed: another one at applying means that the school has changed meanwhile."""
        parts = [
            *(
                f"new {p.number} {p.name} {p.school_class.entry_year}.{p.school_class.number}"
                for p in self.created
            ),
            *(f"move {m.pupil.number} {m.before} {m.after}" for m in self.moved),
            *(f"set {u.pupil.number} {u.pupil.name} {u.what}" for u in self.updated),
            *(f"missing {p.number}" for p in self.missing),
            *(f"adult {g.phone} {g.name}" for g in self.new_guardians),
            *(f"name {r.guardian.phone} {r.before} {r.guardian.name}" for r in self.renamed),
            *(
                f"tie {t.guardian.phone} {t.pupil.number} {t.relation}"
                for t in [*self.new_ties, *self.related]
            ),
            *(f"closed {t.guardian.phone} {t.pupil.number}" for t in self.kept_closed),
        ]
        return sha256("\n".join(sorted(parts)).encode()).hexdigest()


def plan(roster: Roster, *, today: date) -> Plan:
    """Four reads, whatever the roster's size."""
    return _Planner(roster, today).plan


class _Planner:
    """The school as it is, and the plan as it grows."""

    def __init__(self, roster: Roster, today: date) -> None:
        self.today = today
        self.plan = Plan(roster=roster, flaws=list(roster.flaws))
        self.classes: dict[ClassKey, SchoolClass] = {
            (c.entry_year, c.number): c for c in SchoolClass.objects.all()
        }
        self.pupils: dict[str, Pupil] = {p.number: p for p in Pupil.objects.select_related("school_class")}
        self.guardians: dict[str, Guardian] = {g.phone: g for g in Guardian.objects.all()}
        self.ties = {(tie.guardian_id, tie.pupil_id): tie for tie in Tie.objects.all()}
        self.is_first = not self.pupils
        self._find_lost_zeros(roster.lines)
        for line in roster.lines:
            self._pupil(line)
        named = {line.number for line in roster.lines}
        self.plan.missing = [p for p in self.pupils.values() if p.left_date is None and p.number not in named]
        self.plan.missing.sort(key=lambda p: (p.school_class.entry_year, p.school_class.number, p.number))
        self.plan.flaws.sort(key=lambda flaw: (flaw.spot.sheet, flaw.spot.row, flaw.spot.column or 0))

    def _find_lost_zeros(self, lines: Sequence[Line]) -> None:
        """123 is not 00123, but nobody means two children by it: without this, one would be doubled."""
        by_digits = {number.lstrip("0"): number for number in self.pupils if number.startswith("0")}
        by_digits |= {line.number.lstrip("0"): line.number for line in lines if line.number.startswith("0")}
        for line in lines:
            other = by_digits.get(line.number)
            if other is not None and line.number not in self.pupils:
                said = _("学籍号像是丢了前面的 0：已有学籍号 %(other)s。请改成同样的写法。") % {
                    "other": other
                }
                self.plan.flaws.append(Flaw(line.spot, said))

    def _pupil(self, line: Line) -> None:
        school_class = self._class(line.place)
        pupil = self.pupils.get(line.number)
        if pupil is None:
            pupil = Pupil(
                number=line.number,
                name=line.name,
                school_class=school_class,
                joined_date=self._joined(school_class),
                is_hardship=bool(line.is_hardship),
            )
            self.plan.created.append(pupil)
        else:
            self._change(pupil, line, school_class)
        for adult in line.adults:
            self._tie(self._guardian(adult), pupil, adult)

    def _change(self, pupil: Pupil, line: Line, school_class: SchoolClass) -> None:
        what = []
        if pupil.name != line.name:
            what.append(_("姓名：%(before)s → %(after)s") % {"before": pupil.name, "after": line.name})
            pupil.name = line.name
        if line.is_hardship is not None and pupil.is_hardship != line.is_hardship:
            what.append(_("家庭经济困难：是") if line.is_hardship else _("家庭经济困难：否"))
            pupil.is_hardship = line.is_hardship
        if pupil.left_date is not None:
            what.append(_("已离校，重新入校"))
            pupil.left_date = None
        if what:
            self.plan.updated.append(Update(pupil, tuple(what)))
        if pupil.school_class_id != school_class.pk:
            self.plan.moved.append(Move(pupil, pupil.school_class.name, school_class.name))
            pupil.school_class = school_class

    def _class(self, place: classes.Place) -> SchoolClass:
        """The class that entered in the same year under the same number: it stays one class when it moves up."""
        key = (classes.entry_year(place.grade, today=self.today), place.number)
        found = self.classes.get(key)
        if found is None:
            found = SchoolClass(
                entry_year=key[0], number=key[1], grade=place.grade, name=classes.title(place)
            )
            self.classes[key] = found
            self.plan.new_classes.append(found)
        elif found.grade != place.grade:
            found.grade, found.name = place.grade, classes.title(place)
            self.plan.moved_up.append(found)
        return found

    def _joined(self, school_class: SchoolClass) -> date:
        """A school's first roster holds pupils who have been there for years; later newcomers join today."""
        began = date(school_class.entry_year, 9, 1)
        return began if self.is_first and began < self.today else self.today

    def _guardian(self, adult: Adult) -> Guardian:
        guardian = self.guardians.get(adult.phone)
        if guardian is None:
            guardian = Guardian(name=adult.name, phone=adult.phone)
            self.guardians[adult.phone] = guardian
            self.plan.new_guardians.append(guardian)
            return guardian
        if guardian.name != adult.name and not adult_cells.is_unnamed(adult.name):
            self.plan.renamed.append(Rename(guardian, guardian.name))
            guardian.name = adult.name
        return guardian

    def _tie(self, guardian: Guardian, pupil: Pupil, adult: Adult) -> None:
        """A new tie may sign and collect; the rights of a tie that is there are changed by people, never by a file."""
        tie = self.ties.get((guardian.pk, pupil.pk))
        if tie is None:
            relation = adult.relation or Relation.OTHER
            tie = Tie(guardian=guardian, pupil=pupil, relation=relation, may_sign=True, may_collect=True)
            self.ties[guardian.pk, pupil.pk] = tie
            self.plan.new_ties.append(tie)
        elif tie.is_denied or tie.ended_at is not None:
            tie.guardian, tie.pupil = guardian, pupil
            self.plan.kept_closed.append(tie)
        elif adult.relation is not None and tie.relation != adult.relation:
            tie.guardian, tie.pupil, tie.relation = guardian, pupil, adult.relation
            self.plan.related.append(tie)
