"""Strings that somebody else chose, such as a file's name, made safe to print."""


def on_one_line(text: object) -> str:
    """Return a string or path on one line: its control characters are shown, not sent to the terminal."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in str(text))
