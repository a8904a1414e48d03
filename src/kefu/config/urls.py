"""All addresses of the product: the API below ``/api/v1/``, the console everywhere else."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("kefu.api.urls")),
    path("", include("kefu.console.urls")),
]
