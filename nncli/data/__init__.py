"""The data: files, downloads, generated digits, splits, mini-batches and image files."""
