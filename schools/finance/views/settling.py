"""Pages: the settlement from the preview to the batch, and each family's part."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.dates import local_date
from afterbell.kernel.money import Fen, format_fen
from afterbell.pages.tables import shown
from schools.committee import queries as committees
from schools.committee.models import Subject
from schools.committee.states import ResolutionState
from schools.finance import actions, carrying, ending, gathering, holding, proofs, queries, reached, rules
from schools.finance.actions.settlement import NoResolution
from schools.finance.models import Settlement
from schools.finance.states import SettlementState
from schools.finance.tables.base import reach_word
from schools.finance.tables.returning import ShareTable
from schools.finance.views.frame import (
    BooksRequest,
    framed,
    held_by_others,
    may_move_money,
    may_see_names,
    refund_counts,
    term_of,
)
from schools.people.doors import or_404
from tenants.models import Term

OPEN: Final = (SettlementState.PREVIEW, SettlementState.RESOLVED)


@require_GET
@requires(Permission.BOOKS_READ)
def settlement(request: BooksRequest) -> HttpResponse:
    """Preview, vote, batch, progress; each family's part."""
    term = term_of(request)
    rounds = queries.rounds_of(term.code)
    asked = next((each for each in rounds[1:] if str(each.round) == request.GET.get("round")), None)
    found = asked or next(iter(rounds), None)
    parts = _settlement_parts(request, found) if found is not None else {}
    is_open = found is not None and found.state != SettlementState.BATCHED
    stands = is_open and not parts["is_stale"] and not parts["is_rejected"]
    context = framed(
        term,
        "settlement",
        settlement=found,
        held_by=_held_by(request, found, parts),
        rounds=[each for each in rounds if found is None or each.pk != found.pk],
        is_asked=asked is not None,
        service_ends=queries.service_ends(term.code),
        **parts,
        **({} if stands or asked else _before_preview(request, term, found)),
    )
    return render(request, "finance/settlement.html", context)


def _held_by(request: BooksRequest, found: Settlement | None, parts: dict[str, object]) -> str:
    """Said where a passed settlement waits for the other side."""
    if found is None or found.state != SettlementState.RESOLVED:
        return ""
    may = bool(parts["may_batch"]) or found.previewed_by_id == request.user.pk
    return held_by_others(request, Permission.SETTLEMENT_APPROVE, found.term_code, may=may)


def _before_preview(request: BooksRequest, term: Term, found: Settlement | None) -> dict[str, object]:
    """What has to be done first, each with the way to it for who may go it; then the preview."""
    now, me = timezone.now(), request.user
    waits = ending.waits_for(term, local_date(now))
    is_settled = found is not None and found.state == SettlementState.BATCHED
    late = gathering.unshared(term.code) if is_settled else Fen(0)
    may_preview = me.has(Permission.SETTLEMENT_PREPARE) and not waits and (not is_settled or late != 0)
    pay = ending.pay(term.code) if may_preview else None
    return {
        "waits": _ways(request, waits, term),
        "late": late,
        "pay": ending.pay_sentence(pay) if pay and pay.missing else "",
        "may_preview": may_preview,
        "final": ending.said_before(term, local_date(now)) if may_preview and not is_settled else [],
        "may_end": me.has(Permission.SETTLEMENT_APPROVE) and queries.running_plan(term.code, now) is not None,
    }


def _ways(request: BooksRequest, waits: Iterable[ending.Waits], term: Term) -> list[tuple[str, str]]:
    """In words, each with its page for who may open it."""
    me = request.user
    return [(wait.sentence, _way(wait, term) if me.has(wait.right) else "") for wait in waits]


def _way(wait: ending.Waits, term: Term) -> str:
    """To the page, with just what waits on it."""
    return f"{reverse(wait.page)}?{wait.query or urlencode({'term': term.code})}"


