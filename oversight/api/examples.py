"""Answers as the docs show them."""

from typing import Any, Final

TERM: Final = "2026-2027-1"
AS_OF: Final = "2026-11-23T18:00:00+08:00"
SCHOOL: Final = {"code": "3301020001", "name": "湖滨区第一小学", "district": "330102"}
TERMS: Final = {
    "results": [
        {
            "code": TERM, "name": "2026—2027学年第一学期", "first_date": "2026-09-01", "last_date": "2027-01-22",
            "is_current": True,
        }
    ]
}  # fmt: skip
DISTRICTS: Final = {"results": [{"code": "330102", "name": "湖滨区"}]}
ONE: Final = {"count": 1, "next": None, "previous": None}
SCHOOLS: Final = {
    **ONE, "results": [{**SCHOOL, "stage": "primary", "kind": "urban", "size_class": "medium"}]
}  # fmt: skip
INDICATORS: Final = {
    "results": [
        {
            "code": "participation", "name": "参与率", "question": "多少在校生参加了课后服务？",
            "formula": "本学期签过协议的学生 ÷ 在册学生（学期内的基准日）", "unit": "percent", "theme": "participation",
            "clauses": ["S1", "S25"], "better": "neither", "n_of": "名在册学生", "by_month": False, "is_median": False,
            "may_read": True,
        }
    ]
}  # fmt: skip
_KNOWN: Final[dict[str, Any]] = {
    "code": "330102", "name": "湖滨区", "district": None, "value": 86.0, "state": "known", "numerator": 4130.0,
    "denominator": 4800.0, "n": 4800.0,
}  # fmt: skip
_MISSING: Final[dict[str, Any]] = {
    "code": "330103", "name": "山南县", "district": None, "value": None, "state": "missing", "numerator": None,
    "denominator": None, "n": None,
}  # fmt: skip
FIGURES: Final = {
    **ONE, "count": 2, "term": TERM, "indicator": "participation", "by": "district", "unit": "percent",
    "n_of": "名在册学生", "is_median": False, "as_of": AS_OF, "results": [_KNOWN, _MISSING],
}  # fmt: skip
AGE: Final = {
    "as_of": AS_OF, "rolled_at": "2026-11-23T17:59:40+08:00", "swept_at": AS_OF, "term": TERM, "failed": [],
    "never": [], "silent": [{**SCHOOL, "since": "2026-11-17T00:00:00+08:00"}],
}  # fmt: skip
