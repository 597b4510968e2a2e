"""Where examples come from: files, mirrors, drawn digits, splits, mini-batches and pictures."""
