from django.apps import AppConfig


class CreditConfig(AppConfig):
    name = "rongtong.credit"
    label = "credit"
