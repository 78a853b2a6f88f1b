"""All addresses: the API under /api/, login under /accounts/, pages of the portals."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
]
if find_spec("rongtong.portals"):
    urlpatterns.append(path("", include("rongtong.portals.urls")))
