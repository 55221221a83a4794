"""The board report in the admin: the list of reports. What is done with them is in `board_report_pages.py`."""

from django.contrib import admin
from django.urls import path

from partners.admin.base import ReadOnlyAdmin
from partners.roles import Permission
from referrals.admin import board_report_pages as pages
from referrals.models import BoardReport

PAGE = "referrals_boardreport"


@admin.register(BoardReport)
class BoardReportAdmin(ReadOnlyAdmin):
    """Every report and its versions. An issued one is never changed: a new version says why it is there."""

    menu_group, menu_name = "Figures and campaigns", "Board reports"
    menu_text = "Write the quarterly report to the Community Safety Board, look at it as the board will, issue it."
    view_permission = add_permission = Permission.TRIAGE
    when_empty = "No report has been begun yet."
    list_display = ["quarter", "version", "standing", "issued", "issuer"]
    list_display_links = ["quarter"]
    ordering = ["-starts", "-version"]
    sortable_by = ()

    def get_urls(self):
        """Return the addresses of the list and of what can be done with a report."""
        guarded = self.admin_site.admin_view
        return [
            path("", guarded(self.changelist_view), name=f"{PAGE}_changelist"),
            path("add/", guarded(pages.begin), name=f"{PAGE}_add"),
            path("<uuid:report_id>/change/", guarded(pages.show), name=f"{PAGE}_change"),
            path("<uuid:report_id>/write/<slug:part>/", guarded(pages.write), name=f"{PAGE}_write"),
            path("<uuid:report_id>/preview/", guarded(pages.preview), name=f"{PAGE}_preview"),
            path("<uuid:report_id>/issue/", guarded(pages.issue), name=f"{PAGE}_issue"),
            path("<uuid:report_id>/discard/", guarded(pages.discard), name=f"{PAGE}_discard"),
        ]

    def get_queryset(self, request):
        """Return the reports without their papers."""
        return BoardReport.objects.visible_to(request.user).without_papers().select_related("issued_by")

    @admin.display(description="quarter")
    def quarter(self, report) -> str:
        """Which quarter."""
        return report.period.label

    @admin.display(description="state")
    def standing(self, report) -> str:
        """Whether it was issued."""
        return pages.state_tag(report)

    @admin.display(description="issued")
    def issued(self, report):
        """When it was issued."""
        return report.issued_at

    @admin.display(description="by")
    def issuer(self, report) -> str:
        """Who issued it."""
        return report.issued_by.get_full_name() if report.issued_by else ""
