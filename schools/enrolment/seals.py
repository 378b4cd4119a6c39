"""What of the enrolment is sealed (afterbell.kernel.seals)."""

from afterbell.kernel.seals import Sealed

SEALED = (
    Sealed("enrolment.application"),
    Sealed("enrolment.supplement"),
    Sealed("enrolment.chosenactivity"),
    Sealed("enrolment.review"),
    Sealed("enrolment.agreement"),
)
UNSEALED: dict[str, str] = {}
