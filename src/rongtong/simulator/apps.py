"""Django's view of the simulator: no tables, only its messages."""

from django.apps import AppConfig


class SimulatorConfig(AppConfig):
    """The simulator as an application."""

    name = "rongtong.simulator"
    label = "simulator"
