"""How Sphinx builds the documentation: without a network, from the pages here and from the current code."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

project = "plandrift"
author = copyright = "the plandrift authors"
release = version = installed("plandrift")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "docs.making.site"]
exclude_patterns = ["made", "making", "**/__pycache__"]
myst_enable_extensions = ["dollarmath", "deflist", "colon_fence", "attrs_block"]
myst_heading_anchors = 3

default_role = "code"  # docstrings put code between single backticks
napoleon_use_ivar = True
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_default_options = {"exclude-members": "__new__"}
python_display_short_literal_types = True
pygments_style, pygments_dark_style = "a11y-high-contrast-light", "a11y-high-contrast-dark"

html_theme = "furo"
html_title = f"plandrift {release}"
html_static_path = ["styles"]
html_css_files = ["plandrift.css"]
html_math_renderer = "mathml"
html_copy_source = html_show_sourcelink = html_domain_indices = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#00597f", "color-brand-content": "#00597f"},
    "dark_css_variables": {"color-brand-primary": "#7cc7ee", "color-brand-content": "#7cc7ee"},
}
