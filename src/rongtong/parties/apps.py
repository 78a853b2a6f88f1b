from django.apps import AppConfig


class PartiesConfig(AppConfig):
    name = "rongtong.parties"
    label = "parties"
