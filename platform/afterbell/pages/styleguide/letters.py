"""The sample letter home: what a template of a document is given."""

from typing import Any


def sample() -> dict[str, Any]:
    """Data of the sample letter home."""
    return {
        "school": "湖滨区第一小学",
        "number": "2026-告-017",
        "title": "2026 年秋季学期课后服务告家长书",
        "greeting": "尊敬的家长：",
        "paragraphs": [
            "本学期课后服务自 2026 年 9 月 7 日开始，至 2027 年 1 月 15 日结束，周一至周五放学后到 17:30。"
            "是否参加由您和孩子自愿决定，不参加的孩子正常放学。",
            "收费标准由家长委员会审议通过并报教育局备案，每一项的用途如下。请在 9 月 4 日前交回回执，愿意和不愿意都请勾选。",
        ],
        "table": {
            "columns": ["项目", "标准（元/月）", "用途"],
            "rows": [
                ["教师劳务", "86.00", "按实际课时发放"],
                ["材料", "14.00", "手工、科学活动的耗材"],
                ["合计", "100.00", ""],
            ],
            "numbers": [1],
        },
        "signed": "湖滨区第一小学家长委员会",
        "date": "2026年9月1日",
        "receipt": {
            "title": "回　执",
            "lines": ["学生姓名", "班级", "家长签名", "日期"],
            "choices": ["愿意参加", "不参加"],
        },
        "foot": "请沿虚线剪下，交给班主任。咨询电话：0571-0000 0000",
    }
