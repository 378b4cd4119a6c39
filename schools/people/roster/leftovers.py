"""Who stands in a roster and is not written by it, and why: named in the preview, the workbook and the result."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from schools.people.roster.spots import Spot


class Why(TextChoices):
    """Why, in words for the office: what to do about it is done on the pupil's page."""

    DENIED = "denied", _("被登记禁止接走：姓名或手机号和被禁止的人相同，没有导入")
    ENDED = "ended", _("和孩子的关系已解除，导入不会恢复")
    SAME_NAME = "same_name", _("孩子已有同名家长、号码不同：换了号码请“更正手机号”，确是另一位请手工添加")
    STAFF = "staff", _("本校教职工的号码：请在学生页面添加家长，由监护人确认后才有权限，没有导入")
    OPEN = "open", _("还没有答“同一人”还是“另一人”，没有关联也没有改名")
    OTHER = "other", _("另一人，号码写错：没有导入，请问清号码后手工添加")
    PUPIL_OPEN = "pupil_open", _("学籍号在系统里是另一个姓名，还没有核对，这一行没有导入")
    PUPIL_OTHER = "pupil_other", _("另一个学生，学籍号写错：这一行没有导入")
    OWN_CHILD = "own_child", _("导入人自己的孩子：姓名和家长不由本人登记，没有导入，请另一位同事或校长办理")
    NO_PHONE = (
        "no_phone",
        _("没有手机号：登记为联系人，不能登录，没有权限；能不能接孩子，请在学生页面设置"),
    )
    FLAW = "flaw", _("这一行有问题，没有导入：请改好后再上传")
    NO_KIN = "no_kin", _("名册写的是邻居、朋友等，系统里登记为可以签字：没有修改，请核对后在学生页面更正")
    NO_RIGHTS = "no_rights", _("学校已认识的家长，已关联到这个孩子但没有权限：请按需要设置权限")


@dataclass(frozen=True)
class LeftOut:
    """One of them."""

    spot: Spot
    why: Why
    pupil_number: str
    pupil_name: str
    adult: str = ""
    phone: str = ""
    detail: str = ""
    """Whom the school denied, who did it, when and why: for the office's eyes, kept nowhere else."""

    @property
    def kept(self) -> dict[str, str]:
        """For the import's own row."""
        return {
            "why": self.why.value,
            "at": f"{self.spot.sheet}!{self.spot.cell}",
            "number": self.pupil_number,
            "pupil": self.pupil_name,
            "adult": self.adult,
            "phone": self.phone,
        }
