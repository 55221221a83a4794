"""What machines ask for: is it alive, which colours, and what the browser refused. Nobody has to sign in."""

import hashlib
import json
import re

import structlog
from allauth.core import ratelimit
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import condition, require_POST, require_safe

from partners.access import public
from partners.colours import theme
from partners.models import Partnership

log = structlog.get_logger(__name__)

REPORT_BYTES = 8192
DIRECTIVE = re.compile(r"[a-z-]{1,40}")


@public
@require_safe
@transaction.non_atomic_requests
def healthz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers, 503 when it does not. The broker is not asked: the service works without it."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return HttpResponse("no database\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


def _css(request: HttpRequest) -> str:
    if not hasattr(request, "theme_css"):
        partnership = Partnership.current()
        colours = theme(partnership.brand_colour, partnership.brand_tint)
        request.theme_css = ":root{" + "".join(f"{name}:{value};" for name, value in colours.items()) + "}\n"
    return request.theme_css


def _etag(request: HttpRequest) -> str:
    return f'"{hashlib.sha256(_css(request).encode()).hexdigest()[:20]}"'


@public
@require_safe
@condition(etag_func=_etag)
def theme_css(request: HttpRequest) -> HttpResponse:
    """The partnership's colours as CSS custom properties; asked for again after five minutes, by its ETag."""
    return HttpResponse(_css(request), content_type="text/css", headers={"Cache-Control": "public, max-age=300"})


@public
@csrf_exempt  # the browser itself sends it, without a page of ours
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """Note which directive blocked something and on which kind of page; never the address or a sample."""
    if len(request.body) > REPORT_BYTES:
        return HttpResponse(status=413)
    if ratelimit.consume(request, action="csp_report"):
        report = _report(request.body)
        directive = str(report.get("effective-directive") or report.get("violated-directive") or "").split(" ")[0]
        log.warning(
            "csp_report",
            directive=directive if DIRECTIVE.fullmatch(directive) else "unknown",
            route=_route(str(report.get("document-uri", ""))),
        )
    return HttpResponse(status=204)


def _report(body: bytes) -> dict:
    try:
        found = json.loads(body)
        report = found["csp-report"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return report if isinstance(report, dict) else {}


def _route(address: str) -> str:
    """Return the pattern of the page's address, without what was filled in."""
    path = "/" + address.partition("://")[2].partition("/")[2].partition("?")[0].partition("#")[0]
    try:
        return resolve(path).route
    except Resolver404:
        return "unknown"
