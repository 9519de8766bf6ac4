"""MetaDefender Cloud / Quotas: is any key about to fail?"""

from panels import (ANY_IS_BAD, EXPIRY, GREEN, RED, SHARE, YELLOW, alerts, column, dashboard, lines, ranges, row, stat, table, timeline,
                    variables)
import queries as q

STATES = ranges(
    (None, -0.5, "unknown", "#808080"),
    (-0.5, 0.5, "below 50 %", GREEN),
    (0.5, 0.7999999, "50 to 80 %", "super-light-green"),
    (0.8, 0.9499999, "80 to 95 %", YELLOW),
    (0.95, 0.9999999, "95 % and more", "orange"),
    (1, None, "exhausted", RED),
)
DRILL_DOWN = [{
    "title": "This key and API",
    "url": "/d/mdcloud-key?var-key=${__data.fields.key}&var-api=${__data.fields.api}&${datasource:queryparam}&${job:queryparam}&${__url_time_range}",
}]


def build():
    tile = (3, 4)
    return dashboard(
        "mdcloud-quotas", "MetaDefender Cloud / Quotas", "Whether any MetaDefender Cloud apikey is about to run out of quota, to expire, or is rejected.",
        [
            (stat("Keys", "Apikeys that are watched.", f"count(max by (key) (mdcloud_up{{{q.KEY}}})) or vector(0)"), *tile),
            (stat("Fullest quota", "The largest share of a quota that is used, of all keys and APIs. Yellow from 80 %, red from 95 %, as the alerts are.",
                  f"max({q.SHARE})", unit="percentunit", steps=SHARE, decimals=1), *tile),
            (stat("Exhausted quotas", "Quotas with nothing left in their window.", f"count({q.REMAINING} <= 0) or vector(0)", steps=ANY_IS_BAD), *tile),
            (stat("First to run out in", "When the first quota is used up at the pace of the last hour. Unknown while nothing is used.",
                  f"min(({q.RUNS_OUT_IN}) > 0)", unit="dtdurations", steps=[(None, RED), (3600, YELLOW), (4 * 3600, GREEN)]), *tile),
            (stat("Next reset in", "When the next quota window ends. Unknown while the service has not told, and no window was seen to open.",
                  f"min({q.RESETS_IN})", unit="dtdurations"), *tile),
            (stat("Next expiry in", "When the first licence ends, of the keys or of their organisations. Unknown: none of them ends.",
                  f"min({q.EXPIRES_AT}) - time()", unit="dtdurations", steps=EXPIRY), *tile),
            (stat("Rejected keys", "Apikeys that the service does not accept.", f"count(max by (key) (mdcloud_apikey_valid{{{q.KEY}}}) == 0) or vector(0)",
                  steps=ANY_IS_BAD), *tile),
            (stat("Oldest data", "How long ago the quotas were asked for with success, of the key for which that is longest.",
                  f"max({q.LIMITS_AGE})", unit="dtdurations", steps=[(None, GREEN), (180, YELLOW), (900, RED)]), *tile),
            (table("Quotas", "One row for each key and API. A click on the key shows more of it.", [
                ("Status", q.SHARE),
                ("Limit", f"max by (key, api) ({q.LIMIT})"),
                ("Used", q.USED),
                ("Left", q.REMAINING),
                ("Used share", q.SHARE),
                ("Used per hour", q.USED_PER_HOUR),
                ("Runs out in", q.RUNS_OUT_IN),
                ("Resets in", q.RESETS_IN),
                ("Share at reset", q.FORECAST),
                ("Expires in", q.of_every_api(f"{q.EXPIRES_AT} - time()")),
                ("Data age", q.of_every_api(q.LIMITS_AGE)),
            ], labels=["key", "api"], sort="Used share", overrides=[
                column("key", links=DRILL_DOWN, displayName="Key"),
                column("api", displayName="API"),
                column("Status", mappings=STATES, custom__cellOptions={"type": "color-text"}, unit="percentunit"),
                column("Used share", unit="percentunit", decimals=1, min=0, max=1, custom__cellOptions={"type": "gauge", "mode": "basic"},
                       thresholds={"mode": "absolute", "steps": [{"value": v, "color": c} for v, c in SHARE]}),
                column("Used per hour", decimals=0),
                column("Runs out in", unit="dtdurations"),
                column("Resets in", unit="dtdurations"),
                column("Share at reset", unit="percentunit", decimals=0, custom__cellOptions={"type": "color-text"},
                       thresholds={"mode": "absolute", "steps": [{"value": None, "color": GREEN}, {"value": 1, "color": RED}]}),
                column("Expires in", unit="dtdurations", custom__cellOptions={"type": "color-text"},
                       thresholds={"mode": "absolute", "steps": [{"value": v, "color": c} for v, c in EXPIRY]}),
                column("Data age", unit="dtdurations"),
            ]), 24, 10),
            (lines("Used share", "How much of each quota is used in its window. It falls when a window ends. The lines are at 80 % and 95 %.",
                   (q.SHARE, "{{key}} {{api}}"), unit="percentunit", steps=SHARE, at_thresholds=True, minimum=0), 16, 9),
            (alerts("Alerts", "The alerts of the exporter's rules that are pending or firing."), 8, 9),
            (timeline("States", "Each key and API: how full its quota is, and when that was not known.",
                      (q.SHARE, "{{key}} {{api}}"),
                      (f"(max by (key) (mdcloud_up{{{q.KEY}}}) * 0 - 1) unless on (key) {q.USED}", "{{key}}"),
                      unit="percentunit", mappings=STATES), 24, 9),
            (lines("Used per hour", "Calls of each hour, counted across resets.", (q.USED_PER_HOUR, "{{key}} {{api}}"), bars=True, interval="1h", minimum=0), 12, 8),
            (lines("Used per day against the limit", "Calls of the last 24 hours, counted across resets, and the limit of a window, which is a day for a daily licence.",
                   (f"max by (key, api) (increase(mdcloud_quota_consumed_total{{{q.API}}}[1d]))", "{{key}} {{api}}"),
                   (f"max by (key, api) ({q.LIMIT})", "limit of {{key}} {{api}}"), interval="1h", minimum=0), 12, 8),
        ],
        template=variables(hide_instance=True))
