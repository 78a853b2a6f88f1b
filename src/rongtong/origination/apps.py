from django.apps import AppConfig


class OriginationConfig(AppConfig):
    name = "rongtong.origination"
    label = "origination"

    def ready(self) -> None:
        from rongtong.attest.facade import register_evidence
        from rongtong.origination.queries import agreements, evidence

        register_evidence("application", evidence.application_evidence)
        register_evidence("decision", evidence.decision_evidence)
        register_evidence("objection", evidence.objection_evidence)
        register_evidence("objection_answer", evidence.answer_evidence)
        register_evidence("agreement", agreements.agreement_evidence)
        register_evidence("agreement_document", agreements.document_evidence)
