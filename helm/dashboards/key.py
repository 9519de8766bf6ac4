"""MetaDefender Cloud / Key: how one key does, API by API."""

from panels import (ANY_IS_BAD, DATASOURCE, EXPIRY, GREEN, NEVER, RED, SHARE, YELLOW, column, dashboard, gauge, lines, row, stat, table, texts, timeline,
                    variables)
import queries as q

SCANS = q.scans_of_an_hour("mdcloud_scans_total")
INFECTED = q.scans_of_an_hour("mdcloud_scans_total", ',result="infected"')
NOTHING = q.scans_of_an_hour("mdcloud_scans_total", ',result=~"aborted|failed|not_scanned"')


def windows():
    return {"name": "Windows", "datasource": DATASOURCE, "enable": True, "iconColor": "blue", "titleFormat": "a window of {{key}} {{api}} ended",
            "expr": f"changes(mdcloud_quota_reset_timestamp_seconds{{{q.API}}}[5m]) > 0", "step": "1m", "tagKeys": "key,api"}


def build():
    known = f"max by (key, license_type, time_interval, organization_id) (mdcloud_apikey_info{{{q.KEY}}})"
    # A key of which the service has told nothing has a row, too.
    header = f"{known} or on (key) max by (key) (mdcloud_up{{{q.KEY}}})"
    created = f"{known} * on (key) group_left () max by (key) (mdcloud_apikey_created_timestamp_seconds{{{q.KEY}}}) * 1000"
    return dashboard(
        "mdcloud-key", "MetaDefender Cloud / Key", "One MetaDefender Cloud apikey: its licence, and each of its quotas against the pace that its window allows.",
        [
            (table("Licence", "What the service says of the key and its organisation.", [("Known", header), ("Created", created)],
                   labels=["key", "license_type", "time_interval", "organization_id"],
                   overrides=[column("key", displayName="Key"), column("license_type", displayName="Licence"), column("time_interval", displayName="Window"),
                              column("organization_id", displayName="Organisation"),
                              column("Known", custom__hidden=True), column("Created", unit="dateTimeAsIso")]), 12, 5),
            (stat("Expires in", "When the licence of the key, or that of its organisation, ends: MDCloudKeyExpiresIn14Days (yellow), ...7Days (red).",
                  (f"bottomk(1, {q.EXPIRES_IN})", "{{key}}"), unit="dtdurations", steps=EXPIRY, mappings=NEVER), 4, 5),
            (stat("Accepted", "Whether the service accepts the apikey; if not: MDCloudKeyRejected.", (f"min(max by (key) (mdcloud_apikey_valid{{{q.KEY}}}))", ""),
                  mappings=texts(v0=("rejected", RED), v1=("yes", GREEN)), steps=[(None, RED), (1, GREEN)]), 4, 5),
            (stat("Throttle left", "Requests left before the key is throttled; 0 for long is the alert MDCloudThrottled.",
                  (f"min(mdcloud_throttle_remaining{{{q.KEY}}})", ""), steps=[(None, RED), (1, GREEN)]), 4, 5),
            (row("$api", repeat="api"), 24, 1),
            (gauge("Used share of $api", "How much of the quota is used in the current window.", (q.SHARE, "{{key}}"), unit="percentunit", steps=SHARE, minimum=0, maximum=1), 4, 8),
            ([stat("Left of $api", "Calls left in the current window; 0: MDCloudQuotaExhausted.", (q.REMAINING, "{{key}}"), steps=[(None, RED), (1, GREEN)]),
              stat("$api resets in", "When the window ends. Unknown while the service has not told, and no window was seen to open.", (q.RESETS_IN, "{{key}}"), unit="dtdurations")], 3, 8),
            ([stat("$api at its reset", "The share that will be used when the window ends, at the pace of the last hour. Unknown without a known end.", (q.FORECAST, "{{key}}"),
                   unit="percentunit", decimals=0, steps=[(None, GREEN), (0.8, YELLOW), (1, RED)]),
              stat("$api used per hour", "Calls of the last hour.", (q.USED_PER_HOUR, "{{key}}"))], 3, 8),
            (lines("$api: used, pace, yesterday", "Used in the window; the pace that would use the quota up just at the end of the window (absent while the window is not known); the day before at this time.",
                   (q.USED, "used by {{key}}"), (q.PACE, "pace of {{key}}"),
                   (f"max by (key, api) (mdcloud_quota_used{{{q.API}}} offset 1d)", "yesterday, {{key}}"),
                   (f"max by (key, api) ({q.LIMIT})", "limit of {{key}}"), minimum=0), 14, 8),
            (row("The key as a whole"), 24, 1),
            (timeline("Collectors", "What is asked of the service, and whether the last attempt succeeded.",
                      (f"max by (key, collector) (mdcloud_scrape_collector_success{{{q.KEY}}})", "{{key}} {{collector}}"),
                      mappings=texts(v0=("failing", RED), v1=("ok", GREEN))), 12, 7),
            (lines("Why collectors fail", "1 while a collector fails or is not asked, by reason.",
                   (f"max by (key, collector, reason) (mdcloud_scrape_collector_error{{{q.KEY}}})", "{{key}} {{collector}}: {{reason}}"), bars=True, stacked=True,
                   minimum=0), 12, 7),
            (lines("Throttling", "Requests left before the key is throttled, against what its licence grants.",
                   (f"min by (key) (mdcloud_throttle_remaining{{{q.KEY}}})", "left for {{key}}"),
                   (f"max by (key) (mdcloud_throttle_limit{{{q.KEY}}})", "limit of {{key}}"), minimum=0), 12, 7),
            (lines("Answer time", "How long the service says that it took to answer.",
                   (f"max by (key, collector) (mdcloud_api_response_time_seconds{{{q.KEY}}})", "{{key}} {{collector}}"), unit="s", minimum=0), 12, 7),
            (row("Scans, where the collector history is on"), 24, 1),
            (lines("Scans by result", "Scans that were finished in the hour before, by result.",
                   (f"sum by (result) ({SCANS}) > 0", "{{result}}"), stacked=True, minimum=0), 12, 8),
            ([stat("Infected", "Infected files among the scans of the last hour: MDCloudInfectionFound.",
                   (f"sum({INFECTED})", ""), steps=[(None, GREEN), (0.5, RED)], decimals=0),
              stat("Blocked", "Files that were blocked, of the scans of the last hour.",
                   (f"sum({q.scans_of_an_hour('mdcloud_scans_blocked_total')})", ""), steps=[(None, GREEN), (0.5, YELLOW)], decimals=0)], 3, 8),
            ([stat("In progress", "Scans that were not finished when the history was last read.",
                   (f"sum(max by (key) (mdcloud_scan_history_in_progress{{{q.KEY}}}))", "")),
              stat("Last scan", "How long ago the newest scan began.",
                   (f"time() - max(mdcloud_scan_history_last_scan_timestamp_seconds{{{q.KEY}}})", ""), unit="dtdurations")], 3, 8),
            ([stat("Come to nothing", "Share of the scans of the last hour that failed, were aborted or not done: MDCloudScansFailing.",
                   (f"sum({NOTHING}) / (sum({SCANS}) > 0)", ""),
                   unit="percentunit", decimals=0, steps=[(None, GREEN), (0.2, RED)]),
              stat("Read to the end", "Whether all scans are counted; if not: MDCloudScanHistoryTruncated.",
                   (f"max(min by (key) (mdcloud_scan_history_truncated{{{q.KEY}}}))", ""), steps=ANY_IS_BAD,
                   mappings=texts(v0=("yes", GREEN), v1=("no", RED)))], 3, 8),
            (lines("Detections per engine", "Share of the engines that detected a threat, over the scans of the hour before.",
                   (f"sum by (key) ({q.scans_of_an_hour('mdcloud_scan_engine_detections_total')}) / (sum by (key) ({q.scans_of_an_hour('mdcloud_scan_engines_total')}) > 0)", "{{key}}"),
                   unit="percentunit", minimum=0), 3, 8),
            (lines("Sandbox", "Verdicts of the sandbox on the scans of the hour before.",
                   (f"sum by (verdict) ({q.scans_of_an_hour('mdcloud_scan_sandbox_verdicts_total')})", "{{verdict}}"), stacked=True, minimum=0), 6, 7),
            (lines("Data loss prevention", "Verdicts of Proactive DLP on the scans of the hour before.",
                   (f"sum by (verdict) ({q.scans_of_an_hour('mdcloud_scan_dlp_verdicts_total')})", "{{verdict}}"), stacked=True, minimum=0), 6, 7),
            (lines("Sanitization", "Results of sanitization of the scans of the hour before.",
                   (f"sum by (result) ({q.scans_of_an_hour('mdcloud_scan_sanitizations_total')})", "{{result}}"), stacked=True, minimum=0), 6, 7),
            (lines("Vulnerabilities", "Severities of the highest vulnerability in the scans of the hour before.",
                   (f"sum by (severity) ({q.scans_of_an_hour('mdcloud_scan_vulnerabilities_total')})", "{{severity}}"), stacked=True, minimum=0), 6, 7),
        ],
        template=variables(hide_instance=True), annotations=[windows()])
