"""A role as tests add it."""

from __future__ import annotations

from support.profiles import ADMIN

ADD = ("role", "add", "admin", "--role-arn", ADMIN, "--source", "prod")
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
