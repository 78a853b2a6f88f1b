from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "rongtong.records"
    label = "records"

    def ready(self) -> None:
        from rongtong.attest import facade as attest
        from rongtong.consent import facade as consent
        from rongtong.records.actions.look_up_registers import look_up_representatives
        from rongtong.records.queries import evidence, soundness

        consent.look_up_representatives_with(look_up_representatives)
        attest.register_evidence("erasure", evidence.load_erasures, evidence.ERASURE)
        attest.register_check("records", soundness.find_fault)
