from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "rongtong.records"
    label = "records"

    def ready(self) -> None:
        from rongtong.attest import facade as attest
        from rongtong.records.queries import evidence, soundness

        attest.register_evidence("erasure", evidence.load_erasures, evidence.ERASURE)
        attest.register_check("records", soundness.find_fault)
