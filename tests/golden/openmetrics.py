#!/usr/bin/python3
"""Compares expositions in both formats, with the parsers of Python's prometheus_client.

For every file NAME.prom in the directory given there must be NAME.openmetrics with the same samples. Prints what is
wrong, a line each, then how many samples were compared.
"""
import pathlib
import sys

from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client import parser as text


def samples(families):
    found = {}
    for family in families:
        for sample in family.samples:
            labels = dict(sample.labels)
            for bound in ("le", "quantile"):
                if bound in labels:
                    labels[bound] = float(labels[bound])
            found[sample.name, tuple(sorted(labels.items()))] = (family.name, family.type, family.documentation, sample.value)
    return found


def main(directory):
    compared = 0
    for path in sorted(pathlib.Path(directory).glob("*.prom")):
        try:
            ours = samples(openmetrics.text_string_to_metric_families(path.with_suffix(".openmetrics").read_text()))
        except ValueError as error:
            print(f"{path.stem}: {error}")
            continue
        wanted = samples(text.text_string_to_metric_families(path.read_text()))
        for sample in sorted(set(ours) ^ set(wanted), key=str):
            print(f"{path.stem}: only in one of both: {sample}")
        for sample in sorted(set(ours) & set(wanted), key=str):
            # The parser of the text format takes "_total" off a counter, too.
            if ours[sample] != wanted[sample]:
                print(f"{path.stem}: {sample}: {ours[sample]} is not {wanted[sample]}")
        compared += len(wanted)
    print(compared)


main(sys.argv[1])
