from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "rongtong.records"
    label = "records"

    def ready(self) -> None:
        from rongtong.attest import facade as attest
        from rongtong.records.queries import evidence

        attest.register_evidence("erasure", evidence.load_erasures)
