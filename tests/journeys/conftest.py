"""A demo city behind a real web server, and Debian's Chromium in front of it.

The server runs in a thread on this worker's database; nothing is flushed afterwards. A violation of the
Content-Security-Policy or an error in a script fails the test in which it happens.
"""

import os
import threading
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.test import override_settings

from afterbell.pages.words import __main__ as words
from afterbell.pages.words import catalogue
from tests.journeys.browser import CHROMIUM, MISSING, browser, playwright

__all__ = ["browser", "playwright"]  # fixtures

AXE = settings.NODE_MODULES / "axe-core" / "axe.min.js"
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (e) => {
  violations.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`);
});
"""

# Playwright keeps an event loop in this thread; Django would refuse the database to every later test of this worker.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/journeys/" in item.nodeid:
            item.add_marker("browser")
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason=MISSING))


class QuietRequest(WSGIRequestHandler):
    """No line for every request."""

    def log_message(self, *args):
        pass


@contextmanager
def a_web_server():
    """A real web server in a thread, on the database at hand; gives its port."""
    catalogue.put(words.PO.with_suffix(".mo"), catalogue.compiled(words.known()))
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietRequest)
    server.daemon_threads = True
    server.set_app(StaticFilesHandler(get_wsgi_application()))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="session")
def web_server():
    """For journeys that bring a database of their own: `with web_server() as port`."""
    return a_web_server


@pytest.fixture(scope="module")
def demo_city(django_db_setup, django_db_blocker):
    """The address of the city's host, in the demo."""
    with override_settings(DEMO=True), django_db_blocker.unblock(), a_web_server() as port:
        yield f"http://{settings.CITY_HOST}:{port}"


@pytest.fixture
def visit(demo_city, browser):
    """Open a page: visit("/styleguide/", width=360, dark=True, js=False, language="en")."""
    contexts = []

    def go(path, *, width=1280, dark=False, js=True, language=""):
        context = browser.new_context(
            base_url=demo_city,
            viewport={"width": width, "height": 800},
            color_scheme="dark" if dark else "light",
            java_script_enabled=js,
        )
        contexts.append(context)
        if language:
            context.add_cookies(
                [{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": demo_city}]
            )
        context.add_init_script(WATCH)
        page = context.new_page()
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("console", lambda said: said.type == "error" and page.problems.append(said.text))
        page.goto(path)
        return page

    yield go
    problems = [problem for context in contexts for page in context.pages for problem in page.problems]
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture
def complaints():
    """What axe-core finds wrong with a page, one line each. It is put in by the debugger, past the page's policy."""

    def find(page):
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{each['id']}: {node['html'][:160]}" for each in found["violations"] for node in each["nodes"]
        ]

    return find