@require_GET
@requires(Permission.BOOKS_READ)
def share(request: BooksRequest, share_id: UUID) -> HttpResponse:
    """One family's part, step by step."""
    found = or_404(queries.share, share_id)
    words = proofs.Words.read(found.settlement)
    context = framed(
        rules.term(found.settlement.term_code),
        "settlement",
        share=found,
        lines=words.lines(found),
        with_names=may_see_names(request),
    )
    return render(request, "finance/share.html", context)


@require_POST
@requires(Permission.SETTLEMENT_PREPARE)
def preview(request: BooksRequest) -> HttpResponse:
    """From the books as they stand; an earlier preview is void."""
    term = term_of(request)
    made = actions.preview_settlement(
        term_code=term.code, pay_note=request.POST.get("pay_note", ""), by=request.user, now=timezone.now()
    )
    messages.success(request, _("已生成预览，结余 %(sum)s。") % {"sum": format_fen(Fen(made.pool_fen))})
    return redirect(f"{reverse('finance:settlement')}?term={term.code}")


@require_POST
@requires(Permission.MEETINGS_HOLD)
def propose(request: BooksRequest, settlement_id: UUID) -> HttpResponse:
    """To the committee."""
    found = or_404(queries.settlement, settlement_id)
    asked = actions.propose_settlement(settlement=found, by=request.user, now=timezone.now())
    messages.success(request, _("已提交家长委员会表决。"))
    return redirect("committee:resolution", asked.pk)


@requires(Permission.SETTLEMENT_APPROVE)
@require_http_methods(["GET", "POST"])
def batch(request: BooksRequest, settlement_id: UUID) -> HttpResponse:
    """Makes the refunds; asks first."""
    found = or_404(queries.settlement, settlement_id)
    back = f"{reverse('finance:settlement')}?term={found.term_code}"
    holding.refuse_payer(found.term_code, request.user, timezone.now())
    if request.method == "POST":
        made = actions.batch_settlement(settlement=found, by=request.user, now=timezone.now())
        messages.success(request, _("已生成 %(n)s 笔退费，请发放。") % {"n": len(made)})
        return redirect(back)
    if found.state != SettlementState.RESOLVED:
        messages.error(request, NoResolution.message)
        return redirect(back)
    own = proofs.owed(found)
    missing = proofs.missing_sentence(own) if own.missing else ""
    return render(request, "finance/batch.html", {"settlement": found, "back": back, "missing": missing})


def _settlement_parts(request: BooksRequest, found: Settlement) -> dict[str, object]:
    is_stale = carrying.has_moved(found)
    questions = ending.questions(rules.term(found.term_code)) if found.state in OPEN and not is_stale else []
    own = proofs.owed(found)
    is_preview = found.state == SettlementState.PREVIEW
    last = committees.latest_resolution(Subject.SETTLEMENT, found.pk) if is_preview else None
    vote = last if last is not None and last.state == ResolutionState.OPEN else None
    counts = {} if is_preview else refund_counts(found.term_code)
    done = counts.get("confirmed", {"n": 0})["n"]
    total = sum(each["n"] for each in counts.values())
    return {
        "table": shown(ShareTable(queries.shares(found), with_names=may_see_names(request)), request),
        "is_stale": is_stale,
        "why_void": carrying.no_longer_carries(object_id=found.pk),
        "questions": _ways(request, questions, rules.term(found.term_code)),
        "gap": -found.pool_fen if found.pool_fen < 0 else 0,
        "missing": proofs.missing_sentence(own) if own.missing else "",
        "again": proofs.rounds_sentence(found),
        "vote": vote,
        "is_rejected": last is not None and last.state == ResolutionState.REJECTED,
        "may_propose": is_preview
        and not is_stale
        and vote is None
        and request.user.has(Permission.MEETINGS_HOLD),
        "may_batch": found.state == SettlementState.RESOLVED
        and not is_stale
        and not questions
        and found.previewed_by_id != request.user.pk
        and may_move_money(request, Permission.SETTLEMENT_APPROVE, found.term_code),
        "counts": counts,
        "read": reach_word(reached.of_settlement(found)) if found.state == SettlementState.BATCHED else "",
        "done": done,
        "of": total,
    }
