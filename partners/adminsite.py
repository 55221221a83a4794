"""The admin as a workplace: who is let in, what is missing for the others, and what its first page offers.

The class is set in `config/adminapp.py`. It lives outside `partners/admin/`, because that package registers its models
on the site while the site is being made.
"""

from functools import update_wrapper
from itertools import groupby

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator

from partners.access import Lane, lane_of, public
from partners.roles import Permission

#: What the index calls the groups of pages, in its order. A ModelAdmin says `menu_group` and `menu_text`.
MENU_GROUPS = ("Partner organisations", "People", "Messages", "Public pages", "Figures and campaigns", "Settings")

#: Pages outside the admin that its first page offers too: group, permission, name, text, name of the address.
OTHER_PAGES = (
    (
        "Figures and campaigns",
        Permission.TRIAGE,
        "Published figures",
        "What partners see of each month, quarter and year: look at it first, hold it back, correct it.",
        "figures",
    ),
    (
        "Settings",
        Permission.SEE_SETTINGS_CHANGES,
        "Changes to the settings",
        "Who changed what, when, and how it was before.",
        "settings_changes",
    ),
)

#: Addresses of Django's admin that have no use here: nobody has a password, and nothing is to be found by its number.
UNUSED = {"password_change", "password_change_done", "view_on_site", "autocomplete"}


class PartnershipAdminSite(AdminSite):
    """The Django admin for coordinators and administrators. Everybody else finds nothing at its addresses."""

    site_title = site_header = index_title = "Coordination"
    index_template = "admin/partners/index.html"
    enable_nav_sidebar = False

    def register(self, model_or_iterable, admin_class=None, **options):
        """Register a ModelAdmin that asks the role table (`partners/admin/base.py`); leave out every other.

        Packages bring admin pages of their own (groups, e-mail addresses, second factors). They ask Django's model
        permissions, which nobody has here: their addresses would be doors without a use.
        """
        if hasattr(admin_class, "view_permission"):
            super().register(model_or_iterable, admin_class, **options)

    def get_urls(self):
        """Return the admin's addresses without those that have no use here."""
        return [pattern for pattern in super().get_urls() if getattr(pattern, "name", None) not in UNUSED]

    def admin_view(self, view, cacheable=False):
        """Answer 404 to whoever the admin, or the page, does not let in: forbidden looks like missing."""
        if lane_of(view) is Lane.PUBLIC:
            return view
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args, **kwargs):
            if request.user.is_authenticated and not self.has_permission(request):
                raise Http404
            try:
                return inner(request, *args, **kwargs)
            except PermissionDenied:
                raise Http404 from None

        return update_wrapper(guarded, inner)

    @method_decorator(public)
    def login(self, request: HttpRequest, extra_context=None):
        """Send a stranger to the one sign-in page of the service; nobody signs in here."""
        if request.user.is_authenticated:
            return redirect("admin:index")
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"), settings.LOGIN_URL)

    @method_decorator(public)
    def logout(self, request: HttpRequest, extra_context=None):
        """Send to the one sign-out page of the service."""
        return redirect("account_logout")

    def index(self, request: HttpRequest, extra_context=None):
        """Show the pages this person may open, in groups with a line about each."""
        return super().index(request, {"menu": self.menu(request), **(extra_context or {})})

    def menu(self, request: HttpRequest) -> list[tuple[str, list[dict]]]:
        """Return `(group, pages)`, each page with `name`, `text` and `url`."""
        pages = [
            (MENU_GROUPS.index(group), name, {"name": name, "text": text, "url": reverse(address)})
            for group, permission, name, text, address in OTHER_PAGES
            if request.user.may(permission)
        ]
        for model, model_admin in self._registry.items():
            group = getattr(model_admin, "menu_group", "")
            if group and model_admin.has_view_permission(request):
                label = model._meta.label_lower.replace(".", "_")
                name = model_admin.plural
                page = {"name": name, "text": model_admin.menu_text, "url": reverse(f"admin:{label}_changelist")}
                pages.append((MENU_GROUPS.index(group), name, page))
        pages.sort(key=lambda entry: entry[:2])
        return [
            (MENU_GROUPS[number], [page for _, _, page in entries])
            for number, entries in groupby(pages, key=lambda entry: entry[0])
        ]
