"""All vectors: each names the one fault that it holds, and says what a reader must make of it."""
from __future__ import annotations

from content_vectors import CONTENT
from header_vectors import HEADER
from valid_vectors import VALID
from vector import Vector

VECTORS: list[Vector] = VALID + HEADER + CONTENT
