"""Grafana's panels and variables, as far as these dashboards need them: each function returns what stands in the JSON.

A panel has a title, a description, a unit, and thresholds where a colour means something. What is not known is shown as
"unknown", never as 0.
"""

# As Grafana calls them.
PANELS = {"alertlist": "Alert list", "gauge": "Gauge", "stat": "Stat", "state-timeline": "State timeline", "table": "Table", "timeseries": "Time series"}
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}

GREEN, YELLOW, RED = "green", "yellow", "red"
# Those of the alerts MDCloudQuotaHigh and MDCloudQuotaCritical.
SHARE = [(None, GREEN), (0.80, YELLOW), (0.95, RED)]
# Those of MDCloudKeyExpiresIn14Days and ...7Days, in seconds.
EXPIRY = [(None, RED), (7 * 86400, YELLOW), (14 * 86400, GREEN)]
# Of a duration: "6 days, 12 hours" instead of "6 days".
TWO_PARTS = 1
NONE = [(None, "text")]
ANY_IS_BAD = [(None, GREEN), (1, RED)]


def target(expr, legend="", *, table=False, ref="A"):
    one = {"datasource": DATASOURCE, "expr": expr, "refId": ref, "legendFormat": legend}
    if table:
        one.update({"format": "table", "instant": True, "range": False})
    return one


def targets(*queries, table=False):
    return [target(expr, legend, table=table, ref=chr(ord("A") + i)) for i, (expr, legend) in enumerate(queries)]


def thresholds(steps):
    return {"mode": "absolute", "steps": [{"value": value, "color": color} for value, color in steps]}


def ranges(*steps):
    """Value mappings: (from, to, text, colour), None for no border."""
    return [
        {
            "type": "range",
            "options": {"from": low, "to": high, "result": {"text": text, "color": color, "index": index}},
        }
        for index, (low, high, text, color) in enumerate(steps)
    ]


def texts(**named):
    return [{"type": "value", "options": {value.lstrip("v"): {"text": text, "color": color, "index": i}
                                          for i, (value, (text, color)) in enumerate(named.items())}}]


# How far away the end of a licence is that has none: queries.EXPIRES_IN.
NEVER = ranges((1e9, None, "never", GREEN))


def panel(kind, title, description, queries, *, unit="short", steps=NONE, decimals=None, mappings=None, links=None,
          custom=None, options=None, overrides=None, transformations=None, minimum=None, maximum=None, interval=None,
          points=None, color=None):
    defaults = {"unit": unit, "thresholds": thresholds(steps), "mappings": mappings or [], "noValue": "unknown",
                "color": color or {"mode": "thresholds"}}
    if unit == "dtdurations" and decimals is None:
        decimals = TWO_PARTS
    for name, value in (("decimals", decimals), ("min", minimum), ("max", maximum), ("custom", custom), ("links", links)):
        if value is not None:
            defaults[name] = value
    made = {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": DATASOURCE,
        "targets": queries,
        "fieldConfig": {"defaults": defaults, "overrides": overrides or []},
        "options": options or {},
    }
    if transformations:
        made["transformations"] = transformations
    if interval:
        made["interval"] = interval
    if points:
        made["maxDataPoints"] = points
    return made


def stat(title, description, *queries, named=False, **more):
    """`queries`: (expression, legend); `named`: the legend stands beside the value."""
    options = {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "colorMode": "value",
               "graphMode": "none", "textMode": "value_and_name" if named else "auto", "justifyMode": "center", "orientation": "auto", "wideLayout": True,
               "showPercentChange": False, "percentChangeColorMode": "standard"}
    asked = targets(*queries)
    for one in asked:
        one.update({"instant": True, "range": False})
    return panel("stat", title, description, asked, options=options, **more)


def gauge(title, description, query, **more):
    options = {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "showThresholdLabels": False,
               "showThresholdMarkers": True, "orientation": "auto", "sizing": "auto", "minVizWidth": 75, "minVizHeight": 75}
    return panel("gauge", title, description, targets(query), options=options, **more)


def lines(title, description, *queries, bars=False, at_thresholds=False, stacked=False, **more):
    custom = {
        "drawStyle": "bars" if bars else "line",
        "fillOpacity": 60 if bars else 8,
        "lineWidth": 1,
        "showPoints": "never",
        "spanNulls": False,
        "thresholdsStyle": {"mode": "line+area" if at_thresholds else "off"},
        "stacking": {"mode": "normal" if stacked else "none", "group": "A"},
    }
    options = {"legend": {"showLegend": True, "displayMode": "table", "placement": "bottom", "calcs": ["lastNotNull", "max"]},
               "tooltip": {"mode": "multi", "sort": "desc"}}
    return panel("timeseries", title, description, targets(*queries), custom=custom, options=options, color={"mode": "palette-classic"},
                 **more)


def timeline(title, description, *queries, **more):
    custom = {"fillOpacity": 80, "lineWidth": 0}
    options = {"mergeValues": True, "showValue": "auto", "rowHeight": 0.8, "legend": {"showLegend": True, "displayMode": "list", "placement": "bottom", "calcs": []},
               "tooltip": {"mode": "single", "sort": "none"}}
    return panel("state-timeline", title, description, targets(*queries), custom=custom, options=options, **more)


