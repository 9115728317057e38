"""What a program declares, for tests of what is made of it: most ask for dozens of programs.

It is what the process of a check does, without the process. That is tested by itself, in
tests/checking/test_process.py.
"""

from collections.abc import Mapping
from pathlib import Path

from breakglass.checking.program import Recording, project_of, questions_of


def recorded(folder: Path, *stacks: str, config: Mapping[str, str] | None = None) -> Recording:
    """Record a program that does nothing but declare."""
    project = project_of(folder)
    questions = questions_of(project, stacks, config or {})
    answers = [one.answer() for one in questions]
    assert [one.failure for one in answers if one.failure] == []
    return Recording.of(project, questions, answers)
