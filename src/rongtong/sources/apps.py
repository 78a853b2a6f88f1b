from django.apps import AppConfig


class SourcesConfig(AppConfig):
    name = "rongtong.sources"
    label = "sources"
