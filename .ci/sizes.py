"""Size ceilings: modules of at most 400 lines, functions of at most 60; exceptions carry a reason."""

import ast
import sys
from pathlib import Path

MODULE_LINES = 400
FUNCTION_LINES = 60
ROOT = Path(__file__).resolve().parents[1]
EXCEPTIONS: dict[str, str] = {}


def code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function without its docstring."""
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (node.end_lineno or 0) - node.lineno + 1 - docstring


def faults(path: Path) -> list[str]:
    """List what is too long in a file."""
    text = path.read_text()
    name = path.relative_to(ROOT).as_posix()
    found = []
    if text.count("\n") > MODULE_LINES:
        found.append(f"{name}: {text.count(chr(10))} lines, at most {MODULE_LINES}")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and code_lines(node) > FUNCTION_LINES:
            found.append(
                f"{name}:{node.lineno}: {node.name} has {code_lines(node)} lines, at most {FUNCTION_LINES}"
            )
    return [f for f in found if not any(f.startswith(e) for e in EXCEPTIONS)]


def main() -> int:
    """Check every Python file of the project."""
    roots = [ROOT / name for name in ("libs", "services", "tests", "deploy", ".ci")]
    files = [p for r in roots if r.exists() for p in sorted(r.rglob("*.py")) if "_pb2" not in p.name]
    found = [fault for path in files for fault in faults(path)]
    print("\n".join(found))  # noqa: T201 - a report for people
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
