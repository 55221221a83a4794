"""Tells Django which site its admin is."""

from django.contrib.admin.apps import AdminConfig


class PartnershipAdminConfig(AdminConfig):
    """Django's admin with the partnership's own site (`partners/adminsite.py`)."""

    default_site = "partners.adminsite.PartnershipAdminSite"
