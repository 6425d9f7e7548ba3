"""All vectors: each names the one fault that it holds, and says what a reader must make of it."""

from __future__ import annotations

from support.vectors.content import CONTENT
from support.vectors.header import HEADER
from support.vectors.valid import VALID
from support.vectors.vector import Vector

VECTORS: list[Vector] = VALID + HEADER + CONTENT
