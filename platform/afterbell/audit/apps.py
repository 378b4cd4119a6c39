"""Django's entry for the audit log."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "afterbell.audit"
    label = "audit"
    verbose_name = "审计"

    def ready(self) -> None:
        from afterbell.audit import actions, seals
        from afterbell.kernel import writes

        writes.listen(seals.Keeper(actions.write_seals))
