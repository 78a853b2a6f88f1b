from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "rongtong.consent"
    label = "consent"

    def ready(self) -> None:
        from rongtong.attest import facade as attest
        from rongtong.consent.queries import assertions, coverage, evidence
        from rongtong.parties import facade as parties

        parties.tell_relations(coverage.firms_granting_to)
        attest.register_evidence("consent", evidence.load_authorisations, evidence.AUTHORISATION)
        attest.register_evidence("consent_revocation", evidence.load_revocations, evidence.REVOCATION)
        attest.register_evidence("consent_change", evidence.load_changes, evidence.CHANGE)
        attest.register_evidence("consent_assertion", assertions.load_assertions, assertions.ASSERTION)
