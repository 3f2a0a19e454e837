"""Cells of CSV files that a spreadsheet must not take for formulas. Pure.

A cell that begins like a formula is one to Excel, LibreOffice and Google Sheets, and can call
programs or send what stands beside it elsewhere (OWASP, "CSV Injection"). An apostrophe in front
makes it text; ours come back as they were.
"""

_STARTS = "=+-@\t\r\n"


def escape(cell: str) -> str:
    """A cell that is text to every spreadsheet."""
    return f"'{cell}" if _is_formula(cell) else cell


def unescape(cell: str) -> str:
    """What ``escape`` was given."""
    return cell[1:] if cell[:1] == "'" and _is_formula(cell[1:]) else cell


def _is_formula(cell: str) -> bool:
    """Whether it begins one, behind any apostrophes: those must come back as well."""
    return cell.lstrip("'")[:1] in tuple(_STARTS)
