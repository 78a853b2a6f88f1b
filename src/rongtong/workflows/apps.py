from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    name = "rongtong.workflows"
    label = "workflows"
