"""A figure saved as wide as it is to be printed: all that is drawn shrinks or grows with it."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from matplotlib.backends import backend_mixed, backend_pdf
from matplotlib.figure import Figure

# Neither has types.
PDF: Any = backend_pdf
MIXED: Any = backend_mixed

DOTS = 600
"""Dots an inch of a picture in dots, as printers ask for."""


def save_as_wide(figure: Figure, path: Path, width: float, metadata: dict[str, Any] | None) -> None:
    """Save a figure so many inches wide, whatever it was drawn at.

    Raises:
        OSError: it cannot be written.
    """
    drawn, height = figure.get_size_inches()
    scale = width / drawn
    if path.suffix == ".png":
        figure.savefig(path, dpi=DOTS * scale, pil_kwargs={"dpi": (DOTS, DOTS)})
    elif path.suffix == ".svg":
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata=metadata)
        size = f'width="{width * 72:g}pt" height="{height * scale * 72:g}pt"'
        path.write_text(re.sub(r'width="[\d.]+pt" height="[\d.]+pt"', size, text.getvalue(), count=1))
    else:
        figure.set_dpi(72)
        file = PDF.PdfFile(path, metadata=metadata)
        try:
            file.newPage(width, height * scale)
            file.width, file.height = drawn, height  # what is outside these is left out
            file.output(scale, 0, 0, scale, 0, 0, PDF.Op.concat_matrix)
            page = PDF.RendererPdf(file, 72, height, drawn)
            renderer = MIXED.MixedModeRenderer(figure, drawn, height, 72, page)
            figure.draw(renderer)
            renderer.finalize()
            file.finalize()
        finally:
            file.close()
