from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    name = "rongtong.workflows"
    label = "workflows"

    def ready(self) -> None:
        from rongtong.attest.facade import register_check
        from rongtong.core.journal import follow
        from rongtong.ledger.facade import find_fault
        from rongtong.workflows import tasks, upkeep  # noqa: F401  # upkeep registers its jobs

        register_check("ledger", find_fault)  # attest and ledger stand side by side and do not know each other
        follow("application.submitted", tasks.decide_after_submission)
        follow("decision.accepted", tasks.draw_up_after_acceptance)
        follow("agreement.signed", tasks.pay_out_after_signature)
        follow("consent.revoked", tasks.look_after_revocation)
        follow("consent.suspended", tasks.look_after_revocation)
        follow("task.disposed", tasks.thaw_after_finding)
        follow("set_aside.retried", tasks.try_after_word)
