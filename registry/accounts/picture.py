"""A QR code as one SVG path, for the phone's enrolment. (The seal's own drawing is seals/qr.py, a room above.)"""

import qrcode


def path(text: str) -> tuple[int, str]:
    """The side in modules, with its quiet zone of four, and the path that draws the dark ones."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=4)
    code.add_data(text)
    code.make(fit=True)
    matrix = code.get_matrix()
    drawn = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark)
    return len(matrix), drawn
