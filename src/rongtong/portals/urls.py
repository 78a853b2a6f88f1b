"""The addresses of the pages."""

from __future__ import annotations

from django.urls import path

from rongtong.portals.views import gallery, public

app_name = "portals"
urlpatterns = [
    path("", public.home, name="home"),
    path("authorise", public.authorise, name="authorise"),
    path("theme", public.choose_theme, name="theme"),
    path("gallery", gallery.gallery, name="gallery"),
    path("organisation", public.choose_organisation, name="organisation"),
]
