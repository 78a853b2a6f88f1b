from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "rongtong.core"
    label = "core"

    def ready(self) -> None:
        from rongtong.core import roles, sessions, tenancy

        sessions.connect()
        roles.connect()
        tenancy.connect()
