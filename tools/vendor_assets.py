"""Copy the pinned files of package.json from node_modules into static/ and write their hashes to static/vendor/MANIFEST.json.

Usage: `npm ci && python tools/vendor_assets.py` refreshes; `python tools/vendor_assets.py --check` only compares (needs no Node).
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
STATIC = ROOT / "static"
MANIFEST = STATIC / "vendor" / "MANIFEST.json"

BRICOLAGE = "@fontsource-variable/bricolage-grotesque"
ATKINSON = "@fontsource-variable/atkinson-hyperlegible-next"
MONO = "@fontsource/atkinson-hyperlegible-mono"
NOTO = "@expo-google-fonts/noto-sans"

# Target below static/ -> (package, file in the package).
FILES: dict[str, tuple[str, str]] = {
    "vendor/bootstrap/bootstrap.min.css": ("bootstrap", "dist/css/bootstrap.min.css"),
    "vendor/bootstrap/LICENSE": ("bootstrap", "LICENSE"),
    "vendor/htmx/htmx.min.js": ("htmx.org", "dist/htmx.min.js"),
    "vendor/htmx/LICENSE": ("htmx.org", "LICENSE"),
    "vendor/jsqr/jsQR.js": ("jsqr", "dist/jsQR.js"),
    "vendor/jsqr/LICENSE": ("jsqr", "LICENSE"),
    "vendor/fonts/LICENSE-bricolage-grotesque": (BRICOLAGE, "LICENSE"),
    "vendor/fonts/LICENSE-atkinson-hyperlegible-next": (ATKINSON, "LICENSE"),
    "vendor/fonts/LICENSE-atkinson-hyperlegible-mono": (MONO, "LICENSE"),
    "fonts_pdf/NotoSans-Regular.ttf": (NOTO, "400Regular/NotoSans_400Regular.ttf"),
    "fonts_pdf/NotoSans-Bold.ttf": (NOTO, "700Bold/NotoSans_700Bold.ttf"),
    "fonts_pdf/LICENSE": (NOTO, "LICENSE_FONT"),
}
for package, stem in (
    (BRICOLAGE, "bricolage-grotesque-{}-wght-normal.woff2"),
    (ATKINSON, "atkinson-hyperlegible-next-{}-wght-normal.woff2"),
    (MONO, "atkinson-hyperlegible-mono-{}-600-normal.woff2"),
):
    for subset in ("latin", "latin-ext"):
        name = stem.format(subset)
        FILES[f"vendor/fonts/{name}"] = (package, f"files/{name}")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def copy_all() -> dict[str, dict[str, str]]:
    """Copy every file; returns the manifest, by target in sorted order."""
    manifest = {}
    for target, (package, inside) in sorted(FILES.items()):
        source = MODULES / package / inside
        destination = STATIC / target
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, destination)
        version = json.loads((MODULES / package / "package.json").read_text())["version"]
        manifest[target] = {"package": f"{package}@{version}", "sha256": sha256(destination)}
    return manifest


def faults() -> list[str]:
    """A sentence for each file that is missing, changed, or present without an entry."""
    manifest = json.loads(MANIFEST.read_text())
    found = []
    for target, entry in manifest.items():
        path = STATIC / target
        if not path.is_file():
            found.append(f"{target} is missing")
        elif sha256(path) != entry["sha256"]:
            found.append(f"{target} differs from {entry['package']}")
    for folder in ("vendor", "fonts_pdf"):
        for path in sorted((STATIC / folder).rglob("*")):
            target = path.relative_to(STATIC).as_posix()
            if path.is_file() and path != MANIFEST and target not in manifest:
                found.append(f"{target} has no entry in the manifest")
    return found


def main(arguments: list[str]) -> int:
    if "--check" not in arguments:
        manifest = copy_all()
        MANIFEST.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    problems = faults()
    for problem in problems:
        sys.stdout.write(problem + "\n")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
