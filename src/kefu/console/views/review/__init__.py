"""Pages of inspectors: what is to be scored, the scoring page, sampling plans, coverage, calibration (QA6, QA7)."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.console import routes

_TABS = ("review", "review-plans", "review-coverage", "review-workload", "calibrations", "graders")


def tabs(request: HttpRequest, current: str) -> list[dict[str, object]]:
    """Pages side by side that this reader may open."""
    titles = {
        "review": _("评分任务"),
        "review-plans": _("抽检计划"),
        "review-coverage": _("覆盖率"),
        "review-workload": _("工作量"),
        "calibrations": _("评分校准"),
        "graders": _("质检员准确度"),
    }
    found = []
    for name in _TABS:
        page = routes.route(name)
        if page is not None and page.opens_for(getattr(request, "actor", None)):
            found.append({"label": titles[name], "href": reverse(f"console:{name}"), "current": name == current})
    return found
