"""Where a request comes from."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Address of the browser or caller; empty when it is none. A forwarded one counts only from a proxy the operator named."""
    peer = str(request.META.get("REMOTE_ADDR", ""))
    if peer in settings.KEFU_TRUSTED_PROXIES:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
        peer = next((hop for hop in reversed(hops) if hop not in settings.KEFU_TRUSTED_PROXIES), peer)
    try:
        return str(ipaddress.ip_address(peer))
    except ValueError:
        return ""
