"""The rules that a dashboard has to keep: those of Grafana's dashboard-linter, without an exception, and two of our own.

Returns one line for each that is broken.
"""

import json
import re

UNITS = {"short", "percentunit", "dtdurations", "reqps", "s", "bytes", "dateTimeFromNow", "dateTimeAsIso"}
DESCRIBED = {"stat", "gauge", "table", "timeseries", "state-timeline"}
# Every metric with its selector, if it has one.
SELECTOR = re.compile(r"(\b[a-z_:][a-z0-9_:]*)?\{([^{}]*)\}")
METRIC = re.compile(r"\b(mdcloud_[a-z_]+|process_[a-z_]+|up|scrape_[a-z_]+)\b(?!\s*\()")


def lint(dashboard):
    problems = []

    def wrong(where, what):
        problems.append(f"{dashboard['title']}: {where}: {what}")

    variables(dashboard, wrong)
    if dashboard["editable"]:
        wrong("dashboard", "is editable")
    ids = [panel["id"] for panel in dashboard["panels"]]
    if len(ids) != len(set(ids)):
        wrong("dashboard", "two panels have one id")
    overlaps(dashboard["panels"], wrong)
    for panel in dashboard["panels"]:
        check_panel(panel, wrong)
    return problems


def variables(dashboard, wrong):
    by_name = {variable["name"]: variable for variable in dashboard["templating"]["list"]}
    source = by_name.get("datasource", {})
    if source.get("type") != "datasource" or source.get("query") != "prometheus" or source.get("label") != "Data source":
        wrong("variables", "no datasource variable labelled Data source")
    for name, label in (("job", "Job"), ("instance", "Instance")):
        variable = by_name.get(name)
        if variable is None or variable["type"] != "query" or not variable["multi"] or variable["allValue"] != ".+" or variable["label"] != label:
            wrong("variables", f"{name} is not a multi-value query variable with .+ for all, labelled {label}")
    for variable in by_name.values():
        if variable["type"] == "query":
            if variable["datasource"]["uid"] != "${datasource}":
                wrong(variable["name"], "another data source")
            if variable["refresh"] != 2:
                wrong(variable["name"], "is not read anew when the time range changes")


def overlaps(panels, wrong):
    taken = {}
    for panel in panels:
        at = panel["gridPos"]
        if at["x"] + at["w"] > 24:
            wrong(panel["title"], "leaves the grid")
        for x in range(at["x"], at["x"] + at["w"]):
            for y in range(at["y"], at["y"] + at["h"]):
                other = taken.setdefault((x, y), panel)
                if other is not panel:
                    wrong(panel["title"], f"overlaps {other['title']}")
                    return


def check_panel(panel, wrong):
    title = panel["title"]
    if panel["type"] not in DESCRIBED:
        return
    if not title or not panel.get("description"):
        wrong(title, "has no title, or no description")
    if panel["datasource"]["uid"] != "${datasource}":
        wrong(title, "another data source")
    if not panel["targets"]:
        wrong(title, "no query")
    defaults = panel["fieldConfig"]["defaults"]
    if defaults["unit"] not in UNITS:
        wrong(title, f"unit {defaults['unit']}")
    if defaults["noValue"] != "unknown":
        wrong(title, "does not say unknown")
    if not defaults["thresholds"]["steps"]:
        wrong(title, "no thresholds")
    for target in panel["targets"]:
        check_query(target["expr"], title, wrong)


def check_query(expr, title, wrong):
    for _, selector in SELECTOR.findall(expr):
        for matcher in ('job=~"$job"', 'instance=~"$instance"'):
            if matcher not in selector:
                wrong(title, f"a selector without {matcher}: {{{selector}}}")
    for found in METRIC.finditer(without_strings(expr)):
        name, rest = found.group(1), expr[found.end():]
        if not rest.lstrip().startswith("{"):
            wrong(title, f"{name} without a selector")
        before = expr[:found.start()].rstrip()
        if name.endswith("_total") and not re.search(r"\b(rate|irate|increase)\($", before):
            wrong(title, f"{name} is a counter, but not in rate or increase")
    for function, window in re.findall(r"\b(i?rate)\([^\[]*\[([^\]]*)\]", expr):
        if window != "$__rate_interval":
            wrong(title, f"{function} over {window}")


def without_strings(expr):
    return re.sub(r'"[^"]*"', lambda found: '"' + "_" * (len(found.group()) - 2) + '"', expr)


def thresholds_of_alerts(dashboards, rules):
    """The borders of the alerts are those of the pictures."""
    problems = []
    text = json.dumps(dashboards)
    for alert, borders in (("MDCloudQuotaHigh", ["0.80", "0.95"]), ("MDCloudQuotaCritical", ["0.95"]),
                           ("MDCloudKeyExpiresIn14Days", ["14 * 86400", "7 * 86400"])):
        block = rules.split(f"alert: {alert}\n", 1)[1].split("- alert:", 1)[0]
        for border in borders:
            value = eval(border, {"__builtins__": {}})  # a product of two numbers, of this file
            if border not in block or f'"value": {value}' not in text:
                problems.append(f"{alert}: {border} is not the border of both rule and picture")
    return problems
