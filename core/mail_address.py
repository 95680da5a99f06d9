"""E-mail addresses, as far as mail of ours goes to them."""

import re
from email.headerregistry import Address, HeaderRegistry

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# What a browser takes for an address (HTML's `input type=email`), with a domain of at least two parts.
_ADDRESS = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})+")
_MAX_LENGTH = 255


def valid_address(text: str) -> bool:
    """Whether the text is one plain address, `name@host.example`, that can stand in a header as it is."""
    return len(text) <= _MAX_LENGTH and _ADDRESS.fullmatch(text) is not None


def parse_sender(text: str) -> Address:
    """`Coverage Report <reports@example.com>`, or the address alone. Raises ValueError for anything else."""
    if text.isprintable():
        header = HeaderRegistry()("From", text)
        addresses: tuple[Address, ...] = getattr(header, "addresses", ())
        if len(addresses) == 1 and not header.defects:
            return addresses[0]
    raise ValueError("it is not an address like Coverage Report <reports@example.com>")
