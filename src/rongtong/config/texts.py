"""The language of the terminal: Chinese where the locale is Chinese, else English."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


def language() -> str:
    """What the user's locale asks for: `zh-hans` or `en`."""
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh-hans" if named.lower().startswith("zh") else "en"


@contextmanager
def speak() -> Iterator[None]:
    """Have texts come in the terminal's language, also where the platform itself could not be set up."""
    from django.utils import translation

    _set_up()
    with translation.override(language()):
        yield


def _set_up() -> None:
    import django
    from django.apps import apps
    from django.conf import settings

    if apps.ready:
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rongtong.config.settings")
    try:
        settings.INSTALLED_APPS  # noqa: B018  reads them, which an unusable home or database prevents
    except Exception:
        settings.configure(
            INSTALLED_APPS=["rongtong.config"],
            LANGUAGES=[("zh-hans", "简体中文"), ("en", "English")],
            LANGUAGE_CODE="zh-hans",
            USE_I18N=True,
        )
    django.setup()
