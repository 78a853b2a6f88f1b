from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    name = "rongtong.workflows"
    label = "workflows"

    def ready(self) -> None:
        from rongtong.attest.facade import register_check
        from rongtong.core.journal import follow
        from rongtong.ledger.facade import find_fault
        from rongtong.workflows.tasks import thaw_after_finding

        register_check("ledger", find_fault)  # attest and ledger stand side by side and do not know each other
        follow("task.disposed", thaw_after_finding)
