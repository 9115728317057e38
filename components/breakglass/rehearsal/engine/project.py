"""A Pulumi project as its files say it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from breakglass.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Project:
    """What ``Pulumi.yaml`` says of a project that the rehearsal needs."""

    name: str
    root: Path
    """The folder of ``Pulumi.yaml``."""
    program: Path
    """The folder of ``__main__.py``: ``main``, or the root."""
    stacks: Path
    """The folder of the stack files: ``stackConfigDir``, or the root."""

    @classmethod
    def load(cls, root: Path) -> "Project":
        """Read ``Pulumi.yaml``; raises ``InvalidInput`` where it names no project."""
        file = root.resolve() / "Pulumi.yaml"
        if not file.is_file():
            raise InvalidInput("project", str(root), "a folder that holds Pulumi.yaml")
        try:
            document = yaml.safe_load(file.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise InvalidInput(str(file), str(error), "a plain YAML document") from error
        runtime = document.get("runtime") if isinstance(document, dict) else None
        language = runtime.get("name") if isinstance(runtime, dict) else runtime
        if language not in {None, "python"}:
            raise InvalidInput(f"{file}: runtime", language, "python: no other program is run here")
        if not isinstance(document, dict) or not document.get("name"):
            raise InvalidInput(str(file), document, "a mapping with the name of the project")
        return cls(
            name=document["name"],
            root=file.parent,
            program=file.parent / document.get("main", "."),
            stacks=file.parent / document.get("stackConfigDir", "."),
        )

    def demand_program(self) -> None:
        """Raise ``InvalidInput`` where there is no program to run."""
        if not self.program.is_dir():
            raise InvalidInput("main", str(self.program), "the folder of the program")
        if not (self.program / "__main__.py").is_file():  # Python would take one from elsewhere
            raise InvalidInput("main", str(self.program), "a folder with the program's __main__.py")

    def config(self, stack: str) -> dict[str, Any]:
        """Return the configuration of ``Pulumi.<stack>.yaml``, keys with their namespace.

        Raises ``InvalidInput`` for a stack without file and for an encrypted value: a rehearsal
        holds no passphrase.
        """
        file = self.stacks / f"Pulumi.{stack}.yaml"
        if not file.is_file():
            raise InvalidInput("stack", stack, f"a stack with a file {file.name} in {self.stacks}")
        config = (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("config") or {}
        for key, value in config.items():
            if isinstance(value, dict) and value.keys() == {"secure"}:
                raise InvalidInput(f"config {key}", "an encrypted value", "a value in the clear")
        return {key if ":" in key else f"{self.name}:{key}": v for key, v in config.items()}
