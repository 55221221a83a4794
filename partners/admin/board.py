"""The message board in the admin: the list of posts. What is done with them is in `board_pages.py`."""

from django.contrib import admin
from django.urls import path
from django.utils import timezone

from partners.admin import board_pages
from partners.admin.base import ReadOnlyAdmin
from partners.board.reading import with_counts
from partners.models import BoardPost
from partners.roles import Permission


@admin.register(BoardPost)
class BoardPostAdmin(ReadOnlyAdmin):
    """Every post, to whom it went and how far it has come. A post is written once: a correction is another post."""

    menu_group, menu_name = "Messages", "Message board"
    menu_text = "Tell partner organisations of a pattern in the county, and see who has read it."
    view_permission = add_permission = Permission.TRIAGE
    when_empty = "Nothing has been written on the board yet."
    list_display = ["name", "written", "writer", "whom", "standing", "read"]
    list_display_links = ["name"]
    ordering = ["-at"]
    sortable_by = ()

    def get_urls(self):
        """Return the addresses, with those of what can be done before Django's own."""
        guarded = self.admin_site.admin_view
        return [
            path("add/", guarded(board_pages.write), name="partners_boardpost_add"),
            path("<uuid:post_id>/correct/", guarded(board_pages.write), name="partners_boardpost_correct"),
            path("<uuid:post_id>/withdraw/", guarded(board_pages.withdraw_post), name="partners_boardpost_withdraw"),
            *super().get_urls(),
        ]

    def get_queryset(self, request):
        """Return the posts with what the list says of them, in one query."""
        rows = super().get_queryset(request).select_related("written_by", "withdrawal", "replacement")
        return with_counts(rows)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Show one post."""
        return board_pages.show(request, object_id)

    @admin.display(description="title")
    def name(self, post) -> str:
        """Its title."""
        return post.title

    @admin.display(description="written")
    def written(self, post):
        """When it was sent."""
        return post.at

    @admin.display(description="from")
    def writer(self, post) -> str:
        """Who wrote it."""
        return post.written_by.get_full_name()

    @admin.display(description="for")
    def whom(self, post) -> str:
        """Whom it is for."""
        return "Every partner organisation" if post.to_all else f"{post.told} organisation{'s' * (post.told != 1)}"

    @admin.display(description="state")
    def standing(self, post) -> str:
        """Whether it holds."""
        return board_pages.status_tag(post, timezone.localdate())

    @admin.display(description="read by")
    def read(self, post) -> str:
        """How many organisations have read it."""
        return f"{post.read_by or 0} of {post.told or 0} organisations"
