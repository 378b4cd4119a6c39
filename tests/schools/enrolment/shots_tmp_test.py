"""Temporary: looks at the pages."""

import threading

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connection
import os
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]="true"
from playwright.sync_api import sync_playwright

from schools.enrolment.models import Application
from tenants.context import in_school
from tests import makers
from tests.schools.enrolment import stage
from tests.schools.enrolment.test_places import real_commits  # noqa
from django.db import transaction


class Quiet(WSGIRequestHandler):
    def log_message(self, *args): pass


def test_shots(real_commits, settings):
    settings.SECOND_FACTOR = "optional"
    settings.DEMO = True
    north = real_commits
    with in_school(north), transaction.atomic():
        plan = stage.a_running_plan()
        a = makers.an_activity(plan, capacity=2)
        makers.an_activity(plan, title="足球", kind="sport", weekday=2)
        makers.an_activity(plan, title="合唱团", kind="art", weekday=3, capacity=1)
        fam = stage.a_family()
        principal, chair = stage.reviewers()
        others = [stage.a_family(n) for n in ("王小红", "赵一", "钱二")]
        rows = [stage.applied(north, o, a) for o in others]
        for r in rows: stage.approved(r, (principal, chair))
    c = stage.browser(north, fam.user); d = stage.browser(north, principal)
    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet); server.daemon_threads = True
    server.set_app(StaticFilesHandler(get_wsgi_application()))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://{stage.host_of(north)}:{server.server_port}"
    try:
        with sync_playwright() as p:
            b = p.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            ctx = b.new_context(base_url=base, viewport={"width": 360, "height": 740})
            ctx.add_cookies([{"name": "session", "value": c.cookies["session"].value, "url": base}])
            page = ctx.new_page(); bad = []
            page.on("console", lambda m: bad.append(m.text) if m.type == "error" else None)
            page.on("pageerror", lambda e: bad.append(str(e)))
            shot = lambda n: page.screenshot(path=f"/tmp/shots/{n}.png", full_page=True)
            page.goto("/family/apply/"); shot("1child")
            page.click("button:has-text('继续')"); shot("2act")
            page.check("input[value='%s']" % a.pk)
            page.check("text=足球")
            shot("2act_b")
            page.click("button:has-text('继续')"); page.check("text=由登记的接送人来接"); shot("3home")
            page.click("button:has-text('继续')"); shot("4agr")
            page.click("summary:has-text('协议全文')"); shot("4agr_open")
            page.click("button:has-text('我已阅读')"); shot("5sign")
            box = page.locator("svg.signature-pad").bounding_box()
            page.mouse.move(box["x"]+40, box["y"]+60); page.mouse.down()
            for i in range(20): page.mouse.move(box["x"]+40+i*10, box["y"]+60+(i%5)*10)
            page.mouse.up()
            shot("5sign_drawn"); print(page.input_value("input[name=path]"))
            page.click("button:has-text('继续')"); shot("6check")
            page.go_back(); page.wait_for_timeout(200); print("back", page.input_value("input[name=path]")[:40]); page.go_forward()
            page.click("button:has-text('提交申请')"); shot("7done")
            print(page.url, page.evaluate("document.documentElement.scrollWidth"))
            print("BAD", bad)
            ctx2 = b.new_context(base_url=base, viewport={"width": 1280, "height": 800})
            ctx2.add_cookies([{"name": "session", "value": d.cookies["session"].value, "url": base}])
            q = ctx2.new_page()
            q.goto("/desk/applications/"); q.screenshot(path="/tmp/shots/desk.png")
            with in_school(north): pk = Application.objects.latest("submitted_at").pk
            q.goto(f"/desk/applications/{pk}/"); q.screenshot(path="/tmp/shots/desk1.png", full_page=True)
            q.goto("/desk/applications/waiting/"); q.screenshot(path="/tmp/shots/wait.png")
            open("/tmp/shots/form.pdf","wb").write(ctx2.request.get(f"/desk/applications/{pk}/form.pdf").body())
            nojs = b.new_context(base_url=base, viewport={"width": 360, "height": 740}, java_script_enabled=False)
            b.close()
    finally:
        server.shutdown(); server.server_close()
