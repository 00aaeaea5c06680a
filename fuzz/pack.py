#!/usr/bin/env python3
"""Inputs of the fuzzer as one JSON string a line, so that the repository holds two files and not thousands.

pack.py unpack      kept/TARGET.jsonl -> corpus/TARGET/, to fuzz on from there
pack.py pack        minimised/TARGET/ -> kept/TARGET.jsonl
"""
import hashlib
import json
import pathlib
import sys

here = pathlib.Path(__file__).parent
for target in ("query", "texts"):
    kept = here / "kept" / f"{target}.jsonl"
    if sys.argv[1:] == ["unpack"]:
        folder = here / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        for line in kept.read_text("utf-8").splitlines():
            data = json.loads(line).encode("utf-8")
            (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)
    elif sys.argv[1:] == ["pack"]:
        inputs = {file.read_bytes().decode("utf-8", "replace") for file in (here / "minimised" / target).iterdir()}
        kept.parent.mkdir(exist_ok=True)
        kept.write_text("".join(json.dumps(text) + "\n" for text in sorted(inputs)), "utf-8")
    else:
        sys.exit(__doc__)
