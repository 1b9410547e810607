"""What a figure must be for who looks at it."""

from __future__ import annotations

from itertools import combinations

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure


def panels(figure: Figure) -> list[Axes]:
    return [axes for axes in figure.axes if axes.axison]


def assert_legible(figure: Figure) -> None:
    """No two labels in bold touch each other, and none is cut off."""
    figure.canvas.draw()
    whole = figure.bbox
    for axes in panels(figure):
        boxes = [t.get_window_extent() for t in axes.texts if t.get_fontweight() == "bold" and t.get_text()]
        for one, two in combinations(boxes, 2):
            assert not one.padded(-1).overlaps(two.padded(-1))
        for box in boxes:
            assert box.x0 >= whole.x0 - 1
            assert box.x1 <= whole.x1 + 1
            assert box.y0 >= whole.y0 - 1
    plt.close(figure)
