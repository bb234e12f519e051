"""Pictures for papers: fonts that a machine may have, and how a figure becomes a PNG."""

import io
from typing import Any, Final

from matplotlib.font_manager import fontManager

_FAMILIES: Final = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "SimHei", "WenQuanYi Micro Hei",
    "DejaVu Sans",
)  # fmt: skip
_KNOWN: Final = set(fontManager.get_font_names())
FAMILIES: Final = tuple(name for name in _FAMILIES if name in _KNOWN)
"""Those that the machine has draw the words; the last comes with the library."""


def png_of(figure: Any) -> bytes:
    """A figure of matplotlib without the empty margin around it."""
    content = io.BytesIO()
    figure.savefig(content, format="png", bbox_inches="tight", pad_inches=0.08)
    return content.getvalue()
