"""A Typer hello world: what `story --version` and `story --help` are held against."""

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def hello() -> None:
    """Say hello."""
    typer.echo("Hello")


app()
