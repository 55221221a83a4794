"""Text messages through GOV.UK Notify, behind the same interface as e-mail. Off unless NOTIFY_API_KEY is set.

Notify wants a template of its own: NOTIFY_TEMPLATE_ID names one whose whole text is ((body)).
"""

import requests
from django.conf import settings
from notifications_python_client.errors import HTTPError, InvalidResponse
from notifications_python_client.notifications import NotificationsAPIClient

from partners.channels import DeliveryFailed, Letter
from partners.models import ErrorCode, Message

NOTIFY_URL = "https://api.notifications.service.gov.uk"
#: HTTP answers that say what is wrong with us, not with this message (Notify's documentation, "Error codes").
OURS = {401, 403, 404}
#: Their limits for one minute and one day.
TOO_MANY = 429


class Sms:
    """One text to one phone; the message's id is Notify's reference, looked up before a second try."""

    def is_on(self) -> bool:
        """Whether a key and a template are configured."""
        return bool(settings.NOTIFY_API_KEY and settings.NOTIFY_TEMPLATE_ID)

    def address_of(self, message: Message) -> str:
        """The account's work phone, or the organisation's urgent phone."""
        return message.user.phone if message.user is not None else message.organisation.urgent_phone

    def compose(self, letter: Letter) -> Letter:
        """A text needs nothing further."""
        return letter

    def send(self, composed: Letter) -> None:
        """See `WayOut.send`."""
        client = NotificationsAPIClient(settings.NOTIFY_API_KEY, NOTIFY_URL, timeout=settings.EMAIL_TIMEOUT)
        reference = str(composed.id)
        try:
            if composed.attempt > 1 and _has_it(client, reference):
                return
            client.send_sms_notification(
                composed.to, settings.NOTIFY_TEMPLATE_ID, {"body": composed.body}, reference=reference
            )
        except HTTPError as error:
            raise DeliveryFailed(_class_of(error)) from error
        except InvalidResponse as error:
            # It answered with success and then with something unreadable: it probably has it.
            raise DeliveryFailed(ErrorCode.AMBIGUOUS) from error
        finally:
            client.request_session.close()


def _has_it(client: NotificationsAPIClient, reference: str) -> bool:
    """Return whether Notify took an earlier attempt whose answer was lost."""
    return bool(client.get_all_notifications(reference=reference)["notifications"])


def _class_of(error: HTTPError) -> ErrorCode:
    cause = error.__cause__
    if isinstance(cause, requests.ConnectTimeout):
        return ErrorCode.TRANSIENT
    if isinstance(cause, requests.Timeout):
        return ErrorCode.AMBIGUOUS
    status = error.status_code
    if status == TOO_MANY or status >= 500:
        return ErrorCode.TRANSIENT
    if status in OURS or not _is_about_the_phone(error):
        return ErrorCode.CONFIGURATION
    return ErrorCode.RECIPIENT


def _is_about_the_phone(error: HTTPError) -> bool:
    messages = error.message if isinstance(error.message, list) else []
    return any("phone_number" in str(found.get("message", "")) for found in messages if isinstance(found, dict))
