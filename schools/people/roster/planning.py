"""Compares a roster with the school: what is new, what changes, who is missing. Writes nothing.

A number is no identity: what it is known under another name for is asked (answers.py). A file gives rights only to
adults who are new; whoever is tied to the child keeps the rights there are, whoever is known and not tied gets none.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from uuid import UUID

from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from schools.people import denials, naming, queries
from schools.people.models import Guardian, Pupil, Relation, SchoolClass, Tie
from schools.people.rights import Rights
from schools.people.roster import adults as adult_cells
from schools.people.roster import answers, classes
from schools.people.roster.adults import Adult
from schools.people.roster.answers import Answer, Kind, Question
from schools.people.roster.checking import Flaw, Line, Roster
from schools.people.roster.leftovers import LeftOut, Why

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
    """An adult of whom the office said that it is the same person under another name."""

    guardian: Guardian
    before: str


@dataclass(frozen=True)
class PupilRename:
    """The same of a pupil."""

    pupil: Pupil
    before: str


Seen = tuple[str, object, object, bool]
"""A pupil's name, class, last day and hardship as the plan read them."""


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
    renamed_pupils: list[PupilRename] = field(default_factory=list)
    new_ties: list[Tie] = field(default_factory=list)
    related: list[Tie] = field(default_factory=list)
    """Ties whose relation the roster now names."""
    related_before: dict[UUID, Rights] = field(default_factory=dict)
    """What each of them was, by its key."""
    questions: list[Question] = field(default_factory=list)
    """Numbers that are known under another name, answered or not."""
    answers: dict[str, Answer] = field(default_factory=dict)
    """By the question's key; what has no answer here is open."""
    left_out: list[LeftOut] = field(default_factory=list)
    """Who stands in the roster and is not written: an import lifts no denial and opens no ended tie."""
    seen_pupils: dict[UUID, Seen] = field(default_factory=dict)
    seen_adults: dict[UUID, str] = field(default_factory=dict)
    """What was there when the plan was made, of all that it changes or ties: compared again when it is written."""

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
        not_read = sum(out.why in (Why.PUPIL_OPEN, Why.PUPIL_OTHER) for out in self.left_out)
        return len(self.roster.lines) - len(self.created) - len(self.changed_pupils) - not_read

    @property
    def open_questions(self) -> list[Question]:
        return [question for question in self.questions if question.key not in self.answers]

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
            *(f"question {q.key} {self.answers.get(q.key, '')}" for q in self.questions),
            *(f"left out {out.kept}" for out in self.left_out),
        ]
        return sha256("\n".join(sorted(parts)).encode()).hexdigest()


def plan(
    roster: Roster, *, today: date, by: User | None = None, given: Mapping[str, str] | None = None
) -> Plan:
    """A few reads, whatever the roster's size. `given` are the page's answers by the key of their question."""
    own = queries.ties_of(by).values_list("pupil", flat=True) if by else ()
    return _Planner(roster, today, given or {}, frozenset(own)).plan


