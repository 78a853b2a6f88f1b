from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "rongtong.monitoring"
    label = "monitoring"
