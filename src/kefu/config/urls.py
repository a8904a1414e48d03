"""All addresses of the product: the API below ``/api/v1/``, the console everywhere else."""

from django.urls import URLPattern, URLResolver, include, path

from kefu.config import sample_data
from kefu.console.urls import handler400, handler403, handler404, handler500

sample_data.offer()

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("kefu.api.urls")),
    path("", include("kefu.console.urls")),
]
