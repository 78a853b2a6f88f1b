from django.apps import AppConfig


class AttestConfig(AppConfig):
    name = "rongtong.attest"
    label = "attest"
