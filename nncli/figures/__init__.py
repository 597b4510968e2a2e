"""Figures, drawn with matplotlib."""

FORMATS = (".png", ".svg", ".pdf")
"""The suffixes of the formats that a figure can be written in."""
