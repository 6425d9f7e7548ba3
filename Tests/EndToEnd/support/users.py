"""A user whom permissions bind; the suite may run as root."""

from __future__ import annotations

NOBODY = 65534
AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--")
