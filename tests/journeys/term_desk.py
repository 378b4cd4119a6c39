"""The desks of the journey of a term: office, principal and bureau, one method a deed, in the order of the term."""

from datetime import date, datetime, timedelta

from tests.journeys.term_screen import TITLE, Office, Person
from tests.journeys.term_stage import Days
from tests.schools.people.books import book

ROSTER = book(
    ("00123", "陈小雨", "一年级1班", "陈芳", "13800138001"),
    ("00124", "吴大伟", "一年级1班", "吴国强", "13800138002"),
    ("00125", "周乐乐", "一年级2班", "周敏", "13800138003"),
    ("00126", "林青青", "一年级2班", "林海", "13800138004"),
)


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
        self.follows("看预览")
        self.sees("¥12.00")
        self.shoots("charges-1-preview")
        self.follows("确认开具")
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

    def ends_service(self) -> None:
        self.opens("/finance/settlement/")
        self.follows("提前结束服务")
        self.fills(reason="校舍维修，服务停止")
        self.follows("今天起结束")
        self.sees("取消 1 节课")

    def approves_expenditure(self, title: str) -> None:
        self.opens("/finance/expenditure/")
        self.follows(title)
        self.follows("批准并记账")
        self.sees("已批准并记账")

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
