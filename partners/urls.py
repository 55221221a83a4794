"""Addresses of the partners app."""

urlpatterns: list = []
