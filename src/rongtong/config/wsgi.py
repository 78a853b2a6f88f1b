"""The WSGI application that the application server runs."""

import os
import threading

from django.core.wsgi import get_wsgi_application

from rongtong.config.home import keep_private

keep_private()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rongtong.config.settings")
application = get_wsgi_application()

from rongtong.features.facade import warm  # noqa: E402  Django must be set up first

threading.Thread(target=warm, name="warm features", daemon=True).start()
