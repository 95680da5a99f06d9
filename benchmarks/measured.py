"""What one side did in one round."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """Pages that loaded and were pictured, and how long it took from the first to the last."""

    pages: int
    seconds: float

    @property
    def a_minute(self) -> float:
        return 60 * self.pages / self.seconds
