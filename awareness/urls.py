"""Addresses of the awareness app: open to everybody."""

from django.urls import path

from awareness.pages import figures, home, small_print

urlpatterns = [
    path("", home.home, name="home"),
    path("accessibility/", small_print.accessibility, name="accessibility"),
    path("privacy/", small_print.privacy, name="privacy"),
    path("cookies/", small_print.cookies, name="cookies"),
    path("published-figures/", figures.published_figures, name="published_figures"),
    path("published-figures/campaigns/", figures.campaigns, name="campaigns_and_reports"),
    path("published-figures/<slug:measure>/", figures.published_figure, name="published_figure"),
    path("published-figures/<slug:measure>.csv", figures.published_figure_file, name="published_figure_file"),
]
