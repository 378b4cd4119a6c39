"""The people of the journey of a term: what each role does on its own pages, one method a deed, in the order of the term."""

import os
import re
from datetime import date, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page
from playwright.sync_api import TimeoutError as TooSlow
from playwright.sync_api import expect as expect_that

from afterbell.accounts import senders
from tenants.context import in_school
from tenants.models import School
from tests.journeys.term_stage import CODE, PASSWORD, Days
from tests.schools.people.books import book

PHONE, DESK = 360, 1280
SHOTS = os.environ.get("AFTERBELL_SHOTS", "")
FITS = """
addEventListener("load", () => {
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth) console.error(`${location.pathname} is ${wide} px wide on ${innerWidth}`);
});
"""
TITLE = "放学后作业辅导"
ROSTER = book(
    ("00123", "陈小雨", "一年级1班", "陈芳", "13800138001"),
    ("00124", "吴大伟", "一年级1班", "吴国强", "13800138002"),
    ("00125", "周乐乐", "一年级2班", "周敏", "13800138003"),
    ("00126", "林青青", "一年级2班", "林海", "13800138004"),
)


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
        """Gives the link that is handed over."""
        self.opens(f"/accounts/users/?search={name}")
        self.follows(name)
        self.follows("重设密码")
        self.follows("重设密码")
        return self.main.locator("textarea").input_value()


class Clerk(Office):
    """学校办公室."""

    def imports_roster(self) -> None:
        self.opens("/desk/roster/")
        file = {
            "name": "名册.xlsx",
            "mimeType": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "buffer": ROSTER,
        }
        self.main.locator("input[type=file]").set_input_files(file)
        self.follows("上传并预览")
        self.sees("陈小雨")
        self.follows("确认导入")
        self.sees("名册已导入")

    def seats(self, name: str, office: str) -> None:
        self.opens(f"/committee/seats/new/?q={name}")
        self.main.locator('[name="guardian"]').first.check()
        self.fills(where="school", office=office)
        self.follows("登记")
        self.sees(name)

    def asks_parents(self, days: Days) -> None:
        self.opens("/desk/consultations/")
        self.follows("起草意愿征询")
        closes = datetime.combine(days.today + timedelta(days=3), datetime.min.time())
        self.fills(
            term_code=days.term_code,
            title="课后服务意愿征询",
            text="每周一 16:00—17:20 作业辅导，每课时不超过 3 元，自愿参加。",
            closes_at=f"{closes:%Y-%m-%dT%H:%M}",
        )
        self.follows("保存草稿")
        self.follows("发给家长")
        self.follows("发给家长")
        self.sees("已发给每一位可签字的家长")

    def keys_paper_slips(self) -> None:
        """Who did not answer on the phone has sent a slip."""
        self.opens("/desk/consultations/")
        self.follows("课后服务意愿征询")
        for name, wishes in (("一年级1班", ["yes"]), ("一年级2班", ["no", "undecided"])):
            self.follows(name)
            for box, wish in zip(self.main.locator("select").all(), wishes, strict=True):
                box.select_option(wish)
            self.follows("录入")

    def closes_consultation(self) -> None:
        self.opens("/desk/consultations/")
        self.follows("课后服务意愿征询")
        self.follows("结束征询")
        self.follows("结束征询")
        self.sees("征询已结束")

    def registers_room(self) -> None:
        self.opens("/desk/rooms/")
        self.follows("登记场地")
        self.fills(name="教学楼201室", places=40, condition="good")
        self.follows("保存")
        self.sees("教学楼201室")

    def drafts_plan(self, days: Days) -> None:
        """Two class hours a Monday at 3.00 yuan; staff and paper as costs."""
        self.opens("/desk/consultations/")
        self.follows("课后服务意愿征询")
        self.follows("起草方案")
        self.fills(
            name="课后服务方案",
            first_date=days.today,
            last_date=days.last,
            fee_unit="class_hour",
            fee="3.00",
            expected_participants=1,
        )
        self.follows("保存")
        self.follows("添加活动")
        self.fills(
            title=TITLE, kind="homework", weekday=1, starts="16:00", ends="17:20", grade_from=1, grade_to=6
        )
        self.main.locator('[name="room_id"]').select_option(index=0)
        self.fills(capacity=30)
        self.follows("添加")
        for kind, title, amount in (("staff", "服务教师课时费", "10.00"), ("materials", "纸张", "2.00")):
            self.follows("添加成本明细")
            self.fills(kind=kind, title=title, amount=amount)
            self.follows("添加")
        self.sees("¥12.00")

    def puts_plan_to_vote(self) -> None:
        self.opens_plan()
        self.follows("交家委会表决")
        self.follows("交家委会表决")
        self.sees("正在表决")

    def opens_plan(self) -> None:
        self.opens("/desk/plans/")
        self.follows("课后服务方案")

    def publishes_fee(self) -> None:
        self.opens_plan()
        self.sees("教育局已受理")
        self.follows("公示收费")
        self.follows("公示")
        self.sees("已公示")

    def proposes_staff(self, name: str, phone: str) -> None:
        self.opens("/desk/staff/")
        self.follows("登记应聘人")
        self.fills(name=name, phone=phone, origin="professional", skills="小学教育")
        self.follows("登记")
        self.sees("已登记应聘人")

    def makes_sessions(self) -> None:
        self.opens("/desk/sessions/")
        self.follows("按方案和校历生成")
        self.sees("新生成 2 次服务")

    def puts_on_duty(self, name: str) -> None:
        self.opens("/desk/sessions/")
        self.follows(TITLE)
        self.follows("整学期排班")
        self.main.locator('[name="person"]').select_option(label=name)
        self.fills(role="responsible")
        self.follows("确定")
        self.sees("已排班 2 次")

    def charges_term(self, days: Days) -> None:
        self.opens("/finance/charges/")
        self.fills(period=days.term_code)
        self.follows("开具")
        self.sees("已开具 1 户，共 ¥12.00")

    def books_payment(self, agreement: str) -> None:
        self.opens("/finance/payments/")
        self.fills(agreement=agreement, amount="12.00", provider_key="WX-2026-0001")
        self.follows("入账并开收据")
        self.sees("已入账 ¥12.00")


