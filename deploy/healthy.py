"""Whether the web process in this container answers: exit code 0 or 1, for the container's health check.

Asks as the proxy would, with the site's host name and https, because the site refuses other hosts and redirects http.
"""

import http.client
import os
import sys
from urllib.parse import urlsplit

site = urlsplit(os.environ.get("SITE_URL", "http://127.0.0.1:8000"))
port = int(os.environ.get("BIND", "127.0.0.1:8000").rpartition(":")[2])
connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
try:
    connection.request("GET", "/healthz", headers={"Host": site.netloc, "X-Forwarded-Proto": site.scheme})
    healthy = connection.getresponse().status == http.client.OK
except OSError:
    healthy = False
sys.exit(0 if healthy else 1)
