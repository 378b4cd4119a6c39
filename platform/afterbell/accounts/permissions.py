"""The permissions: what a page or an API action may ask for. Roles are lists of them (roles.py)."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Permission(models.TextChoices):
    """room.deed. Code asks for one of these and never for a role."""

    # everybody who has logged in
    ACCOUNT_SELF = "account.self", _("管理自己的账号")

    # accounts of one host
    ACCOUNTS_READ = "accounts.read", _("查看账号")
    ACCOUNTS_MANAGE = "accounts.manage", _("建立、停用账号，重设密码")
    ROLES_ASSIGN = "roles.assign", _("授予和收回一般角色")
    LEADERS_ASSIGN = "roles.assign_leaders", _("授予和收回组长角色")
    ADMINISTRATORS_ASSIGN = "roles.assign_administrators", _("授予和收回管理员角色")
    SECURITY_READ = "security.read", _("查看登录失败和锁定")
    SECURITY_MANAGE = "security.manage", _("解除锁定")
    AUDIT_READ = "audit.read", _("查看审计记录")
    AUDIT_VERIFY = "audit.verify", _("核验审计记录")

    # the city: its register and its rules
    SYSTEM_READ = "system.read", _("查看系统运行状态")
    SCHOOLS_READ = "schools.read", _("查看学校名录")
    SCHOOLS_MANAGE = "schools.manage", _("开通、归档学校")
    POLICIES_READ = "policies.read", _("查看政策档案")
    POLICIES_MANAGE = "policies.manage", _("发布政策档案")
    CALENDAR_READ = "calendar.read", _("查看校历")
    CALENDAR_MANAGE = "calendar.manage", _("维护校历和学期")

    # the city: what it sees and does
    OVERVIEW_READ = "overview.read", _("查看全市总览")
    PARTICIPATION_READ = "participation.read", _("查看参与情况")
    SATISFACTION_READ = "satisfaction.read", _("查看满意度")
    FEES_READ = "fees.read", _("查看收费情况")
    COMPLAINTS_OVERSEE = "complaints.oversee", _("查看各校投诉")
    COMPLAINTS_HANDLE = "complaints.handle", _("办理向教育局提出的投诉")
    SAFETY_OVERSEE = "safety.oversee", _("查看各校安全情况")
    STAFFING_OVERSEE = "staffing.oversee", _("查看各校人员情况")
    ALERTS_READ = "alerts.read", _("查看预警")
    ALERTS_HANDLE = "alerts.handle", _("处理预警")
    CASES_READ = "cases.read", _("查看督办")
    CASES_MANAGE = "cases.manage", _("立案、督办、结案")
    FILINGS_READ = "filings.read", _("查看方案备案")
    FILINGS_DECIDE = "filings.decide", _("受理方案备案")
    REPORTS_READ = "reports.read", _("查看学校上报")
    REPORTS_ANSWER = "reports.answer", _("答复学校上报")
    PROVIDERS_APPROVE = "providers.approve", _("审批合作机构")
    ACTIVITIES_SHARE = "activities.share", _("维护全市活动目录")
    DISCLOSURE_MANAGE = "disclosure.manage", _("管理公开内容")
    COSTS_READ = "costs.read", _("查看成本汇总")
    COST_AUDITS_READ = "cost_audits.read", _("查看成本监审")
    COST_AUDITS_MANAGE = "cost_audits.manage", _("开展成本监审")
    COST_DISCLOSE = "costs.disclose", _("公布成本（晒成本）")
    PRICES_GUIDE = "prices.guide", _("发布指导价")
    CITY_API = "city.api", _("管理数据接口凭证")

    # a school: people
    CLASSES_READ = "classes.read", _("查看班级")
    PUPILS_READ = "pupils.read", _("查看学生")
    PUPILS_MANAGE = "pupils.manage", _("维护学生和监护人")
    ROSTER_IMPORT = "roster.import", _("导入花名册")
    CHILD_READ = "child.read", _("查看自己的孩子")
    CHILD_MANAGE = "child.manage", _("维护自己孩子的接送人")

    # a school: words to and from parents
    NOTICES_READ = "notices.read", _("查看通知")
    NOTICES_WRITE = "notices.write", _("起草通知")
    NOTICES_PUBLISH = "notices.publish", _("发布通知")
    NOTICES_ACKNOWLEDGE = "notices.acknowledge", _("签收通知")

    # a school: the parents' committee and the plan
    COMMITTEE_READ = "committee.read", _("查看家长委员会")
    COMMITTEE_MANAGE = "committee.manage", _("维护家长委员会名单和任期")
    MEETINGS_HOLD = "meetings.hold", _("召集会议、记录决议")
    RESOLUTIONS_VOTE = "resolutions.vote", _("表决")
    CONSULTATION_READ = "consultation.read", _("查看意愿征询")
    CONSULTATION_MANAGE = "consultation.manage", _("开展意愿征询")
    CONSULTATION_ANSWER = "consultation.answer", _("答复意愿征询")
    PLAN_READ = "plan.read", _("查看服务方案")
    PLAN_DRAFT = "plan.draft", _("起草服务方案")
    PLAN_REVIEW = "plan.review", _("学校审核服务方案")
    PLAN_FILE = "plan.file", _("报送方案备案")

    # a school: enrolment. Only guardians begin it (S1)
    ENROLMENT_APPLY = "enrolment.apply", _("为自己的孩子申请参加")
    ENROLMENT_WITHDRAW = "enrolment.withdraw", _("为自己的孩子申请退出")
    AGREEMENT_SIGN = "agreement.sign", _("签订托管协议")
    ENROLMENT_READ = "enrolment.read", _("查看申请")
    ENROLMENT_REVIEW_SCHOOL = "enrolment.review_school", _("学校审核申请")
    ENROLMENT_REVIEW_COMMITTEE = "enrolment.review_committee", _("家委会审核申请")
    AGREEMENT_COUNTERSIGN = "agreement.countersign", _("代表学校和家委会签协议")

    # a school: staff
    STAFFING_READ = "staffing.read", _("查看服务人员")
    STAFFING_MANAGE = "staffing.manage", _("登记服务人员和核查")
    STAFFING_CHECK = "staffing.check", _("核查服务人员")
    STAFFING_DECIDE = "staffing.decide", _("聘用、续聘、解聘")

    # a school: care
    ROOMS_MANAGE = "rooms.manage", _("维护场地")
    ROSTER_READ = "duty_roster.read", _("查看值班表")
    ROSTER_MANAGE = "duty_roster.manage", _("排班、调班")
    SESSIONS_READ = "sessions.read", _("查看服务记录")
    SESSIONS_HOLD = "sessions.hold", _("点名、记录、交接")
    STAY_BEHIND_KEEP = "stay_behind.keep", _("登记滞留学生")
    INCIDENTS_REPORT = "incidents.report", _("报告突发情况")
    INCIDENTS_MANAGE = "incidents.manage", _("处置突发情况")
    PATROLS_MAKE = "patrols.make", _("课程巡查")

    # a school: money
    BOOKS_READ = "books.read", _("查看账目")
    OWN_BILLS_READ = "own_bills.read", _("查看自家费用")
    FEE_NOTICE_PUBLISH = "fee_notice.publish", _("公示收费")
    CHARGES_MANAGE = "charges.manage", _("开具费用")
    WAIVERS_DECIDE = "waivers.decide", _("审批减免")
    PAYMENTS_RECORD = "payments.record", _("登记收款")
    EXPENDITURE_REQUEST = "expenditure.request", _("申请支出")
    EXPENDITURE_APPROVE = "expenditure.approve", _("批准支出")
    STATEMENT_CLOSE = "statement.close", _("月结并公布账目")
    SETTLEMENT_PREPARE = "settlement.prepare", _("编制期末结算")
    SETTLEMENT_APPROVE = "settlement.approve", _("批准期末结算")
    REFUNDS_PREPARE = "refunds.prepare", _("编制退费")
    REFUNDS_APPROVE = "refunds.approve", _("批准退费")
    PAY_SHEET_PREPARE = "pay_sheet.prepare", _("编制课时费表")
    PAY_SHEET_APPROVE = "pay_sheet.approve", _("批准课时费表")

    # a school: voice and safety
    SURVEYS_MANAGE = "surveys.manage", _("开展评价")
    SURVEYS_READ = "surveys.read", _("查看评价结果")
    SURVEYS_ANSWER = "surveys.answer", _("参加评价")
    COMPLAINTS_MAKE = "complaints.make", _("提出投诉")
    COMPLAINTS_READ = "complaints.read", _("查看投诉")
    COMPLAINTS_ANSWER = "complaints.answer", _("答复投诉")
    OPINION_MANAGE = "opinion.manage", _("登记和答复舆情")
    BUREAU_REPORT = "bureau.report", _("向教育局上报")
    SAFETY_READ = "safety.read", _("查看安全台账")
    SAFETY_MANAGE = "safety.manage", _("维护制度、检查和隐患")
    SAFETY_INSPECT = "safety.inspect", _("安全检查、整改隐患")
    SCHOOL_OVERVIEW_READ = "school_overview.read", _("查看本校总览")
    LEADING_GROUP_MANAGE = "leading_group.manage", _("维护领导小组和办公室名单")


GUARDIAN_ONLY: Final = frozenset(
    {
        Permission.CHILD_READ,
        Permission.CHILD_MANAGE,
        Permission.CONSULTATION_ANSWER,
        Permission.ENROLMENT_APPLY,
        Permission.ENROLMENT_WITHDRAW,
        Permission.AGREEMENT_SIGN,
        Permission.OWN_BILLS_READ,
        Permission.SURVEYS_ANSWER,
        Permission.COMPLAINTS_MAKE,
        Permission.NOTICES_ACKNOWLEDGE,
    }
)
"""What a parent does for the own child; nobody else may, at any layer (S1)."""

ON_CHILDREN: Final = GUARDIAN_ONLY | frozenset(
    {
        Permission.PUPILS_READ,
        Permission.PUPILS_MANAGE,
        Permission.ROSTER_IMPORT,
        Permission.CLASSES_READ,
        Permission.ENROLMENT_READ,
        Permission.ENROLMENT_REVIEW_SCHOOL,
        Permission.ENROLMENT_REVIEW_COMMITTEE,
        Permission.AGREEMENT_COUNTERSIGN,
        Permission.CONSULTATION_READ,
        Permission.CONSULTATION_MANAGE,
        Permission.SESSIONS_READ,
        Permission.SESSIONS_HOLD,
        Permission.STAY_BEHIND_KEEP,
        Permission.INCIDENTS_REPORT,
        Permission.INCIDENTS_MANAGE,
        Permission.PARTICIPATION_READ,
        Permission.SATISFACTION_READ,
        Permission.SAFETY_OVERSEE,
        Permission.COMPLAINTS_OVERSEE,
        Permission.COMPLAINTS_HANDLE,
    }
)
"""Whose pages speak of children, by name or as counts; the price officer has none of them."""
