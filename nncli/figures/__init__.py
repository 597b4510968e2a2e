"""Pictures, drawn with matplotlib."""

FORMATS = (".png", ".svg", ".pdf")
"""Suffixes of the files that a figure can be written to."""
