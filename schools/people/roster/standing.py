"""The school as it stands before an import, in a few reads whatever the roster's size."""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from afterbell.accounts.models import User
from schools.people import denials, naming, queries
from schools.people.models import Guardian, Pupil, SchoolClass, Tie

ClassKey = tuple[int, int]
"""Entry year and number."""


@dataclass(frozen=True)
class Held:
    """An adult with the tie to a child."""

    guardian: Guardian
    tie: Tie

    @property
    def is_live(self) -> bool:
        return self.tie.ended_at is None and not self.tie.is_denied


class Standing:
    """It grows with what the plan adds: classes, adults, ties."""

    def __init__(self, by: User | None) -> None:
        self.own = frozenset(queries.ties_of(by).values_list("pupil", flat=True) if by else ())
        """Children of whoever imports it: their names and adults are a colleague's to write."""
        self.classes: dict[ClassKey, SchoolClass] = {
            (c.entry_year, c.number): c for c in SchoolClass.objects.all()
        }
        self.pupils: dict[str, Pupil] = {p.number: p for p in Pupil.objects.select_related("school_class")}
        adults = {guardian.pk: guardian for guardian in Guardian.objects.all()}
        self.guardians: dict[str, Guardian] = {g.phone: g for g in adults.values() if g.phone}
        self.called = {g.pk: g.name for g in adults.values()}
        """Known adults by the name that they had before the file."""
        self.ties = {(tie.guardian_id, tie.pupil_id): tie for tie in Tie.objects.all()}
        self.children: dict[UUID, list[UUID]] = defaultdict(list)
        self.by_name: dict[tuple[UUID, str], list[Held]] = defaultdict(list)
        """A child's adults by what they are called, likened."""
        for (adult, pupil), tie in self.ties.items():
            self.children[adult].append(pupil)
            self.by_name[pupil, naming.likened(adults[adult].name)].append(Held(adults[adult], tie))
        self.unsigned = queries.lost_signers(self.ties.values())
        """Children whose signing adults are all gone: who signs next is not a file's to say."""
        self.denied = denials.of()
        self.staff = queries.staff()
        self.is_first = not self.pupils

    def named(self, pupil: Pupil, name: str) -> list[Held]:
        """The adults of the child who are called so, in any state; the live ones first."""
        found = self.by_name.get((pupil.pk, naming.likened(name)), [])
        return sorted(found, key=lambda held: not held.is_live)
