from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "rongtong.config"
    label = "config"
