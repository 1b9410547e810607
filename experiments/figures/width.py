"""A figure saved at its printed width, with everything on it scaled accordingly."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from matplotlib.backends import backend_mixed, backend_pdf
from matplotlib.figure import Figure

# Neither package has type information.
PDF: Any = backend_pdf
MIXED: Any = backend_mixed

DOTS = 600
"""The resolution of raster pictures in dots per inch, as printers ask for."""


def save_as_wide(figure: Figure, path: Path, width: float, metadata: dict[str, Any] | None) -> None:
    """Save a figure at a width in inches, whatever width it was drawn at.

    Raises:
        OSError: the file cannot be written.
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
            file.width, file.height = drawn, height  # whatever is outside is cropped
            file.output(scale, 0, 0, scale, 0, 0, PDF.Op.concat_matrix)
            page = PDF.RendererPdf(file, 72, height, drawn)
            renderer = MIXED.MixedModeRenderer(figure, drawn, height, 72, page)
            figure.draw(renderer)
            renderer.finalize()
            file.finalize()
        finally:
            file.close()
