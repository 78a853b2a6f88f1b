from django.apps import AppConfig


class MatchingConfig(AppConfig):
    name = "rongtong.matching"
    label = "matching"

    def ready(self) -> None:
        from rongtong.attest import facade as attest
        from rongtong.matching.queries.offers import OFFER_COLUMNS, load_evidence

        attest.register_evidence("offer", load_evidence, OFFER_COLUMNS)
