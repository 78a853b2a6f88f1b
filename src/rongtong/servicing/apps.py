from django.apps import AppConfig


class ServicingConfig(AppConfig):
    name = "rongtong.servicing"
    label = "servicing"

    def ready(self) -> None:
        from rongtong.attest import facade as attest
        from rongtong.ledger import facade as ledger
        from rongtong.matching.facade import register_arrears
        from rongtong.origination.facade import register_payouts
        from rongtong.servicing.queries import evidence
        from rongtong.servicing.queries.evidence_columns import COLUMNS
        from rongtong.servicing.queries.figures import arrears
        from rongtong.servicing.queries.loans import first_paid_at

        register_arrears(arrears)
        register_payouts(first_paid_at)
        attest.register_evidence("ledger_posting", ledger.posting_evidence, *ledger.POSTING_COLUMNS)
        for kind, load in evidence.LOADERS.items():
            attest.register_evidence(kind, load, *COLUMNS[kind])
