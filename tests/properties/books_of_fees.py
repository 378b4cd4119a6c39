"""Deeds of fees: runs previewed, confirmed and taken back; waivers asked for, granted, refused and withdrawn."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, precondition, rule

from afterbell.accounts.models import User
from afterbell.kernel.errors import Refused
from afterbell.kernel.money import Fen
from schools.finance import actions, offering, runs
from schools.finance.models import Waiver
from schools.planning.models import Plan
from tests.properties.books_deeds import FAULTS, NUMBERS, WHO, Deeds, is_in
from tests.properties.books_facts import as_read
from tests.properties.books_stage import PERIODS

PERIOD = st.sampled_from(PERIODS)


def stands(row: Any) -> bool:
    return row.taken_back_at is None


class FeeDeeds(Deeds):
    """A preview and the yes to it are two deeds: others act in between."""

    drafts = Bundle("drafts")
    lists = Bundle("lists")

    @rule(target=drafts, period=PERIOD)
    def preview_run(self, period: str) -> tuple[str, str]:
        try:
            return period, runs.draft(Plan.objects.get(pk=self.stage.plan.pk), period).digest
        except Refused:
            return period, ""

    @rule(draft=drafts, who=WHO, fault=FAULTS)
    def confirm_run(self, draft: tuple[str, str], who: int, fault: int = 0) -> None:
        period, shown = draft
        self.charge(period, who, fault, shown)

    @precondition(lambda self: sum(map(stands, self.life.hand.rows("run"))) < len(PERIODS) + 2)
    @rule(period=PERIOD, fault=FAULTS)
    def charge(self, period: str, who: int = 0, fault: int = 0, shown: str | None = None) -> None:
        by = self.person(who, "clerk")
        plan = Plan.objects.get(pk=self.stage.plan.pk)

        def charge() -> Any:
            return actions.charge_period(plan=plan, period=period, by=by, now=self.now, shown=shown)

        self.do(charge, fault=fault, told=lambda run: self.oracle.charged(run))

    @precondition(lambda self: self.has("run", stands))
    @rule(number=NUMBERS, fault=FAULTS)
    def take_back(self, number: int, fault: int = 0) -> None:
        row = self.pick("run", number, stands)
        by = self.person(0, "principal")

        def take_back() -> None:
            actions.take_back(run=as_read(row), reason="月份选错了", by=by, now=self.now)

        self.do(take_back, fault=fault, told=lambda _done: self.oracle.taken_back(row))

    @precondition(
        lambda self: self.stage.profile["waivers"] and self.has("charge", stands) and not self.oracle.batches
    )
    @rule(
        number=NUMBERS,
        fen=st.integers(1, 30000),
        listed=st.sampled_from((True, True, True, True, False)),
        at_once=st.booleans(),
        who=WHO,
        fault=FAULTS,
    )
    def ask_waiver(
        self, number: int, fen: int, listed: bool = True, at_once: bool = True, who: int = 0, fault: int = 0
    ) -> None:
        """Granted at once, or left to wait."""
        row = self.pick("charge", number, stands)
        by = self.person(who, "clerk")
        reason = self.stage.profile["waivers"][0]
        amount = Fen(min(fen, row.gross_fen or 1)) if reason["reduction_percent"] is None else None

        def ask_waiver() -> Waiver:
            return actions.request_waiver(
                charge=as_read(row),
                reason=reason["code"] if listed else "rich",
                proof="低保证 33-1",
                amount=amount,
                by=by,
                now=self.now,
            )

        asked = self.do(ask_waiver, fault=fault)
        if asked is not None and at_once:
            self._grant(asked, self.person(0, "principal"), fault)

    @precondition(lambda self: self.has("waiver", is_in("requested")))
    @rule(number=NUMBERS, who=WHO, fault=FAULTS)
    def grant_waiver(self, number: int, who: int = 0, fault: int = 0) -> None:
        self._grant(self.pick("waiver", number, is_in("requested")), self.person(who, "principal"), fault)

    def _grant(self, row: Waiver, by: User, fault: int) -> None:
        def grant_waiver() -> Waiver:
            return actions.grant_waiver(waiver=as_read(row), by=by, now=self.now)

        self.do(grant_waiver, fault=fault, told=lambda found: self.oracle.granted([found]))

    @precondition(lambda self: self.has("waiver", is_in("requested")))
    @rule(target=lists)
    def open_waivers(self) -> tuple[list[Any], str]:
        """The page of all that wait, with its sums."""
        rows = Waiver.objects.filter(state="requested").select_related("charge__agreement").order_by("pk")
        found = offering.offers(list(rows), self.person(0, "principal"))
        return [offer.waiver.pk for offer in found], offering.digest(found)

    @rule(shown=lists, fault=FAULTS)
    def grant_waivers(self, shown: tuple[list[Any], str], fault: int = 0) -> None:
        pks, digest = shown
        by = self.person(0, "principal")

        def grant_waivers() -> list[Waiver]:
            return actions.grant_waivers(waivers=pks, shown=digest, by=by, now=self.now)

        self.do(grant_waivers, fault=fault, told=lambda found: self.oracle.granted(found))

    @precondition(lambda self: self.has("waiver", is_in("requested")))
    @rule(number=NUMBERS, who=WHO)
    def refuse_waiver(self, number: int, who: int) -> None:
        row = self.pick("waiver", number, is_in("requested"))
        by = self.person(who, "principal")

        def refuse_waiver() -> Waiver:
            return actions.refuse_waiver(waiver=as_read(row), reason="证明过期", by=by, now=self.now)

        self.do(refuse_waiver)

    @precondition(lambda self: self.has("waiver", is_in("granted")))
    @rule(number=NUMBERS, who=WHO, fault=FAULTS)
    def withdraw_waiver(self, number: int, who: int = 0, fault: int = 0) -> None:
        row = self.pick("waiver", number, is_in("granted"))
        by = self.person(who, "deputy")

        def withdraw_waiver() -> Waiver:
            return actions.withdraw_waiver(waiver=as_read(row), reason="办错了", by=by, now=self.now)

        self.do(withdraw_waiver, fault=fault, told=lambda found: self.oracle.withdrawn(found))
