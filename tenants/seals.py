"""What of the city's register is sealed, and what is not, and why (afterbell.kernel.seals)."""

from afterbell.kernel.seals import Sealed

SEALED = (
    Sealed("tenants.district"),
    Sealed("tenants.school", loose={"schema_stamp": "moves with each migration"}),
    Sealed("tenants.term"),
    Sealed("tenants.calendaroverride"),
    Sealed("tenants.policyprofile"),
    Sealed("tenants.provider"),
)
UNSEALED = {
    "tenants.host": "made of the school's code",
    "tenants.fleetstep": "statements of migrations; the fingerprint shows what they made",
}