class Principal(Office):
    """组长（校长）."""

    def reviews_and_files_plan(self) -> None:
        self.opens("/desk/plans/")
        self.follows("课后服务方案")
        self.follows("审核并报备")
        self.follows("已审核，报送教育局")
        self.sees("已报备")

    def approves_application(self) -> None:
        self.opens("/desk/applications/")
        self.follows("A20")
        self.fills(decision="yes")
        self.follows("提交审核意见")
        self.sees("已记录")

    def notes_checks_of(self, name: str, today: date) -> None:
        for kind in ("identity", "qualification", "health", "criminal_record"):
            self.opens("/desk/staff/")
            self.follows(name)
            self.follows("登记核查")
            self.fills(kind=kind, passed="yes", checked_date=today, document_number=f"HC-{kind[:2]}-01")
            self.main.locator('[name="consented"]').check()
            self.follows("登记")
            self.sees("核查结果已登记")

    def makes_refunds(self) -> None:
        self.opens("/finance/settlement/")
        self.follows("生成退费")
        self.follows("生成退费")
        self.sees("已生成 1 笔退费")

    def sends_refunds(self) -> None:
        for step in ("全部发放", "全部登记到账"):
            self.opens("/finance/refunds/")
            self.follows(step)
            self.follows(step)
            self.sees("1 笔")


class Supervisor(Person):
    """教育局监管人员, on the city's host."""

    def accepts_filing(self) -> None:
        self.opens("/filings/")
        self.follows("湖滨区第一小学")
        self.sees("¥3.00")
        self.follows("受理")
        self.follows("受理")
        self.sees("已受理，学校会收到答复")


class Parent(Person):
    """With a phone of 360 px, logged in by a code; seats are on the same phone."""

    width = PHONE

    def logs_in_by_code(self, phone: str, school: School) -> None:
        self.opens("/accounts/login/code/")
        self.fills(phone=phone)
        self.follows("获取验证码")
        with in_school(school):
            code = next(sent.code for sent in senders.outbox() if sent.phone == f"+86{phone}")
        self.fills(code=code)
        self.follows("登录")
        assert "/login/" not in self.page.url, self.main.inner_text()

    def votes_yes(self, title: str) -> None:
        self.opens("/committee/")
        self.follows(title)
        self.fills(choice="yes")
        self.follows("提交表决")
        self.sees("已记下您的表决")
        self.shoots("committee-voted")


