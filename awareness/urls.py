"""Addresses of the awareness app."""

urlpatterns: list = []
