"""nightdesk bench: measured figures, each with its reference of the same run."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from backend.commands.options import Json

if TYPE_CHECKING:
    from backend.bench.kinds import Row

app = typer.Typer()


@app.command()
def bench(
    names: Annotated[
        list[str] | None, typer.Argument(help="intake, investigate, logs, redact, live, start, memory; default all.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Tiny sizes: shows that it works, measures nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Measure this machine's Nightdesk, on instances of its own. Takes some minutes; stop other work first."""
    import asyncio
    import json
    import os
    import time

    from backend.bench import load, registry
    from backend.errors import Invalid

    unknown = sorted(set(names or ()) - set(registry.NAMES))
    if unknown:
        raise Invalid(f"There is no benchmark {unknown[0]!r}; there are {', '.join(registry.NAMES)}.")
    results: list[dict[str, Any]] = []
    for name in names or registry.NAMES:
        benchmark = registry.load(name)
        if not as_json:
            typer.echo(f"\n{name}: {benchmark.about}")
        started = time.monotonic()
        rows = asyncio.run(benchmark.run(benchmark.quick if quick else benchmark.full))
        if not as_json:
            for row in rows:
                typer.echo(_line(row))
        results.append(
            {"name": name, "seconds": round(time.monotonic() - started, 1), "rows": [row.document() for row in rows]}
        )
    if as_json:
        machine = {"cores": os.cpu_count(), "client": load.CLIENT}
        typer.echo(json.dumps({"machine": machine, "quick": quick, "benchmarks": results}))


def _line(row: "Row") -> str:
    text = f"  {row.measured.what}: {_number(row.measured.value)} {row.measured.unit}"
    if row.reference is not None and row.ratio is not None:
        text += f" | {row.reference.what}: {_number(row.reference.value)} {row.reference.unit} | ratio {row.ratio:.1%}"
    if row.goal is not None:
        text += f" | goal {row.goal.text}: {'met' if row.met else 'NOT MET'}"
    return text


def _number(value: float) -> str:
    return f"{value:,.2f}" if value < 100 else f"{value:,.0f}"
