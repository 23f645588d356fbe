"""Telephone numbers as they are kept (E.164) and as people write them."""

import phonenumbers


def spaced(number: str) -> str:
    """+506 2555 0147; a number of no known country stays as it is."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL).replace("-", " ")
