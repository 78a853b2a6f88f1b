"""The WSGI application that the application server runs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rongtong.config.settings")
application = get_wsgi_application()