def column(name, **properties):
    """An override of a table's column."""
    if properties.get("unit") == "dtdurations":
        properties.setdefault("decimals", TWO_PARTS)
    return {"matcher": {"id": "byName", "options": name},
            "properties": [{"id": key.replace("__", "."), "value": value} for key, value in properties.items()]}


def table(title, description, columns, *, labels, overrides, sort=None, **more):
    """`columns`: (name, query) of queries that return exactly `labels`; Grafana's merge makes one row of each set of them."""
    queries = targets(*[(expr, name) for name, expr in columns], table=True)
    names = {f"Value #{query['refId']}": name for query, (name, _) in zip(queries, columns)}
    # So the values are called where one query alone has an answer.
    names["Value"] = columns[0][0]
    order = {name: i for i, name in enumerate([*labels, *names])}
    transformations = [
        {"id": "merge", "options": {}},
        {"id": "organize", "options": {"excludeByName": {"Time": True}, "indexByName": order, "renameByName": names}},
    ]
    options = {"cellHeight": "sm", "showHeader": True, "frameIndex": 0, "footer": {"show": False, "reducer": []},
               "sortBy": [{"displayName": sort, "desc": True}] if sort else []}
    return panel("table", title, description, queries, options=options, overrides=overrides, transformations=transformations,
                 custom={"align": "auto", "filterable": True, "inspect": False}, **more)


def alerts(title, description):
    return {
        "type": "alertlist",
        "title": title,
        "description": description,
        "options": {"alertName": "MDCloud", "alertInstanceLabelFilter": "", "dashboardAlerts": False, "groupMode": "default", "groupBy": [], "maxItems": 20, "sortOrder": 3,
                    "stateFilter": {"firing": True, "pending": True, "noData": False, "normal": False, "error": True},
                    "viewMode": "list"},
    }


def row(title, *, repeat=None, collapsed=False):
    made = {"type": "row", "title": title, "collapsed": collapsed, "panels": []}
    if repeat:
        made["repeat"] = repeat
    return made


def query_variable(name, label, query, *, hide=0):
    return {
        "type": "query",
        "name": name,
        "label": label,
        "datasource": DATASOURCE,
        "query": {"query": query, "refId": name},
        "definition": query,
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".+",
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
        "options": [],
        "hide": hide,
    }


def variables(*, hide_instance, with_api=True):
    made = [
        {"type": "datasource", "name": "datasource", "label": "Data source", "query": "prometheus", "current": {"text": "default", "value": "default"}, "hide": 0,
         "options": [], "refresh": 1, "regex": ""},
        query_variable("job", "Job", "label_values(mdcloud_exporter_build_info, job)"),
        query_variable("instance", "Instance", 'label_values(mdcloud_exporter_build_info{job=~"$job"}, instance)',
                       hide=2 if hide_instance else 0),
        query_variable("key", "Key", 'label_values(mdcloud_up{job=~"$job",instance=~"$instance"}, key)'),
    ]
    if with_api:
        made.append(query_variable(
            "api", "API", 'label_values(mdcloud_quota_used{job=~"$job",instance=~"$instance",key=~"$key"}, api)'))
    return made


def place(sized):
    """Puts (panel, width, height) side by side, 24 wide, and numbers them; a list of panels stands one below the other."""
    x = y = row_height = 0
    placed = []
    for one, width, height in sized:
        if x + width > 24:
            x, y, row_height = 0, y + row_height, 0
        stacked = one if isinstance(one, list) else [one]
        each = height // len(stacked)
        for i, panel_of_it in enumerate(stacked):
            placed.append({**panel_of_it, "id": len(placed) + 1, "gridPos": {"x": x, "y": y + i * each, "w": width, "h": each}})
        x, row_height = x + width, max(row_height, height)
    return placed


def dashboard(uid, title, description, sized, *, template, annotations=(), refresh="1m", start="now-24h"):
    placed = place(sized)
    kinds = sorted({one["type"] for one in placed} - {"row"})
    return {
        # Nothing to be asked for at an import: the data source is a variable. An input would not be filled in by provisioning.
        "__inputs": [],
        "__requires": [{"type": "grafana", "id": "grafana", "name": "Grafana", "version": "10.0.0"},
                       {"type": "datasource", "id": "prometheus", "name": "Prometheus", "version": "1.0.0"},
                       *[{"type": "panel", "id": kind, "name": PANELS[kind], "version": ""} for kind in kinds]],
        "id": None,
        "uid": uid,
        "title": title,
        "description": description,
        "tags": ["metadefender-cloud"],
        "editable": False,
        "graphTooltip": 1,
        "refresh": refresh,
        "schemaVersion": 38,
        "time": {"from": start, "to": "now"},
        "timezone": "",
        "timepicker": {"refresh_intervals": ["30s", "1m", "5m", "15m"]},
        "templating": {"list": template},
        "annotations": {"list": list(annotations)},
        "links": [{"type": "dashboards", "title": "MetaDefender Cloud", "tags": ["metadefender-cloud"], "asDropdown": True,
                   "includeVars": True, "keepTime": True, "targetBlank": False, "icon": "external link", "tooltip": "", "url": ""}],
        "panels": placed,
    }