class _Planner:
    """The school as it is, and the plan as it grows."""

    def __init__(self, roster: Roster, today: date, given: Mapping[str, str], own: frozenset[UUID]) -> None:
        self.today = today
        self.own = own
        """Children of whoever imports it: their names and adults are a colleague's to write."""
        self.plan = Plan(roster=roster, flaws=list(roster.flaws))
        self.classes: dict[ClassKey, SchoolClass] = {
            (c.entry_year, c.number): c for c in SchoolClass.objects.all()
        }
        self.pupils: dict[str, Pupil] = {p.number: p for p in Pupil.objects.select_related("school_class")}
        self.guardians: dict[str, Guardian] = {g.phone: g for g in Guardian.objects.exclude(phone="")}
        self.called = {g.pk: g.name for g in self.guardians.values()}
        """Known adults by the name that they had before the file."""
        self.ties = {(tie.guardian_id, tie.pupil_id): tie for tie in Tie.objects.all()}
        self.children: dict[UUID, list[UUID]] = defaultdict(list)
        for adult, pupil in self.ties:
            self.children[adult].append(pupil)
        self.unsigned = queries.lost_signers(self.ties.values())
        """Children whose signing adults are all gone: who signs next is not a file's to say."""
        self.denied = denials.of()
        self.staff = queries.staff()
        self.names = self._live_names()
        self.is_first = not self.pupils
        self._find_lost_zeros(roster.lines)
        self.plan.questions = [found for line in roster.lines for found in self._questions(line)]
        self.plan.answers = answers.decide(self.plan.questions, given)
        self.asked = {(q.pupil_number, q.phone): q for q in self.plan.questions}
        for line in roster.lines:
            self._pupil(line)
        named = {line.number for line in roster.lines}
        self.plan.missing = [p for p in self.pupils.values() if p.left_date is None and p.number not in named]
        self.plan.missing.sort(key=lambda p: (p.school_class.entry_year, p.school_class.number, p.number))
        self.plan.flaws.sort(key=lambda flaw: (flaw.spot.sheet, flaw.spot.row, flaw.spot.column or 0))

    def _live_names(self) -> set[tuple[UUID, str]]:
        """(pupil, name) of the adults who are tied now."""
        by_pk = {guardian.pk: naming.likened(guardian.name) for guardian in self.guardians.values()}
        return {
            (pupil, by_pk[adult])
            for (adult, pupil), tie in self.ties.items()
            if tie.ended_at is None and not tie.is_denied
        }

    # --- what is asked
    def _questions(self, line: Line) -> Iterator[Question]:
        pupil = self.pupils.get(line.number)
        if pupil is not None and not naming.same(pupil.name, line.name):
            yield self._question(line, Kind.PUPIL, known=pupil.name, named=line.name)
        for adult in line.adults:
            guardian = self.guardians.get(adult.phone)
            if guardian is None or naming.same(guardian.name, adult.name):
                continue
            tie = self.ties.get((guardian.pk, pupil.pk)) if pupil is not None else None
            if tie is not None and (tie.is_denied or tie.ended_at is not None):
                continue  # left out, whoever is meant
            unnamed = adult_cells.is_unnamed(adult.name)
            if tie is None or not unnamed:
                kind = Kind.STRANGER if tie is None else Kind.OWN
                named = "" if unnamed else adult.name
                yield self._question(line, kind, known=guardian.name, named=named, adult=adult)

    def _question(
        self, line: Line, kind: Kind, *, known: str, named: str, adult: Adult | None = None
    ) -> Question:
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

    def _answer(self, line: Line, phone: str) -> Answer | None:
        """Of a question that was asked."""
        return self.plan.answers.get(self.asked[line.number, phone].key)

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

    # --- what follows
    def _pupil(self, line: Line) -> None:
        pupil = self.pupils.get(line.number)
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
        if not naming.same(pupil.name, line.name) and pupil.pk in self.own:
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

    def _adult(self, line: Line, pupil: Pupil, adult: Adult) -> None:
        """New, known, asked about or left out."""
        known = self.guardians.get(adult.phone)
        if self._is_denied(line, pupil, adult):
            return
        if self._is_own_childs(line, pupil, adult):
            self._leave_out(line, Why.OWN_CHILD, adult)
            return
        if self.staff.has(adult.phone, adult.name) and (
            known is None or (known.pk, pupil.pk) not in self.ties
        ):
            self._leave_out(line, Why.STAFF, adult)
            return
        if known is None:
            self._new_adult(line, pupil, adult)
            return
        tie = self.ties.get((known.pk, pupil.pk))
        if tie is not None and tie.ended_at is not None:
            self._leave_out(line, Why.ENDED, adult)
        elif (line.number, adult.phone) not in self.asked:
            self._tie(line, known, pupil, adult)
        elif (said := self._answer(line, adult.phone)) is Answer.SAME:
            self._rename(known, adult)
            self._tie(line, known, pupil, adult)
        else:
            self._leave_out(line, Why.OPEN if said is None else Why.OTHER, adult)

    def _is_own_childs(self, line: Line, pupil: Pupil, adult: Adult) -> bool:
        """Whether it would write about an adult of the importer's own child."""
        known = self.guardians.get(adult.phone)
        asked = (line.number, adult.phone) in self.asked
        if known is not None and asked and self.own.intersection(self.children[known.pk]):
            return True
        if pupil.pk not in self.own:
            return False
        tie = self.ties.get((known.pk, pupil.pk)) if known is not None else None
        return tie is None or adult.relation not in (None, tie.relation)

    def _is_denied(self, line: Line, pupil: Pupil, adult: Adult) -> bool:
        """S24: by name or by number, for this child; and for every child of an adult who would be called so."""
        for known in self.denied.get(pupil.pk, ()):
            if known.is_meant_by(name=adult.name, phone=adult.phone):
                said = denials.DeniedBefore(**denials.said_of(known, name=adult.name))
                self._leave_out(line, Why.DENIED, adult, detail=str(said))
                return True
        guardian = self.guardians.get(adult.phone)
        asked = guardian is not None and (line.number, adult.phone) in self.asked
        if guardian is None or not asked or adult_cells.is_unnamed(adult.name):
            return False
        others = [
            known
            for child in self.children[guardian.pk]
            for known in self.denied.get(child, ())
            if known.tie.guardian_id != guardian.pk and known.is_meant_by(name=adult.name, phone="")
        ]
        if others:
            self._leave_out(line, Why.DENIED, adult)
        return bool(others)

    def _new_adult(self, line: Line, pupil: Pupil, adult: Adult) -> None:
        """A second number for a name that the child has is one digit away from handing the child to a stranger."""
        if (pupil.pk, naming.likened(adult.name)) in self.names:
            self._leave_out(line, Why.SAME_NAME, adult)
            return
        guardian = Guardian(name=adult.name, phone=adult.phone)
        self.guardians[adult.phone] = guardian
        self.plan.new_guardians.append(guardian)
        self._tie(line, guardian, pupil, adult)

    def _rename(self, guardian: Guardian, adult: Adult) -> None:
        """Once, however many rows say so; a sheet without names renames nobody."""
        if not adult_cells.is_unnamed(adult.name) and guardian.name == self.called[guardian.pk]:
            self.plan.renamed.append(Rename(guardian, guardian.name))
            guardian.name = adult.name

    def _tie(self, line: Line, guardian: Guardian, pupil: Pupil, adult: Adult) -> None:
        """Rights come with a new adult only; those of a tie that is there are changed by people, never by a file."""
        tie = self.ties.get((guardian.pk, pupil.pk))
        is_known = guardian.pk in self.called
        if is_known:
            self.plan.seen_adults[guardian.pk] = self.called[guardian.pk]
        if tie is None:
            relation = adult.relation or Relation.OTHER
            has_rights = not is_known and pupil.pk not in self.unsigned
            tie = Tie(
                guardian=guardian,
                pupil=pupil,
                relation=relation,
                may_sign=has_rights,
                may_collect=has_rights,
            )
            self.ties[guardian.pk, pupil.pk] = tie
            self.plan.new_ties.append(tie)
            if not has_rights:
                self._leave_out(line, Why.NO_RIGHTS, adult)
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
