from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "rongtong.ledger"
    label = "ledger"
