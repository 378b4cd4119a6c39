"""What a guardian has filled in so far, kept in the session: Back shows it again, nothing is in the address."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any, Final, Self

from django.contrib.sessions.backends.base import SessionBase

KEY: Final = "enrolment.draft"
SENT: Final = "enrolment.sent"
MOST_SENT: Final = 5


@dataclass(frozen=True)
class Draft:
    """Empty where nothing was said yet."""

    plan: str = ""
    pupil: str = ""
    activities: tuple[str, ...] = ()
    placing: str = ""
    goes_home_alone: bool | None = None
    read_sha256: str = ""
    signature_mode: str = ""
    signature: str = ""

    @classmethod
    def of(cls, session: SessionBase) -> Self:
        """What the session holds."""
        kept: Mapping[str, Any] = session.get(KEY, {})
        return cls(**{**kept, "activities": tuple(kept.get("activities", ()))}) if kept else cls()

    def keep(self, session: SessionBase) -> None:
        session[KEY] = asdict(self)

    @property
    def token(self) -> str:
        """Changes with every answer: what was checked is what is sent."""
        return sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    def for_child(self, plan: str, pupil: str) -> "Draft":
        """Another child begins anew; the same one keeps the answers."""
        return self if (self.plan, self.pupil) == (plan, pupil) else Draft(plan=plan, pupil=pupil)

    def choosing(self, activities: tuple[str, ...]) -> "Draft":
        """Another choice has to be read and signed again."""
        return self if self.activities == activities else replace(self._unsigned(), activities=activities)

    @property
    def has_several(self) -> bool:
        """With one activity there is nothing to say about places."""
        return len(self.activities) > 1

    def placed(self, placing: str) -> "Draft":
        return self if self.placing == placing else replace(self._unsigned(), placing=placing)

    def going_home(self, *, alone: bool) -> "Draft":
        return self if self.goes_home_alone is alone else replace(self._unsigned(), goes_home_alone=alone)

    def having_read(self, sha256_read: str) -> "Draft":
        return self if self.read_sha256 == sha256_read else replace(self._unsigned(), read_sha256=sha256_read)

    def signed(self, mode: str, signature: str) -> "Draft":
        return replace(self, signature_mode=mode, signature=signature)

    def _unsigned(self) -> "Draft":
        return replace(self, read_sha256="", signature_mode="", signature="")


def clear(session: SessionBase, *, token: str, application: str) -> None:
    """Sent: the same page sent again leads to the same application."""
    sent = {**session.get(SENT, {}), token: application}
    session[SENT] = dict(list(sent.items())[-MOST_SENT:])
    session.pop(KEY, None)


def sent_as(session: SessionBase, token: str) -> str:
    """The application that came of a page, or nothing."""
    return str(session.get(SENT, {}).get(token, ""))
