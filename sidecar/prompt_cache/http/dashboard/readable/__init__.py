"""What was asked and what was answered, as people read it: bubbles of blocks, whatever the provider's shape.

Nothing here is HTML. A text is a text, and what could change how others are read is shown as what it is.
"""

from .answers import read_response
from .messages import Block, Bubble, Readable, read_request
from .texts import decoded, folded, pretty, shown

__all__ = ["Block", "Bubble", "Readable", "decoded", "folded", "pretty", "read_request", "read_response", "shown"]
