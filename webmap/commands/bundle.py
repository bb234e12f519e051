"""`onemap bundle`: everything an installation needs in one file, for a closed network."""

import shutil
from pathlib import Path

import click

import webmap
from webmap.bundle import write_bundle
from webmap.console import Console, json_option, pass_console
from webmap.static_files import vendor_dir


@click.command("bundle", help="help.bundle")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--packages/--no-packages", default=None, help="help.bundle.packages")
@json_option
@pass_console
def command(console: Console, file: Path, *, packages: bool | None, as_json: bool) -> None:
    if packages is None:
        packages = shutil.which("apt-get") is not None
    manifest = write_bundle(
        Path(webmap.__path__[0]).parent,
        vendor_dir(console.settings),
        file,
        with_packages=packages,
        on_step=console.say,
    )
    size_mb = file.stat().st_size // 1024**2
    console.answer(
        {"file": str(file), "size_bytes": file.stat().st_size, **manifest},
        as_json=as_json,
        lines=[console.text("bundle.written", path=file, size_mb=size_mb)],
    )
