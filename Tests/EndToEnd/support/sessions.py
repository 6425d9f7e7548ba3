"""Credentials as the helper gets them, and the seed of an MFA device."""

from __future__ import annotations

import json

from support.home import Home, report

SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def credentials(home: Home, name: str = "admin") -> dict[str, str]:
    result = home.helper(name)
    assert result.returncode == 0 and result.stderr == b"", report(result)
    return json.loads(result.stdout)
