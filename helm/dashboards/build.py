#!/usr/bin/env python3
"""Makes the three dashboards: build.py [FOLDER], by default the chart's files/dashboards. Python 3.9, nothing else."""

import json
import pathlib
import sys

import exporter
import key
import quotas

CHART = pathlib.Path(__file__).parent.parent / "mdcloud-exporter" / "files" / "dashboards"


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else CHART
    folder.mkdir(parents=True, exist_ok=True)
    for module in (quotas, key, exporter):
        made = module.build()
        (folder / f"{made['uid']}.json").write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
