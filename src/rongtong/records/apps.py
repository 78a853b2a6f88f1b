from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "rongtong.records"
    label = "records"
