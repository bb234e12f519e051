"""`python -m webmap.build_assets`: makes the browser libraries current, where the server looks."""

import argparse
import sys
from pathlib import Path

from gis.settings import load_settings
from webmap.static_files import vendor_dir
from webmap.vendor import build


def main() -> None:
    """Builds into `--target`, else into the folder the settings lead to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", type=Path, help="folder to fill")
    target = parser.parse_args().target or vendor_dir(load_settings())
    if build(target):
        sys.stderr.write(f"built: {target}\n")


if __name__ == "__main__":
    main()
