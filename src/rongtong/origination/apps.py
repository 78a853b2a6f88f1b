from django.apps import AppConfig


class OriginationConfig(AppConfig):
    name = "rongtong.origination"
    label = "origination"

    def ready(self) -> None:
        from rongtong.attest.facade import register_evidence
        from rongtong.matching.facade import register_relations
        from rongtong.origination.queries import agreements, evidence, related_parties

        register_relations(related_parties.relations)
        register_evidence("application", evidence.application_evidence, evidence.APPLICATION)
        register_evidence("decision", evidence.decision_evidence, evidence.DECISION)
        register_evidence("objection", evidence.objection_evidence, evidence.OBJECTION)
        register_evidence("objection_answer", evidence.answer_evidence, evidence.ANSWER)
        register_evidence("agreement", agreements.agreement_evidence, evidence.AGREEMENT)
        register_evidence("agreement_document", agreements.document_evidence)
