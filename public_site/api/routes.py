"""Every endpoint of the public API."""

from public_site.api.v1.seals import seal

ROUTES = [seal]
