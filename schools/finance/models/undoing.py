"""What a booking says of its being undone."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from schools.finance.states import ReversalReason


class Undoable:
    """A row whose booking can be undone. Both fields are of rows read with undone.marked: the books know, no column."""

    undone_at: datetime | None
    undone_reason: str

    @property
    def undone_why(self) -> str:
        """In words; empty for rows undone before there were reasons."""
        return str(ReversalReason(self.undone_reason).label) if self.undone_reason else ""

    @property
    def undone_word(self) -> str:
        """已冲正, when and why; empty while it stands."""
        if self.undone_at is None:
            return ""
        given = {"day": f"{timezone.localtime(self.undone_at):%Y-%m-%d}", "why": self.undone_why}
        said = _("%(day)s 已冲正：%(why)s") if self.undone_why else _("%(day)s 已冲正")
        return said % given
