"""Nothing personal in an error report: no form data, no local variables, no cookies (security, 7.2)."""

from django.views.debug import SafeExceptionReporterFilter


class NothingPersonalFilter(SafeExceptionReporterFilter):
    """A report filter that shows neither what was posted nor any variable."""

    def is_active(self, request) -> bool:
        """Always: a demo may hold a real name typed by mistake."""
        return True

    def get_post_parameters(self, request) -> dict:
        """Return nothing of what was posted."""
        return {}

    def get_traceback_frame_variables(self, request, tb_frame) -> list:
        """Return no local variables."""
        return []

    def get_safe_settings(self) -> dict:
        """Return no settings."""
        return {}

    def get_safe_request_meta(self, request) -> dict:
        """Return no request headers."""
        return {}

    def get_safe_cookies(self, request) -> dict:
        """Return no cookies."""
        return {}
