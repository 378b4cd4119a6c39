"""Somebody at a screen in the journey of a term: what all roles have in common."""

import os
import re
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page
from playwright.sync_api import TimeoutError as TooSlow
from playwright.sync_api import expect as expect_that

from tests.journeys.term_stage import CODE, PASSWORD

PHONE, DESK = 360, 1280
SHOTS = os.environ.get("AFTERBELL_SHOTS", "")
FITS = """
addEventListener("load", () => {
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth) console.error(`${location.pathname} is ${wide} px wide on ${innerWidth}`);
});
"""
TITLE = "放学后作业辅导"
SCHOOL_HOST = f"s{CODE}"
CITY_HOST = "city"


class Person:
    """Somebody at a screen. Presses what stands on the page by its words; a broken page fails the journey."""

    width = DESK

    def __init__(self, browser: Browser, port: int, host: str) -> None:
        self.base = f"http://{host}.localhost:{port}"
        viewport = {"width": self.width, "height": 780}
        self.context = browser.new_context(
            base_url=self.base, viewport=viewport, has_touch=self.on_phone, reduced_motion="reduce"
        )
        self.context.set_default_timeout(5000)
        self.context.add_init_script(FITS)
        self.page: Page = self.context.new_page()
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda said: said.type == "error" and self.problems.append(said.text))

    @property
    def on_phone(self) -> bool:
        return self.width == PHONE

    @property
    def main(self) -> Locator:
        return self.page.locator("#main")

    def opens(self, path: str) -> None:
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status < 400, f"{path} answers {answer.status}"

    def follows(self, words: str) -> None:
        """A link or a button of the text, not of the navigation; another page comes."""
        before = self.page.url
        try:
            with self.page.expect_navigation(wait_until="domcontentloaded"):
                self.taps(words)
        except TooSlow as error:
            raise AssertionError(f"“{words}” on {before}: {self.main.inner_text()}") from error

    def taps(self, words: str) -> None:
        """The page stays."""
        self.main.get_by_role("link", name=words).or_(
            self.main.get_by_role("button", name=words)
        ).first.click()

    def fills(self, **fields: object) -> None:
        """By the names of the form's fields; labels are checked by axe."""
        for name, value in fields.items():
            box = self.main.locator(f'[name="{name}"]')
            kind = box.first.get_attribute("type") or ""
            if kind in {"radio", "checkbox"}:
                self.main.locator(f'[name="{name}"][value="{value}"]').check()
            elif box.first.evaluate("box => box.tagName") == "SELECT":
                box.select_option(str(value))
            else:
                box.fill(str(value))

    def sees(self, words: str | re.Pattern[str]) -> None:
        expect_that(self.main).to_contain_text(words)

    def shoots(self, name: str) -> None:
        """A picture, when somebody wants to look (AFTERBELL_SHOTS=folder)."""
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)

    def logs_in(self, login: str) -> None:
        self.opens("/accounts/login/")
        self.fills(login=login, password=PASSWORD)
        self.follows("登录")
        assert "/login/" not in self.page.url, self.main.inner_text()

    def sets_password(self, link: str, *, login: str) -> None:
        """By the one-time link from the office; then the first login."""
        self.opens(link)
        self.fills(password1=PASSWORD, password2=PASSWORD)
        self.follows("保存新密码")
        self.logs_in(login)

    def leaves(self) -> None:
        self.shoots(f"last-{type(self).__name__}")
        self.context.close()


class Office(Person):
    """Anybody who may reset passwords."""

    def resets_password_of(self, name: str) -> str:
        """Gives the link that went to the person's own phone: the demo's mailbox stands in for it."""
        self.opens(f"/accounts/users/?search={name}")
        self.follows(name)
        self.follows("重设密码")
        self.follows("重设密码")
        expect_that(self.main).to_contain_text("链接已发到本人的手机")
        self.opens("/accounts/outbox/")
        return self.main.locator("code").first.inner_text()
