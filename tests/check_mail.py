#!/usr/bin/env python3
"""Reads mails with two parsers that are not ours: Python's strict one, and dkimpy for signatures.

    pip install dkimpy
    tests/check_mail.py DIRECTORY [DNS_RECORD]

Every .eml file in DIRECTORY must parse without a defect, have exactly one of each header,
a text and an HTML part in this order, CRLF line ends, and no line over 998 octets.
With DNS_RECORD, the TXT record of the signing key, every file must also be signed and verify,
and must stop verifying when its body, its author or its Content-Type is changed.
"""

import email
import email.policy
import pathlib
import sys

STRICT = email.policy.default.clone(raise_on_defect=True)


def check_form(raw):
    message = email.message_from_bytes(raw, policy=STRICT)
    names = [name.lower() for name, value in message.items() if str(value) is not None]
    assert len(names) == len(set(names)), f"a header stands twice: {names}"
    for name in ("from", "to", "subject", "date", "message-id", "mime-version"):
        assert name in names, f"no {name}"
    parts = [part for part in message.walk() if not part.is_multipart()]
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert all(part.get_content().strip() for part in parts), "an empty part"
    lines = raw.split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines), "a bare CR or LF"
    assert max(map(len, lines)) <= 998, "a line over 998 octets"


def check_signature(raw, record):
    import dkim

    def verifies(message):
        return dkim.verify(message, dnsfunc=lambda name, timeout=5: record.encode())

    assert verifies(raw), "the signature does not verify"
    head, body = raw.split(b"\r\n\r\n", 1)
    for what, changed in (
        ("the body", head + b"\r\n\r\nx" + body),
        ("a second author", b"From: someone@example.net\r\n" + raw),
        ("a second subject", b"Subject: something else\r\n" + raw),
        ("the boundary", raw.replace(b'boundary="', b'boundary="x', 1)),
    ):
        assert changed != raw and not verifies(changed), f"the signature does not cover {what}"


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    files = sorted(pathlib.Path(sys.argv[1]).glob("*.eml"))
    if not files:
        sys.exit(f"{sys.argv[1]}: no .eml files")
    failed = 0
    for file in files:
        raw = file.read_bytes()
        try:
            check_form(raw)
            if len(sys.argv) == 3:
                check_signature(raw, sys.argv[2])
        except Exception as problem:  # whatever is wrong with one file, the others are still read
            failed += 1
            print(f"{file}: {type(problem).__name__}: {problem}")
    print(f"{len(files) - failed} of {len(files)} mails are well formed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
