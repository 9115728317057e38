"""One figure that was measured, and what it has to be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """``at_most`` and ``at_least`` are the floor; without either the figure only informs."""

    what: str
    measured: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the floor is kept; nothing is missed where there is none."""
        return (self.at_most is None or self.measured <= self.at_most) and (
            self.at_least is None or self.measured >= self.at_least
        )

    @property
    def floor(self) -> str:
        """The floor as it is shown, empty without one."""
        if self.at_most is not None:
            return f"<= {shown(self.at_most)}"
        return "" if self.at_least is None else f">= {shown(self.at_least)}"


def shown(number: float) -> str:
    """Write a number with three digits or more, none of them for show."""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"
