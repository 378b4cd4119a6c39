"""What of the accounts is sealed, and what is not, and why (afterbell.kernel.seals)."""

from afterbell.kernel.seals import Sealed

SEALED = (
    Sealed(
        "accounts.user", loose={"password": "hashed anew at a login", "last_login": "moves at each login"}
    ),
    Sealed("accounts.assignment"),
    Sealed("accounts.numberclaim"),
)
UNSEALED: dict[str, str] = {}
