"""The prompts: files of prose whose first line names their version, which every exchange is kept with."""

from dataclasses import dataclass
from importlib.resources import files

_VERSION = "version: "


@dataclass(frozen=True)
class Prompt:
    """A text and its version: the number rises with every change that a model could notice."""

    name: str
    version: str
    text: str

    @property
    def title(self) -> str:
        return f"{self.name} v{self.version}"


def read_prompt(name: str) -> Prompt:
    """The file prompts/{name}.md."""
    whole = files("agent_graph.analysts.llm").joinpath(f"prompts/{name}.md").read_text(encoding="utf-8")
    first, _, text = whole.partition("\n")
    assert first.startswith(_VERSION), f"prompts/{name}.md does not begin with its version"
    return Prompt(name, first.removeprefix(_VERSION).strip(), text.lstrip("\n"))
