"""Addresses of the referrals app."""

urlpatterns: list = []
