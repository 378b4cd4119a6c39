"""What an import would write: rows that have not been saved, what is asked, who is left out."""

from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from schools.people.models import Guardian, Pupil, SchoolClass, Tie
from schools.people.rights import Rights
from schools.people.roster.answers import Answer, Question
from schools.people.roster.checking import Roster
from schools.people.roster.leftovers import LeftOut, Why
from schools.people.roster.lines import Flaw, Line


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
    lines: list[Line] = field(default_factory=list)
    """The pupils of rows without a flaw: what the plan is about."""
    turned_back: list[LeftOut] = field(default_factory=list)
    """Rows with flaws: an import without them gives them back."""
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
        return len(self.lines) - len(self.created) - len(self.changed_pupils) - not_read

    @property
    def open_questions(self) -> list[Question]:
        return [question for question in self.questions if question.key not in self.answers]

    @property
    def is_right(self) -> bool:
        return not self.flaws

    @property
    def is_in_part(self) -> bool:
        """Whether there are good rows beside those with flaws."""
        return bool(self.flaws and self.lines)

    @property
    def contacts(self) -> list[Tie]:
        """Adults without a number who would be kept with a child, without any right."""
        return [tie for tie in self.new_ties if not tie.guardian.phone]

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
            *(f"flaw {flaw.spot} {flaw.reason}" for flaw in self.flaws),
            *(f"adult {g.phone} {g.name}" for g in self.new_guardians),
            *(f"name {r.guardian.phone} {r.before} {r.guardian.name}" for r in self.renamed),
            *(
                f"tie {t.guardian.phone or t.guardian.name} {t.pupil.number} {t.relation}"
                for t in [*self.new_ties, *self.related]
            ),
            *(f"question {q.key} {self.answers.get(q.key, '')}" for q in self.questions),
            *(f"left out {out.kept}" for out in self.left_out),
        ]
        return sha256("\n".join(sorted(parts)).encode()).hexdigest()
