from django.apps import AppConfig


class OriginationConfig(AppConfig):
    name = "rongtong.origination"
    label = "origination"

    def ready(self) -> None:
        from rongtong.attest.facade import register_evidence
        from rongtong.origination import facade

        register_evidence("application", facade.application_evidence)
        register_evidence("decision", facade.decision_evidence)
        register_evidence("agreement", facade.document_evidence)
        register_evidence("objection", facade.objection_evidence)
        register_evidence("objection_answer", facade.answer_evidence)
