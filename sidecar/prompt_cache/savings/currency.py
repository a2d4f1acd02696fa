"""The currency in which people read money. Everything is counted in US dollars."""

from typing import Annotated

import msgspec

_DOLLAR = "USD"


class Currency(msgspec.Struct, frozen=True):
    """A currency, and how much of it one US dollar is."""

    code: str = _DOLLAR
    """ISO 4217."""
    rate: float = 1.0

    @property
    def is_dollar(self) -> bool:
        return self.code == _DOLLAR


class CurrencySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same, as it is configured."""

    code: str = _DOLLAR
    rate: Annotated[float, msgspec.Meta(gt=0, le=1e9)] | None = None

    @property
    def currency(self) -> Currency:
        return Currency(self.code, 1.0 if self.rate is None else self.rate)

    @property
    def fault(self) -> str | None:
        """What keeps it from being meant: the field, and a sentence for people."""
        if self.code == _DOLLAR:
            return None if self.rate in (None, 1) else "rate: a US dollar is 1 US dollar; name another `code`"
        from babel.numbers import is_currency  # only who sets another currency waits for it

        if not is_currency(self.code):
            return f"code: {self.code} is no ISO 4217 code, such as EUR"
        if self.rate is None:
            return f"rate: say how many {self.code} one US dollar is, such as 0.92"
        return None
