"""What a settlement rests on: the end of the ledger, open refunds, exits, waivers, charges, lessons."""

from hashlib import sha256

from django.db import connection
from django.utils.translation import gettext as _

from afterbell.kernel.dates import local_date
from schools.finance.models import Settlement, Transfer

BASIS = """
SELECT 'books', position, '' FROM finance_books
UNION ALL
SELECT 'refunds', count(*), md5(coalesce(string_agg(
    concat_ws(' ', id, state IN ('draft', 'failed'), amount_fen), ',' ORDER BY id), ''))
FROM finance_refund WHERE term_code = %(term)s
UNION ALL
SELECT 'charges', count(*), md5(coalesce(string_agg(
    concat_ws(' ', id, units, gross_fen, waived_fen, credited_fen, cap_fen, hours_at, again_fen, again_units,
    first_date, last_date, taken_back_at IS NULL),
    ',' ORDER BY id), ''))
FROM finance_charge WHERE term_code = %(term)s
UNION ALL
SELECT 'waivers', count(*), md5(coalesce(string_agg(waiver.id::text, ',' ORDER BY waiver.id), ''))
FROM finance_waiver AS waiver JOIN finance_charge AS charge ON charge.id = waiver.charge_id
WHERE charge.term_code = %(term)s AND waiver.state = 'granted'
UNION ALL
SELECT 'expenditure', count(*), md5(coalesce(string_agg(concat_ws(' ', id, amount_fen), ',' ORDER BY id), ''))
FROM finance_expenditure WHERE term_code = %(term)s AND state = 'approved'
UNION ALL
SELECT 'agreements', count(*), md5(coalesce(string_agg(
    concat_ws(' ', agreement.id, agreement.state, agreement.from_date, agreement.until_date),
    ',' ORDER BY agreement.id), ''))
FROM enrolment_agreement AS agreement JOIN planning_plan AS plan ON plan.id = agreement.plan_id
WHERE plan.term_code = %(term)s
UNION ALL
SELECT 'lessons', count(*), md5(coalesce(string_agg(
    concat_ws(' ', session.id, session.state, session.planned_units), ',' ORDER BY session.id), ''))
FROM care_session AS session JOIN planning_activity AS activity ON activity.id = session.activity_id
JOIN planning_plan AS plan ON plan.id = activity.plan_id
WHERE plan.term_code = %(term)s
"""
"""Rows of the deeds that change what a family gets; what posts changes the ledger's position.

What is only asked for changes nothing yet: it is decided before the batch (ending.questions), and a refused one has changed
nothing. That the bank confirmed a refund changes nothing either.
"""


def digest(term_code: str) -> str:
    """SHA-256 over counts and rows of each kind. Under the lock of the books nothing of it can be half done. One query."""
    with connection.cursor() as cursor:
        cursor.execute(BASIS, {"term": term_code})
        rows = cursor.fetchall()
    return sha256("".join(f"{kind} {n} {rows}\n" for kind, n, rows in rows).encode()).hexdigest()


def why_moved(settlement: Settlement) -> str:
    """What came after the preview: rows of the books with their last day, or else something that is in none of them."""
    rows = Transfer.objects.filter(position__gt=settlement.ledger_position)
    last = rows.order_by("-position").values_list("posted_at", flat=True).first()
    if last is None:
        return _("预览之后退费、减免、收费、协议或课次有变动")
    return _("预览之后账上又记了 %(n)s 笔，最后一笔在 %(date)s") % {
        "n": rows.count(),
        "date": local_date(last),
    }
