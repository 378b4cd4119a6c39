"""Compares a roster with the school: what is new, what changes, who is missing. Writes nothing.

A number is no identity: what it is known under another name for is asked (answers.py). A file gives rights only to
adults who are new; whoever is tied to the child keeps the rights there are, whoever is known and not tied gets none.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from schools.people import denials, naming
from schools.people.models import Guardian, Pupil, Relation, SchoolClass, Tie
from schools.people.rights import Rights
from schools.people.roster import adults as adult_cells
from schools.people.roster import answers, asking, classes
from schools.people.roster.adults import Adult
from schools.people.roster.answers import Answer
from schools.people.roster.checking import Roster
from schools.people.roster.leftovers import LeftOut, Why
from schools.people.roster.lines import Flaw, Line
from schools.people.roster.plans import Move, Plan, PupilRename, Rename, Update
from schools.people.roster.standing import Standing


def plan(
    roster: Roster, *, today: date, by: User | None = None, given: Mapping[str, str] | None = None
) -> Plan:
    """A few reads, whatever the roster's size. `given` are the page's answers by the key of their question."""
    return _Planner(roster, today, given or {}, Standing(by)).plan


class _Planner:
    """The school as it is, and the plan as it grows."""

    def __init__(self, roster: Roster, today: date, given: Mapping[str, str], school: Standing) -> None:
        self.today = today
        self.school = school
        self.plan = Plan(roster=roster, flaws=list(roster.flaws))
        lost = self._lost_zeros(roster.lines)
        self.plan.lines = [line for line in roster.lines if line.number not in lost]
        self.plan.questions = [found for line in self.plan.lines for found in asking.questions(line, school)]
        self.plan.answers = answers.decide(self.plan.questions, given)
        self.asked = {(q.pupil_number, q.phone): q for q in self.plan.questions}
        for line in self.plan.lines:
            self._pupil(line)
        here = (pupil for pupil in school.pupils.values() if pupil.left_date is None)
        self.plan.missing = [pupil for pupil in here if pupil.number not in roster.numbers]
        self.plan.missing.sort(key=lambda p: (p.school_class.entry_year, p.school_class.number, p.number))
        self.plan.flaws.sort(key=lambda flaw: (flaw.spot.sheet, flaw.spot.row, flaw.spot.column or 0))
        self._turn_back()

    def _answer(self, line: Line, phone: str) -> Answer | None:
        """Of a question that was asked."""
        return self.plan.answers.get(self.asked[line.number, phone].key)

    def _lost_zeros(self, lines: Sequence[Line]) -> set[str]:
        """123 is not 00123, but nobody means two children by it: without this, one would be doubled."""
        known = self.school.pupils
        there = [*known, *self.plan.roster.numbers]
        by_digits = {number.lstrip("0"): number for number in there if number.startswith("0")}
        lost = {line.number: line for line in lines if line.number in by_digits and line.number not in known}
        for number, line in lost.items():
            said = _("学籍号像是丢了前面的 0：已有学籍号 %(other)s。请改成同样的写法。")
            self.plan.flaws += [Flaw(spot, said % {"other": by_digits[number]}) for spot in line.spots]
        return set(lost)

    def _turn_back(self) -> None:
        """Every row with a flaw, as the import's own row keeps it."""
        rows = {row.spot.at: (row.number, row.name) for row in self.plan.roster.refused}
        rows |= {spot.at: (line.number, line.name) for line in self.plan.roster.lines for spot in line.spots}
        for at, spot in {flaw.spot.at: flaw.spot for flaw in reversed(self.plan.flaws)}.items():
            number, name = rows[at]
            self.plan.turned_back.append(LeftOut(spot, Why.FLAW, number, name))
        self.plan.turned_back.reverse()

    # --- what follows
    def _pupil(self, line: Line) -> None:
        pupil = self.school.pupils.get(line.number)
        if pupil is None:
            school_class = self._class(line.place)
            pupil = Pupil(
                number=line.number,
                name=line.name,
                school_class=school_class,
                joined_date=self._joined(school_class),
                is_hardship=bool(line.is_hardship),
            )
            self.plan.created.append(pupil)
        else:
            if (line.number, "") in self.asked and self._answer(line, "") is not Answer.SAME:
                is_open = self._answer(line, "") is None
                self._leave_out(line, Why.PUPIL_OPEN if is_open else Why.PUPIL_OTHER)
                return
            self._change(pupil, line, self._class(line.place))
        for adult in line.adults:
            self._adult(line, pupil, adult)

    def _change(self, pupil: Pupil, line: Line, school_class: SchoolClass) -> None:
        what = []
        seen = (pupil.name, pupil.school_class_id, pupil.left_date, pupil.is_hardship)
        if not naming.same(pupil.name, line.name) and pupil.pk in self.school.own:
            self._leave_out(line, Why.OWN_CHILD)
        elif not naming.same(pupil.name, line.name):
            self.plan.renamed_pupils.append(PupilRename(pupil, pupil.name))
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
        self.plan.seen_pupils[pupil.pk] = seen

    def _class(self, place: classes.Place) -> SchoolClass:
        """The class that entered in the same year under the same number: it stays one class when it moves up."""
        key = (classes.entry_year(place.grade, today=self.today), place.number)
        found = self.school.classes.get(key)
        if found is None:
            found = SchoolClass(
                entry_year=key[0], number=key[1], grade=place.grade, name=classes.title(place)
            )
            self.school.classes[key] = found
            self.plan.new_classes.append(found)
        elif found.grade != place.grade:
            found.grade, found.name = place.grade, classes.title(place)
            self.plan.moved_up.append(found)
        return found

    def _joined(self, school_class: SchoolClass) -> date:
        """A school's first roster holds pupils who have been there for years; later newcomers join today."""
        began = date(school_class.entry_year, 9, 1)
        return began if self.school.is_first and began < self.today else self.today

    def _adult(self, line: Line, pupil: Pupil, adult: Adult) -> None:
        """New, known, asked about or left out."""
        if not adult.phone:
            self._contact(line, pupil, adult)
            return
        known = self.school.guardians.get(adult.phone)
        if self._is_denied(line, pupil, adult):
            return
        if self._is_own_childs(line, pupil, adult):
            self._leave_out(line, Why.OWN_CHILD, adult)
            return
        if self.school.staff.has(adult.phone, adult.name) and (
            known is None or (known.pk, pupil.pk) not in self.school.ties
        ):
            self._leave_out(line, Why.STAFF, adult)
            return
        if known is None:
            self._new_adult(line, pupil, adult)
            return
        tie = self.school.ties.get((known.pk, pupil.pk))
        if tie is not None and tie.ended_at is not None:
            self._leave_out(line, Why.ENDED, adult)
        elif (line.number, adult.phone) not in self.asked:
            self._tie(line, known, pupil, adult)
        elif (said := self._answer(line, adult.phone)) is Answer.SAME:
            self._rename(known, adult)
            self._tie(line, known, pupil, adult)
        else:
            self._leave_out(line, Why.OPEN if said is None else Why.OTHER, adult)

    def _contact(self, line: Line, pupil: Pupil, adult: Adult) -> None:
        """An adult without a number: kept with the child, without a login and without any right. Once, however often.

        By the name alone nobody is known: each child has its own, and whoever has a number stays who they are.
        """
        if self._is_denied(line, pupil, adult):
            return
        held = next(iter(self.school.named(pupil, adult.name)), None)
        if held is not None and held.is_live:
            if not held.guardian.phone and pupil.pk not in self.school.own:
                self._tie(line, held.guardian, pupil, adult)
        elif held is not None:
            self._leave_out(line, Why.ENDED, adult)
        elif pupil.pk in self.school.own:
            self._leave_out(line, Why.OWN_CHILD, adult)
        else:
            guardian = Guardian(name=adult.name, phone="")
            self.plan.new_guardians.append(guardian)
            self.plan.new_ties.append(
                Tie(guardian=guardian, pupil=pupil, relation=adult.relation or Relation.OTHER)
            )
            self._leave_out(line, Why.NO_PHONE, adult)

    def _is_own_childs(self, line: Line, pupil: Pupil, adult: Adult) -> bool:
        """Whether it would write about an adult of the importer's own child."""
        known = self.school.guardians.get(adult.phone)
        asked = (line.number, adult.phone) in self.asked
        if known is not None and asked and self.school.own.intersection(self.school.children[known.pk]):
            return True
        if pupil.pk not in self.school.own:
            return False
        tie = self.school.ties.get((known.pk, pupil.pk)) if known is not None else None
        return tie is None or adult.relation not in (None, tie.relation)

    def _is_denied(self, line: Line, pupil: Pupil, adult: Adult) -> bool:
        """S24: by name or by number, for this child; and for every child of an adult who would be called so."""
        for known in self.school.denied.get(pupil.pk, ()):
            if known.is_meant_by(name=adult.name, phone=adult.phone):
                said = denials.DeniedBefore(**denials.said_of(known, name=adult.name))
                self._leave_out(line, Why.DENIED, adult, detail=str(said))
                return True
        guardian = self.school.guardians.get(adult.phone)
        asked = guardian is not None and (line.number, adult.phone) in self.asked
        if guardian is None or not asked or adult_cells.is_unnamed(adult.name):
            return False
        others = [
            known
            for child in self.school.children[guardian.pk]
            for known in self.school.denied.get(child, ())
            if known.tie.guardian_id != guardian.pk and known.is_meant_by(name=adult.name, phone="")
        ]
        if others:
            self._leave_out(line, Why.DENIED, adult)
        return bool(others)

    def _new_adult(self, line: Line, pupil: Pupil, adult: Adult) -> None:
        """A second number for a name that the child has is one digit away from handing the child to a stranger."""
        if any(held.is_live for held in self.school.named(pupil, adult.name)):
            self._leave_out(line, Why.SAME_NAME, adult)
            return
        guardian = Guardian(name=adult.name, phone=adult.phone)
        self.school.guardians[adult.phone] = guardian
        self.plan.new_guardians.append(guardian)
        self._tie(line, guardian, pupil, adult)

    def _rename(self, guardian: Guardian, adult: Adult) -> None:
        """Once, however many rows say so; a sheet without names renames nobody."""
        if not adult_cells.is_unnamed(adult.name) and guardian.name == self.school.called[guardian.pk]:
            self.plan.renamed.append(Rename(guardian, guardian.name))
            guardian.name = adult.name

    def _tie(self, line: Line, guardian: Guardian, pupil: Pupil, adult: Adult) -> None:
        """Rights come with a new adult only; those of a tie that is there are changed by people, never by a file."""
        tie = self.school.ties.get((guardian.pk, pupil.pk))
        is_known = guardian.pk in self.school.called
        if is_known:
            self.plan.seen_adults[guardian.pk] = self.school.called[guardian.pk]
        if tie is None:
            relation = adult.relation or Relation.OTHER
            has_rights = not is_known and pupil.pk not in self.school.unsigned
            tie = Tie(
                guardian=guardian,
                pupil=pupil,
                relation=relation,
                may_sign=has_rights and relation != Relation.NO_KIN,
                may_collect=has_rights,
            )
            self.school.ties[guardian.pk, pupil.pk] = tie
            self.plan.new_ties.append(tie)
            if not has_rights:
                self._leave_out(line, Why.NO_RIGHTS, adult)
        elif tie.may_sign and adult.relation == Relation.NO_KIN:
            self._leave_out(line, Why.NO_KIN, adult)
        elif adult.relation is not None and tie.relation != adult.relation:
            self.plan.related_before.setdefault(tie.pk, Rights.of(tie))
            tie.guardian, tie.pupil, tie.relation = guardian, pupil, adult.relation
            self.plan.related.append(tie)

    def _leave_out(self, line: Line, why: Why, adult: Adult | None = None, *, detail: str = "") -> None:
        self.plan.left_out.append(
            LeftOut(
                spot=(adult.spot if adult else None) or line.spot,
                why=why,
                pupil_number=line.number,
                pupil_name=line.name,
                adult=adult.name if adult else "",
                phone=adult.phone if adult else "",
                detail=detail,
            )
        )
