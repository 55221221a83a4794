"""Addresses of the awareness app: open to everybody."""

from django.urls import path

from awareness.pages import home, small_print

urlpatterns = [
    path("", home.home, name="home"),
    path("accessibility/", small_print.accessibility, name="accessibility"),
    path("privacy/", small_print.privacy, name="privacy"),
    path("cookies/", small_print.cookies, name="cookies"),
]
