from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "rongtong.consent"
    label = "consent"

    def ready(self) -> None:
        from rongtong.attest import facade as attest
        from rongtong.consent.queries import evidence

        attest.register_evidence("consent", evidence.load_authorisations, evidence.AUTHORISATION)
        attest.register_evidence("consent_revocation", evidence.load_revocations, evidence.REVOCATION)
