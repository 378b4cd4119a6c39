"""The look of the fees page: its districts lead to the fees of that district, which the price officer may see too."""

from dataclasses import fields

from dashboards.frame.look import Look


class FeesLook(Look):
    """Differs in one address."""

    def district_url(self, code: str) -> str:
        return self.url("/fees/", district=code, school="")


def of(look: Look) -> FeesLook:
    return FeesLook(**{field.name: getattr(look, field.name) for field in fields(look)})
