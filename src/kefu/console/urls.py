"""Addresses of the console. A module of ``views`` registers its pages when it is imported here.

The URL configuration of the product includes this and takes over the four handlers.
"""

from importlib import import_module
from pkgutil import walk_packages

from django.urls import URLPattern

from kefu.console import routes, views

for _module in walk_packages(views.__path__, f"{views.__name__}."):
    import_module(_module.name)

app_name = "console"
urlpatterns: list[URLPattern] = routes.url_patterns()

handler400 = "kefu.console.failures.bad_request"
handler403 = "kefu.console.failures.denied"
handler404 = "kefu.console.failures.not_found"
handler500 = "kefu.console.failures.server_error"
