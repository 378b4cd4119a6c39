"""The wording of the employment agreement: written out in full when it is signed, then frozen with its hash."""

from datetime import date
from hashlib import sha256
from typing import Final

from afterbell.kernel.money import Fen, format_fen

WORDING: Final = """课后服务人员聘用协议

编号：{number}
学校：{school}
受聘人：{name}

一、聘期自{from_date}起至{until_date}止。
二、受聘人按家长委员会确定的服务方案、时间和场地开展课后服务，不得从事学科教学，不得另行收费。
三、报酬按实际完成的课时计算，每课时{pay}，由本校课后服务经费支付。
四、受聘人同意学校核查其身份、资格、健康和违法犯罪记录；任一项核查失效期间不安排服务。
五、受聘人对所负责的学生点名、看护，放学时当面交给登记的接送人；遇突发情况立即报告带班领导并告知家长。
六、受聘人不称职或违反上述约定的，家长委员会可以随时解聘，学校予以协助。
七、本协议经家长委员会决议聘用（决议编号：{resolution}）后签订，一式两份，学校和受聘人各执一份。

学校（盖章）：{school}
受聘人（签字）：{name}
"""


def agreement_text(
    *, number: str, school: str, name: str, from_date: date, until_date: date, pay_fen: int, resolution: str
) -> str:
    """The text that both sides sign. It is not translated: the Chinese wording is the agreement."""
    return WORDING.format(
        number=number,
        school=school,
        name=name,
        from_date=_written(from_date),
        until_date=_written(until_date),
        pay=format_fen(Fen(pay_fen)),
        resolution=resolution,
    )


def digest(text: str) -> str:
    """SHA-256 of the text as UTF-8, in small hex."""
    return sha256(text.encode()).hexdigest()


def _written(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
