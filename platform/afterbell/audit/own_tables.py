"""Why the audit log's own tables have no seals (afterbell.kernel.seals)."""

from afterbell.kernel.seals import Sealed

SEALED: tuple[Sealed, ...] = ()
UNSEALED = {
    "audit.entry": "it is the chain",
    "audit.seal": "the chain binds it",
    "audit.head": "the end of the chain, which is checked against it",
}
