"""Lives of a candidate and of a contract."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CandidateState(models.TextChoices):
    """Proposed → approved by the committee's resolution → contracted; or refused. Whoever is dismissed is proposed."""

    PROPOSED = "proposed", _("待审核")
    APPROVED = "approved", _("家委会已同意")
    REFUSED = "refused", _("不予聘用")


class ContractState(models.TextChoices):
    """A dismissal (S19) ends a contract before its date."""

    ACTIVE = "active", _("在聘")
    ENDED = "ended", _("期满")
    DISMISSED = "dismissed", _("已解聘")


CANDIDATE_MOVES: dict[str, frozenset[str]] = {
    CandidateState.PROPOSED: frozenset({CandidateState.APPROVED, CandidateState.REFUSED}),
    CandidateState.APPROVED: frozenset({CandidateState.PROPOSED}),
    CandidateState.REFUSED: frozenset(),
}
CONTRACT_MOVES: dict[str, frozenset[str]] = {
    ContractState.ACTIVE: frozenset({ContractState.ENDED, ContractState.DISMISSED}),
    ContractState.ENDED: frozenset(),
    ContractState.DISMISSED: frozenset(),
}
