from django.apps import AppConfig


class PortalsConfig(AppConfig):
    name = "rongtong.portals"
    label = "portals"

    def ready(self) -> None:
        _prefer_our_templates()


def _prefer_our_templates() -> None:
    """Have our templates found before those of packages listed earlier: the login pages of allauth wear our design."""
    from pathlib import Path

    from django.template import engines

    ours = str(Path(__file__).parent / "templates")
    dirs = engines["django"].engine.dirs  # type: ignore[attr-defined]  # the Django backend has an engine
    if ours not in dirs:
        dirs.insert(0, ours)
