#!/usr/bin/env python3
"""Writes the hand-made part of the fuzzing corpus; what fuzzing found lies beside it and stays.

    make-corpus.py [CORPUS]

The vault's inputs come from the reference writer in Tests/EndToEnd, which needs PyNaCl.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "EndToEnd"))
sys.dont_write_bytecode = True

from message_inputs import messages, replies  # noqa: E402
from text_inputs import configs, documents, settings, tables  # noqa: E402
from vault_inputs import contents, headers  # noqa: E402


def main() -> None:
    corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "corpus"
    for target, inputs in {
        "header": headers(),
        "records": contents(),
        "config": configs(),
        "csv": tables(),
        "ini": settings(),
        "json": documents(),
        "frames": messages(),
        "replies": replies(),
    }.items():
        folder = corpus / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in inputs.items():
            (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
