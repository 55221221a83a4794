"""The addresses."""

from django.contrib.auth.views import LoginView
from django.urls import path

from bench.limit import views

urlpatterns = [
    path("sign-in/", LoginView.as_view(template_name="form.html"), name="sign_in"),
    path("form/", views.form, name="form"),
    path("form/<slug:step>/", views.form),
    path("empty/", views.empty, name="empty"),
]
