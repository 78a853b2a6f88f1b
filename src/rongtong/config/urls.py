"""All addresses: the API under /api/, login under /accounts/, pages of the portals."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from rongtong.config.api import api
from rongtong.config.faults import answer_fault

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", api.urls),
    path("accounts/", include("rongtong.config.accounts")),
    path("i18n/", include("django.conf.urls.i18n")),
]
if find_spec("rongtong.portals.urls"):
    urlpatterns.append(path("", include("rongtong.portals.urls")))
handler500 = answer_fault
