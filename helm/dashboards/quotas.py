"""MetaDefender Cloud / Quotas: is any key about to fail?"""

from panels import (ANY_IS_BAD, EXPIRY, GREEN, NEVER, RED, SHARE, YELLOW, alerts, column, dashboard, lines, ranges, stat, table, texts,
                    thresholds, timeline, variables)
import queries as q

STATES = ranges(
    (None, -1.5, "not entitled", "#808080"),
    (-1.5, -0.5, "unknown", "#808080"),
    (-0.5, 0.4999999, "below 50 %", GREEN),
    (0.5, 0.7999999, "50 to 80 %", "super-light-green"),
    (0.8, 0.9499999, "80 to 95 %", YELLOW),
    (0.95, 0.9999999, "95 % and more", "orange"),
    (1, None, "exhausted", RED),
)
# Of what is asked of all keys: a point for each pixel of a screen takes minutes with hundreds of keys.
POINTS = 200
AGE = [(None, GREEN), (180, YELLOW), (900, RED)]
TEXT = {"type": "color-text"}
KEEP = "${datasource:queryparam}&${job:queryparam}&${__url_time_range}"
OF_ROW = [
    {"title": "This key and API", "url": f"/d/mdcloud-key?var-key=${{__data.fields.key:percentencode}}&var-api=${{__data.fields.api:percentencode}}&{KEEP}"},
]
OF_KEY_ROW = [{"title": "This key", "url": f"/d/mdcloud-key?var-key=${{__data.fields.key:percentencode}}&{KEEP}"}]
OF_SERIES = [{"title": "This key and API", "url": f"/d/mdcloud-key?var-key=${{__field.labels.key:percentencode}}&var-api=${{__field.labels.api:percentencode}}&{KEEP}"}]
OF_KEY_SERIES = [{"title": "This key", "url": f"/d/mdcloud-key?var-key=${{__field.labels.key:percentencode}}&{KEEP}"}]
TO_KEYS = [{"title": "These keys", "url": f"/d/mdcloud-key?${{key:queryparam}}&${{api:queryparam}}&{KEEP}"}]
TO_EXPORTER = [{"title": "The exporters", "url": f"/d/mdcloud-exporter?{KEEP}"}]


def tiles():
    return [
        stat("Keys", "Apikeys that are watched, and how many of them cannot be asked at present: see Failing keys below.",
             (f"count(max by (key) (mdcloud_up{{{q.KEY}}})) or {q.NONE}", "watched"),
             (f"count(max by (key) (mdcloud_up{{{q.KEY}}}) == 0) or count(mdcloud_up{{{q.KEY}}}) * 0 or {q.NONE}", "failing"), named=True, links=TO_EXPORTER,
             overrides=[column("failing", thresholds=thresholds(ANY_IS_BAD))]),
        stat("Fullest quota", "The largest share of a quota that is used, and of which key and API. Yellow from 80 %, red from 95 %, as MDCloudQuotaHigh and ...Critical are.",
             (f"topk(1, {q.SHARE})", "{{key}} {{api}}"), named=True, unit="percentunit", steps=SHARE, decimals=1, links=OF_SERIES),
        stat("Exhausted quotas", "Quotas with nothing left in their window: MDCloudQuotaExhausted.",
             (f"count({q.REMAINING} <= 0) or count({q.REMAINING}) * 0", ""), steps=ANY_IS_BAD, links=TO_KEYS),
        stat("First to run out in", "When the first quota is used up at the pace of the last hour. Unknown while nothing is used.",
             (f"bottomk(1, ({q.RUNS_OUT_IN}) > 0)", "{{key}} {{api}}"), named=True, unit="dtdurations",
             steps=[(None, RED), (3600, YELLOW), (4 * 3600, GREEN)], links=OF_SERIES),
        stat("Next reset in", "When the next quota window ends. Unknown while the service has not told, and no window was seen to open.",
             (f"bottomk(1, {q.RESETS_IN})", "{{key}} {{api}}"), named=True, unit="dtdurations", links=OF_SERIES),
        stat("Next expiry in", "When the first licence ends, of the keys or of their organisations; a time since then is that of MDCloudKeyExpired.",
             (f"bottomk(1, {q.EXPIRES_IN})", "{{key}}"), named=True, unit="dtdurations", steps=EXPIRY, mappings=NEVER, links=OF_KEY_SERIES),
        stat("Rejected keys", "Apikeys that the service does not accept: MDCloudKeyRejected.",
             (f"count(max by (key) (mdcloud_apikey_valid{{{q.KEY}}}) == 0) or count(mdcloud_apikey_valid{{{q.KEY}}}) * 0", ""), steps=ANY_IS_BAD, links=TO_KEYS),
        stat("Oldest data", "How long ago the quotas were asked for with success, of the key for which that is longest. A key that was never answered is among Failing keys.",
             (f"topk(1, {q.LIMITS_AGE})", "{{key}}"), named=True, unit="dtdurations", steps=AGE, links=OF_KEY_SERIES),
    ]