class Guardian(Parent):
    """监护人."""

    def answers_consultation(self) -> None:
        """By the link in the notice; the first page of the family names it, too."""
        self.opens("/family/")
        self.sees("请答复：课后服务意愿征询")
        self.shoots("family-1-home")
        self.reads_notice("课后服务意愿征询")
        self.shoots("family-1-notice")
        self.follows("去办理")
        self.sees("陈小雨放学后需要在校托管吗")
        self.shoots("family-2-consultation")
        self.follows("需要")
        self.sees("已收到您的答复")
        self.shoots("family-3-answered")

    def reads_notice(self, title: str) -> None:
        self.opens("/family/notices/")
        self.follows(title)
        assert "<" not in self.main.inner_text()

    def reads_fee_notice(self) -> None:
        """S3, S5: what it costs, line by line, and who collects."""
        self.reads_notice("收费公示")
        self.sees("¥3.00")
        self.shoots("family-3-fee-notice")

    def applies(self) -> None:
        self.opens("/family/apply/")
        self.shoots("apply-1-child")
        self.follows("继续")
        self.shoots("apply-2-activities")
        self.main.get_by_role("checkbox").first.check()
        self.follows("继续")
        self.fills(way="adult")
        self.shoots("apply-3-home")
        self.follows("继续")
        self.sees("参加完全自愿")
        self.shoots("apply-4-agreement")
        self.follows("我已阅读，去签名")
        self.draws()
        self.shoots("apply-5-signature")
        self.follows("继续")
        self.sees("教学楼201室")
        self.shoots("apply-6-check")
        self.follows("提交申请")
        self.sees("申请已提交")
        self.shoots("apply-7-sent")

    def draws(self) -> None:
        """Two strokes with the finger."""
        pad = self.main.locator("svg.signature-pad")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        assert box is not None
        for points in (((0.2, 0.3), (0.8, 0.3)), ((0.5, 0.1), (0.4, 0.9), (0.6, 0.6))):
            where = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in points]
            self.page.mouse.move(*where[0])
            self.page.mouse.down()
            for x, y in where[1:]:
                self.page.mouse.move(x, y, steps=5)
            self.page.mouse.up()

    def reads_agreement_number(self) -> str:
        self.opens("/family/applications/")
        self.main.locator('a[href*="/family/applications/"]').first.click()
        self.sees("协议已签订")
        self.shoots("family-4-agreement")
        found = re.search(r"X[0-9A-Z-]+", self.main.inner_text())
        assert found is not None
        return found.group()

    def sees_child_collected(self) -> None:
        self.opens("/family/")
        self.follows("今天的服务")
        self.sees("陈芳")
        self.shoots("family-5-today")

    def sees_bill(self, words: str, name: str) -> None:
        self.opens("/family/bills/")
        self.sees(words)
        self.shoots(name)


class Chair(Parent):
    """家委会主任."""

    def counts_votes(self, title: str) -> None:
        self.opens("/committee/")
        self.follows(title)
        self.follows("结束表决")
        self.follows("结束表决")
        self.sees("表决已结束：通过")

    def approves_application(self) -> None:
        self.opens("/committee/applications/")
        self.follows("A20")
        self.fills(decision="yes")
        self.follows("提交审核意见")
        self.sees("已记录")

    def asks_committee_to_hire(self, name: str) -> None:
        self.opens("/desk/staff/")
        self.follows(name)
        self.follows("提请家委会表决")
        self.sees("已提请家长委员会表决")

    def hires(self, name: str, days: Days) -> None:
        self.opens("/desk/staff/")
        self.follows(name)
        if self.main.get_by_role("button", name="按决议同意聘用").count():
            self.follows("按决议同意聘用")
        self.follows("签订聘用协议")
        self.fills(from_date=days.today, until_date=days.last, pay="5.50")
        self.follows("签订")
        self.sees("聘用协议已签订")

    def approves_expenditure(self, title: str) -> None:
        self.opens("/finance/expenditure/")
        self.follows(title)
        self.follows("批准并记账")
        self.sees("已批准并记账")

    def puts_settlement_to_vote(self) -> None:
        self.opens("/finance/settlement/")
        self.follows("提交家委会表决")
        self.sees("已提交家长委员会表决")


class Treasurer(Parent):
    """家委会财务: keeps the books on the phone, too."""

    def asks_for_money(self, title: str, amount: str) -> None:
        self.opens("/finance/expenditure/")
        self.fills(kind="staff", title=title, amount=amount)
        self.follows("提交审批")
        self.sees("请另一位有权的人审批")

    def closes_month(self, month: str) -> None:
        self.opens(f"/finance/months/{month}/close/")
        self.follows("月结并公示")
        self.sees(f"{month} 已月结")

    def previews_settlement(self, pool: str) -> None:
        self.opens("/finance/settlement/")
        self.follows("生成预览")
        self.sees(f"结余 {pool}")


class CareStaff(Parent):
    """服务教师, at the gate with a phone."""

    def holds_session(self) -> None:
        self.opens("/care/")
        self.shoots("care-1-today")
        self.follows(f"进入 {TITLE}")
        self.follows("开始点名")
        self.sees("陈小雨")
        self.shoots("care-2-roll")
        self.taps("陈小雨 到")
        self.main.get_by_role("link", name="交接 陈小雨").wait_for()
        self.shoots("care-3-present")

    def cannot_end_yet(self) -> None:
        """S24: a child is unaccounted for."""
        self.follows("结束服务")
        self.sees("还有 1 名学生没有登记或没有交接，不能结束")
        self.shoots("care-4-not-yet")

    def hands_over(self) -> None:
        self.follows("交接")
        self.shoots("care-5-handover")
        self.follows("交给 陈芳")
        self.sees("陈小雨 已交给 陈芳")
        self.shoots("care-6-left")

    def ends_session(self) -> None:
        self.follows("结束服务")
        self.fills(note="作业全部完成，无异常。")
        self.shoots("care-7-record")
        self.follows("结束服务")
        self.sees("服务记录已保存")
        self.shoots("care-8-done")


SCHOOL_HOST = f"s{CODE}"
CITY_HOST = "city"
