# `just` lists the recipes; `just ci` is what must pass before a change is merged.

_default:
    @just --list

# The service with the configuration of this folder; without one, mail goes to a folder.
run *arguments:
    cargo run -- serve {{ arguments }}

# The whole service with sample papers and readers; no mail leaves.
demo *arguments:
    cargo run -- demo {{ arguments }}

# All tests. Without PostgreSQL's server programs its half is skipped, or fails when CI is set.
test *arguments:
    cargo test --locked {{ arguments }}

# Formatting and lints, with warnings as errors.
lint:
    cargo fmt --check
    cargo clippy --locked --all-targets -- -D warnings

# The documentation of every room; a broken link is an error.
docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items

# Advisories, licences, banned crates and origins of the dependencies.
deny:
    cargo deny --locked check

# Photographs a sample digest for the README; needs Chromium, and Python with Pillow.
picture: && _photograph
    rm -rf target/picture
    cargo run -- demo --once --now 2026-01-09T06:00:00Z --out target/picture

_photograph:
    #!/usr/bin/env python3
    import email, email.policy, pathlib, subprocess
    from PIL import Image
    folder = pathlib.Path("target/picture")
    for file in sorted(folder.glob("*.eml")):
        mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        if "lea.brandt@" in mail["To"] and mail["List-Id"]:
            page = folder / "digest.html"
            page.write_text(mail.get_body(("html",)).get_content(), encoding="utf-8")
            break
    else:
        raise SystemExit("no digest for lea.brandt@ in target/picture")
    raw, picture = folder / "digest.png", pathlib.Path("docs/images/digest.png")
    subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                    "--no-first-run", f"--user-data-dir={folder.resolve() / 'profile'}", "--hide-scrollbars",
                    "--force-device-scale-factor=2", "--window-size=680,1100", f"--screenshot={raw.resolve()}",
                    page.resolve().as_uri()], check=True)
    # A page of few colours: a palette takes a third of the bytes and shows no difference.
    picture.parent.mkdir(parents=True, exist_ok=True)
    Image.open(raw).convert("RGB").quantize(colors=128, dither=Image.Dither.NONE).save(picture, optimize=True)

# Everything that must pass.
ci: lint test docs deny
