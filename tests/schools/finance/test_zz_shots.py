import os, re
from pathlib import Path
import pytest
from django.utils import timezone
from schools.finance import actions, queries
from schools.finance.models import Settlement, Expenditure, Refund
from tests import makers
from tests.schools.finance.test_pages import *
from tests.schools.finance.test_pages import Stage, school, no_second_factor, first_day
OUT=Path("/tmp/ab-finance-shots"); OUT.mkdir(exist_ok=True)
def dump(client, path, name):
    a=client.get(path); assert a.status_code==200,(path,a.status_code)
    t=a.content.decode()
    t=t.replace("/static/vendor/tabler.css","file:///work/main/node_modules/@tabler/core/dist/css/tabler.min.css").replace("/static/pages/","file:///work/main/platform/afterbell/pages/static/pages/")
    (OUT/f"{name}.html").write_text(t)
def test_shots(school):
    on=Stage(school,30)
    asked=on.asks()
    with in_school(school):
        actions.approve_expenditure(expenditure=asked, by=on.them.chair, now=timezone.now())
        actions.close_month(term_code=makers.TERM, month=f"{first_day():%Y-%m}", by=on.them.treasurer, now=timezone.now())
        extra=actions.request_expenditure(term_code=makers.TERM, kind="materials", title="美工彩纸", amount=actions.payments.Fen(1230), spent_date=TODAY, by=on.them.treasurer, now=timezone.now())
        made=actions.preview_settlement(term_code=makers.TERM, by=on.them.treasurer, now=timezone.now())
        makers.a_passed_resolution("settlement", object_id=made.pk)
        actions.batch_settlement(settlement=made, by=on.them.principal, now=timezone.now())
        share=queries.shares(made).first(); refund=Refund.objects.first()
    p=on.as_(on.them.principal); c=on.as_(on.them.treasurer); fam=on.as_(on.parent_of(on.families[0]))
    m=f"{first_day():%Y-%m}"
    for path,name,cl in [("/finance/","overview",p),("/finance/rows/","rows",p),("/finance/charges/","charges",on.as_(on.them.clerk)),("/finance/payments/","payments",c),("/finance/expenditure/","expenditure",c),(f"/finance/expenditure/{extra.pk}/","expenditure1",p),("/finance/months/","months",c),("/finance/refunds/","refunds",p),(f"/finance/refunds/{refund.pk}/","refund",p),("/finance/settlement/","settlement",p),(f"/finance/settlement/shares/{share.pk}/","share",p),("/family/bills/","bills",fam),("/open/accounts/","open",browser(on.host)),(f"/open/statements/{m}/","statement",browser(on.host))]:
        dump(cl,path,name)
