"""The design system on one page, for those who build screens."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from kefu.console.rendering import render
from kefu.console.routes import page
from kefu.console.style_samples import samples
from kefu.people.permissions import Permission


@page("style", "style", permission=Permission.STYLE_VIEW)
def style(request: HttpRequest) -> HttpResponse:
    """Tokens and every component with sample data."""
    return render(request, "pages/style.jinja", samples(timezone.now()))
