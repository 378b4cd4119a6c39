"""Temporary: save pages as HTML with static inlined for a look."""
import re, subprocess
from pathlib import Path
import pytest
from django.contrib.staticfiles import finders
from tests.schools.people.books import LI, WANG, book
from tests.schools.people.stage import *
from tests.schools.people import test_pages, test_roster_pages
from tests.schools.people.test_roster_pages import previewed, apply
from tests.schools.people.test_pages import stage
from schools.notices import actions as na
from schools.notices.models import NoticeKind
from tests.city import NOON
from tests import makers
pytestmark = pytest.mark.django_db
OUT=Path('/tmp/ab-people-shots'); OUT.mkdir(exist_ok=True)

def save(name, client, path, width=1200):
    html=client.get(path).content.decode()
    def css(m):
        f=finders.find(m.group(1)); return '<style>'+Path(f).read_text()+'</style>' if f else ''
    html=re.sub(r'<link[^>]*media="print">','',html)
    html=re.sub(r'<link rel="stylesheet" href="/static/([^"]+?)"[^>]*>', css, html)
    html=re.sub(r'<link[^>]*media="print">','',html)
    html=re.sub(r'<script[^>]*></script>','',html)
    f=OUT/f'{name}.html'; f.write_text(html)
    subprocess.run(['chromium','--headless','--no-sandbox','--disable-gpu','--hide-scrollbars',f'--window-size={width},1100',f'--screenshot={OUT}/{name}.png',f'file://{f}'],capture_output=True,timeout=60)

def test_shots(stage, north, settings):
    settings.SECOND_FACTOR='optional'
    from schools.people.models import Tie
    c=stage['clerk']
    with in_school(north):
        d=makers.a_guardian(name='赵六'); makers.a_tie(d, stage['ming'], is_denied=True, denied_reason='法院文书 2026-13')
        na.publish(kind=NoticeKind.LETTER, title='国庆放假安排', body='放假七天。\n请注意安全。', to=[stage['alice']], by=None, now=NOON)
        na.publish(kind=NoticeKind.FEE, title='收费公示', body='每课时3元。', to=[stage['alice']], is_open=True, by=None, now=NOON)
    save('pupils',c,'/desk/pupils/'); save('pupil',c,f"/desk/pupils/{stage['ming'].pk}/"); save('classes',c,'/desk/classes/')
    save('roster',c,'/desk/roster/')
    a,p=previewed(c, book(LI, WANG)); save('preview',c,a)
    a,p=previewed(c, book(LI, ('',*WANG[1:]), ('009','李','x','y','1.38E+10'))); save('errors',c,a)
    save('family',stage['mother'],'/family/',360); save('child',stage['mother'],f"/family/children/{stage['ming'].pk}/",360)
    save('collector',stage['mother'],f"/family/children/{stage['ming'].pk}/collectors/new/",360)
    save('mine',stage['mother'],'/family/notices/',360); save('notices',c,'/desk/notices/')
