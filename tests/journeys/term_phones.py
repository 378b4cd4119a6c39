"""The phones of the journey of a term: guardian, committee and the teacher at the gate, one method a deed."""

import re

from afterbell.accounts import senders
from tenants.context import in_school
from tenants.models import School
from tests.journeys.term_screen import PHONE, TITLE, Person
from tests.journeys.term_stage import Days


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

    def puts_settlement_to_vote(self) -> None:
        self.opens("/finance/settlement/")
        self.follows("提交家委会表决")
        self.sees("已提交家长委员会表决")


class Treasurer(Parent):
    """家委会财务: keeps the books on the phone, too."""

    def asks_for_money(self, title: str, amount: str) -> None:
        self.opens("/finance/expenditure/")
        self.fills(item="teaching_pay", title=title, amount=amount, payee="sheet")
        self.follows("提交审批")
        self.sees("请另一位有权的人审批")

    def closes_month(self, month: str) -> None:
        self.opens(f"/finance/months/{month}/close/")
        self.follows("月结并公示")
        self.sees(f"{month} 已月结")

    def previews_settlement(self, pool: str) -> None:
        self.opens("/finance/settlement/")
        self.fills(pay_note="其余课时费由学校公用经费承担")
        self.follows("生成预览")
        self.sees(f"结余 {pool}")


class CareStaff(Parent):
    """服务教师, at the gate with a phone."""

    def holds_session(self) -> None:
        self.opens("/care/")
        self.shoots("care-1-today")
        self.follows(f"开始点名 {TITLE}")
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
