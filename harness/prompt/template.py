"""A template file: its two blocks, what each of them reads, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

import jinja2
from jinja2 import nodes
from jinja2.meta import find_undeclared_variables
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

from harness.errors import Problem, TemplateError
from harness.schema import Message

Role = Literal["system", "user"]
ROLES: tuple[Role, Role] = ("system", "user")
_OF_RULEBOOK = frozenset({"preamble", "rules"})
_OF_CASE = frozenset({"message", "blocks", "slots"})


class Reads(NamedTuple):
    """What a block of a template reads: the same of that, and the block says the same."""

    rulebook: bool
    case: bool
    others: tuple[str, ...]
    """Names of the other variables."""


def _reads(template: nodes.Template, role: Role) -> Reads:
    found = next(block for block in template.find_all(nodes.Block) if block.name == role)
    alone = nodes.Template(found.body, lineno=1)
    alone.environment = template.environment
    names = find_undeclared_variables(alone)
    if any(name.name in {"self", "super"} for name in found.find_all(nodes.Name)):
        names |= VARIABLES  # it may hold another block
    others = tuple(sorted(names - _OF_RULEBOOK - _OF_CASE))
    return Reads(bool(names & _OF_RULEBOOK), bool(names & _OF_CASE), others)


class Template:
    """A prompt template: two blocks, `system` and `user`."""

    def __init__(self, path: Path) -> None:
        """Compile the template.

        Raises
        ------
        TemplateError
            The file is missing, its syntax is wrong, or one of the two blocks is absent.
        """
        self.path = path
        environment = SandboxedEnvironment(
            undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
        )
        try:
            source = path.read_text(encoding="utf-8")
            self._template = environment.from_string(source)
        except OSError as error:
            raise _template_error(
                path, None, f"cannot be read ({error.strerror}); templates are <id>.<language>.j2"
            ) from error
        except UnicodeDecodeError as error:
            raise _template_error(path, None, "is not UTF-8; save it as UTF-8") from error
        except jinja2.TemplateSyntaxError as error:
            raise _template_error(path, error.lineno, f"template syntax: {error.message}") from error
        missing = {"system", "user"} - set(self._template.blocks)
        if missing:
            raise _template_error(
                path, None, f"needs the blocks system and user; missing: {', '.join(sorted(missing))}"
            )
        self.reads: dict[Role, Reads] = {role: _reads(environment.parse(source), role) for role in ROLES}

    @property
    def template_id(self) -> str:
        """File name without its ending: `listwise.fr`."""
        return self.path.stem

    def render(self, variables: dict[str, object]) -> tuple[Message, Message]:
        """The system and the user message.

        Raises
        ------
        TemplateError
            The template asks for a variable that does not exist, or does what templates may not.
        """
        system, user = (self.render_block(role, variables) for role in ROLES)
        return system, user

    def render_block(self, role: Role, variables: dict[str, object]) -> Message:
        """One of the two; raises as `render` does."""
        try:
            context = self._template.new_context(variables)
            return Message(role=role, content=self._block(role, context))
        except jinja2.UndefinedError as error:
            known = ", ".join(sorted(variables))
            raise _template_error(self.path, None, f"{error.message}; the variables are {known}") from error
        except (jinja2.TemplateError, TypeError) as error:
            raise _template_error(self.path, None, f"cannot be rendered: {error}") from error

    def _block(self, name: str, context: Context) -> str:
        return "".join(self._template.blocks[name](context)).strip()


VARIABLES = frozenset(
    {
        *("preamble", "rules", "message", "blocks", "slots", "reply_form", "n_grades", "dimensions"),
        *("tie_word", "cases"),
    }
)
"""What a template may ask for; `tie_word`: pairwise; `reply_form`, `n_grades`, `dimensions`: the others.

`cases`: together; number, message, blocks, slots and reply_form of each case stand there instead.

A pointwise `reply_form` is None where the grade is read from token probabilities.
"""


def template_problems(path: Path) -> list[Problem]:
    """Everything that is wrong with a template, without rendering it: syntax, blocks, unknown variables."""
    try:
        Template(path)
    except TemplateError as error:
        return list(error.problems)
    tree = jinja2.Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
    unknown = sorted(find_undeclared_variables(tree) - VARIABLES)
    known = ", ".join(sorted(VARIABLES))
    return [Problem(path, None, name, f"no such variable; the variables are {known}") for name in unknown]


def _template_error(path: Path, line: int | None, message: str) -> TemplateError:
    return TemplateError([Problem(path, line, "", message)])
