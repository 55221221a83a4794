"""Every address of the site. `tests/test_urls.py` walks them all: an undeclared one fails there."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("awareness.urls")),
    path("", include("partners.urls")),
    path("", include("referrals.urls")),
    path("admin/", admin.site.urls),
]
handler400 = "partners.views.errors.bad_request"
handler403 = "partners.views.errors.forbidden"
handler404 = "partners.views.errors.not_found"
handler500 = "partners.views.errors.server_error"