def quotas():
    return table("Quotas", "One row for each key and API, the fullest first. A click on the key shows more of it.", [
        ("Status", q.STATUS),
        ("Limit", f"max by (key, api) ({q.LIMIT})"),
        ("Used", q.USED),
        ("Left", q.REMAINING),
        ("Used share", q.SHARE),
        ("Used per hour", q.USED_PER_HOUR),
        ("Runs out in", q.RUNS_OUT_IN),
        ("Resets in", q.RESETS_IN),
        ("Share at reset", q.FORECAST),
        ("Expires in", q.of_every_api(q.EXPIRES_IN)),
        ("Data age", q.of_every_api(q.LIMITS_AGE)),
    ], labels=["key", "api"], sort="Status", overrides=[
        column("key", links=OF_ROW, displayName="Key"),
        column("api", displayName="API"),
        column("Status", mappings=STATES, custom__cellOptions=TEXT, unit="percentunit"),
        column("Used share", unit="percentunit", decimals=1, min=0, max=1, custom__cellOptions={"type": "gauge", "mode": "basic"}, thresholds=thresholds(SHARE)),
        *[column(name, unit="locale", decimals=0) for name in ("Limit", "Used", "Left", "Used per hour")],
        column("Runs out in", unit="dtdurations"),
        column("Resets in", unit="dtdurations"),
        column("Share at reset", unit="percentunit", decimals=0, custom__cellOptions=TEXT, thresholds=thresholds([(None, GREEN), (1, RED)])),
        column("Expires in", unit="dtdurations", mappings=NEVER, custom__cellOptions=TEXT, thresholds=thresholds(EXPIRY)),
        column("Data age", unit="dtdurations", custom__cellOptions=TEXT, thresholds=thresholds(AGE)),
    ])


def keys():
    """A key that was never answered has no quota, and so no row in the table of quotas."""
    return table("Keys", "One row for each key, also for those that were never answered.", [
        ("Accepted", f"max by (key) (mdcloud_apikey_valid{{{q.KEY}}})"),
        ("Asked", f"max by (key) (mdcloud_up{{{q.KEY}}})"),
        ("Data age", q.LIMITS_AGE),
        ("Expires in", q.EXPIRES_IN),
        ("Throttle left", f"min by (key) (mdcloud_throttle_remaining{{{q.KEY}}})"),
    ], labels=["key"], overrides=[
        column("key", links=OF_KEY_ROW, displayName="Key"),
        column("Accepted", mappings=texts(v0=("rejected", RED), v1=("yes", GREEN)), custom__cellOptions=TEXT),
        column("Asked", mappings=texts(v0=("failing", RED), v1=("with success", GREEN)), custom__cellOptions=TEXT),
        column("Data age", unit="dtdurations", custom__cellOptions=TEXT, thresholds=thresholds(AGE)),
        column("Expires in", unit="dtdurations", mappings=NEVER, custom__cellOptions=TEXT, thresholds=thresholds(EXPIRY)),
        column("Throttle left", custom__cellOptions=TEXT, thresholds=thresholds([(None, RED), (1, GREEN)])),
    ])


def failing():
    next_attempt = f"max by (key, collector) (mdcloud_scrape_collector_next_attempt_timestamp_seconds{{{q.KEY}}}) - time()"
    reasons = f"max by (key, collector, reason) (mdcloud_scrape_collector_error{{{q.KEY}}})"
    return table("Failing keys", "What of which key cannot be asked, why, and when it will be asked again. Nothing: all is well.", [
        ("Failing", reasons),
        ("Asked again in", f"{reasons} * on (key, collector) group_left () ({next_attempt})"),
    ], labels=["key", "collector", "reason"], overrides=[
        column("key", links=OF_KEY_ROW, displayName="Key"), column("collector", displayName="Collector"), column("reason", displayName="Reason"),
        column("Failing", custom__hidden=True),
        column("Asked again in", unit="dtdurations"),
    ])


def build():
    return dashboard(
        "mdcloud-quotas", "MetaDefender Cloud / Quotas", "Whether any MetaDefender Cloud apikey is about to run out of quota, to expire, or is rejected.",
        [
            *[(tile, 3, 4) for tile in tiles()],
            (quotas(), 24, 10),
            (keys(), 9, 9),
            (failing(), 7, 9),
            (alerts("Alerts", "The alerts of the exporter's rules that are pending or firing. For this Grafana has to manage alerts of the data source."), 8, 9),
            (lines("Used share", "How much of each quota is used in its window. It falls when a window ends. The lines are at 80 % and 95 %.",
                   (q.SHARE, "{{key}} {{api}}"), unit="percentunit", steps=SHARE, at_thresholds=True, minimum=0, points=POINTS, links=OF_SERIES), 24, 9),
            (timeline("States", "Each key and API: how full its quota is, and when that was not known.",
                      (q.STATUS, "{{key}} {{api}}"),
                      (f"(max by (key) (mdcloud_up{{{q.KEY}}}) * 0 - 1) unless on (key) {q.USED}", "{{key}}"),
                      unit="percentunit", mappings=STATES, points=POINTS, links=OF_KEY_SERIES), 24, 12),
            (lines("Used per hour", "Calls of each hour, counted across resets.", (q.USED_PER_HOUR, "{{key}} {{api}}"), bars=True, interval="1h", minimum=0, links=OF_SERIES), 12, 8),
            (lines("Used per day against the limit", "Calls of the last 24 hours, counted across resets, and the limit of a window, which is a day for a daily licence.",
                   (f"max by (key, api) (increase(mdcloud_quota_consumed_total{{{q.API}}}[1d]))", "{{key}} {{api}}"),
                   (f"max by (key, api) ({q.LIMIT})", "limit of {{key}} {{api}}"), interval="1h", minimum=0, points=POINTS, links=OF_SERIES), 12, 8),
        ],
        template=variables(hide_instance=True))
