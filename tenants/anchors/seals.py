"""What of the anchors is sealed (afterbell.kernel.seals): ends and flaws, which the entry of each pass binds."""

from afterbell.kernel.seals import Sealed

SEALED = (Sealed("anchors.chainanchor"), Sealed("anchors.chainflaw"))
UNSEALED = {
    "anchors.chainstate": "computed from the chains by each pass and verification, and again by verify",
    "anchors.verification": "how far a verification is; the entries of its begin and end say who and what came out",
}
