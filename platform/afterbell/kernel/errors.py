"""Refusals: what a person may not do now, said in a sentence that the page and the API can show."""

from typing import ClassVar

from django.utils.functional import Promise


class Refused(Exception):
    """An expected "no" of the domain; never logged as an error.

    Each refusal is a subclass beside its action. `code` is stable and goes to the API (409, problem JSON);
    `message` is for people, with named values in %(name)s form, filled from the keyword arguments. `field` among
    them is the field of a page's form at which the sentence stands.
    """

    code: ClassVar[str] = "refused"
    message: ClassVar[str | Promise] = "Refused."
    status: ClassVar[int] = 409

    def __init__(self, **values: object) -> None:
        super().__init__(values)
        self.values = values

    def __str__(self) -> str:
        return str(self.message) % self.values
