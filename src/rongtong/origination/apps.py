from django.apps import AppConfig


class OriginationConfig(AppConfig):
    name = "rongtong.origination"
    label = "origination"
