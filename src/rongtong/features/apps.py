from django.apps import AppConfig


class FeaturesConfig(AppConfig):
    name = "rongtong.features"
    label = "features"

    def ready(self) -> None:
        from rongtong.attest.facade import register_evidence
        from rongtong.features.queries import portrait_evidence

        register_evidence("portrait", portrait_evidence)
