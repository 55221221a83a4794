"""The WSGI application that gunicorn serves. It does not come into being while the system checks find an error."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

# After django.setup(), because the checks look at models.
from partners.checks import refuse_unsound_start  # noqa: E402

refuse_unsound_start()
