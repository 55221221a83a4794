"""Addresses of the awareness app: open to everybody."""

from django.urls import path

from awareness.pages import figures, home, search, site_map, small_print, texts
from awareness.pages.texts import ABOUT, HELP, PROFESSIONALS, SIGNS

urlpatterns = [
    path("", home.home, name="home"),
    # A page that staff add stands below about/. The four after it have a place at the top: `reverse` takes the last
    # address of a name that fits.
    path("about/<slug:slug>/", texts.page, name="page"),
    path("get-help-now/", texts.help_now, {"slug": HELP}, name="page"),
    path("what-is-modern-slavery/", texts.about, {"slug": ABOUT}, name="page"),
    path("for-professionals/", texts.professionals, {"slug": PROFESSIONALS}, name="page"),
    path("cover-your-tracks/", texts.page, {"slug": "cover-your-tracks"}, name="page"),
    path("signs/", texts.signs, {"slug": SIGNS}, name="page"),
    path("signs/", texts.signs, {"slug": SIGNS}, name="signs"),  # the same, to be named without its text
    path("signs/<slug:slug>/", texts.signs_for, name="signs_for"),
    path("news/", texts.news, name="news"),
    path("news/<slug:slug>/", texts.news_item, name="news_item"),
    path("resources/", texts.resources, name="resources"),
    path("resources/<slug:slug>/", texts.resource, name="resource"),
    path("search/", search.search, name="search"),
    path("site-map/", site_map.site_map, name="site_map"),
    path("accessibility/", small_print.accessibility, name="accessibility"),
    path("privacy/", small_print.privacy, name="privacy"),
    path("cookies/", small_print.cookies, name="cookies"),
    path("published-figures/", figures.published_figures, name="published_figures"),
    path("published-figures/campaigns/", figures.campaigns, name="campaigns_and_reports"),
    path("published-figures/<slug:measure>/", figures.published_figure, name="published_figure"),
    path("published-figures/<slug:measure>.csv", figures.published_figure_file, name="published_figure_file"),
]
