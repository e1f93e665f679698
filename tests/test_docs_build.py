"""`make docs` builds: no warning, nothing that a browser would fetch from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FETCHED = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc="([^"]*)"|<link\b[^>]*\bhref="([^"]*)"|"""
    r"""(?:@import\s+|url\()["']?((?:https?:)?//[^"')]*)""",
)


def test_the_documents_build_without_a_warning_and_stand_alone(tmp_path: Path) -> None:
    options = ("--fail-on-warning", "--keep-going", "--quiet", "--doctree-dir", str(tmp_path / "d"))
    command = (sys.executable, "-m", "sphinx", *options, "docs", str(tmp_path / "html"))
    build = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert build.returncode == 0, build.stderr
    made = [*(tmp_path / "html").rglob("*.html"), *(tmp_path / "html").rglob("*.css")]
    assert len(made) > 30
    for page in made:
        fetched = {a or b or c for a, b, c in FETCHED.findall(page.read_text("utf-8"))}
        assert not [url for url in fetched if re.match(r"(?:https?:)?//", url)], page.name
    labs = (tmp_path / "html" / "model" / "labs.html").read_text("utf-8")
    assert "<math " in labs
    assert "$$" not in labs
    assert "generated/evidence.html#evidence-residual-progress" in labs
