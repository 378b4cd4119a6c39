"""Refusals of the fleet: why a school can't be opened or migrated now, and what to do about it."""

from django.utils.translation import gettext_lazy as _

from afterbell.kernel.errors import Refused


class TemplateBehind(Refused):
    """The template school is not at this code's migrations."""

    code = "fleet.template_behind"
    message = _("模板学校的数据结构落后于程序，请先运行 afterbell migrate。")


class NotPortable(Refused):
    """A schema holds what the portable subset (architecture §10) does not know."""

    code = "fleet.not_portable"
    message = _("模板学校中有不能照样复制的内容：%(what)s。")


class NotAtomic(Refused):
    """A migration of schools works outside a transaction, so a failure could not be taken back."""

    code = "fleet.not_atomic"
    message = _(
        "迁移 %(name)s 设置了 atomic = False。学校的迁移必须能整体回退，请改写（如 AddIndexConcurrently 改为 AddIndex）。"
    )


class UnknownMigrations(Refused):
    """The database has been migrated by a newer release than this code."""

    code = "fleet.unknown_migrations"
    message = _("%(schema)s 中有本版本不认识的迁移（%(names)s），请安装更新的版本。")


class AnotherMigrate(Refused):
    """Somebody else migrates this fleet now."""

    code = "fleet.another_migrate"
    message = _("另一个 afterbell migrate 正在运行，请等它结束后再试。")
