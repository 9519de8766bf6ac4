"""MetaDefender Cloud / Exporter: does the exporter itself do its work?"""

from panels import ANY_IS_BAD, GREEN, RED, YELLOW, column, dashboard, lines, stat, table, texts, variables
import queries as q

FAILURES = f"sum by (collector, reason) (rate(mdcloud_client_request_failures_total{{{q.EXPORTER}}}[$__rate_interval]))"
BUCKETS = f"sum by (le) (rate(mdcloud_client_request_duration_seconds_bucket{{{q.EXPORTER}}}[$__rate_interval]))"


def build():
    return dashboard(
        "mdcloud-exporter", "MetaDefender Cloud / Exporter", "Whether the exporters run, what they ask of the service, and what they use.",
        [
            (table("Exporters", "What runs where. Down: Prometheus cannot scrape it.", [
                ("Up", f"max by (job, instance) (up{{{q.EXPORTER}}} and on (job, instance) last_over_time(mdcloud_exporter_build_info{{{q.EXPORTER}}}[6h]))"),
                ("Keys", f"max by (job, instance) (mdcloud_exporter_configured_keys{{{q.EXPORTER}}})"),
                ("Reload", f"max by (job, instance) (mdcloud_exporter_config_last_reload_successful{{{q.EXPORTER}}})"),
                ("Running since", f"max by (job, instance) (process_start_time_seconds{{{q.EXPORTER}}}) * 1000"),
            ], labels=["job", "instance"], overrides=[
                column("job", displayName="Job"), column("instance", displayName="Instance"),
                column("Up", mappings=texts(v0=("down", RED), v1=("up", GREEN)), custom__cellOptions={"type": "color-text"}),
                column("Reload", mappings=texts(v0=("refused", RED), v1=("good", GREEN)), custom__cellOptions={"type": "color-text"}),
                column("Running since", unit="dateTimeFromNow"),
            ]), 12, 7),
            (table("Versions", "How many exporters run which version.", [
                ("Exporters", f"count by (version, revision) (mdcloud_exporter_build_info{{{q.EXPORTER}}})"),
            ], labels=["version", "revision"], overrides=[column("version", displayName="Version"), column("revision", displayName="Revision")]), 6, 7),
            (stat("Paused hosts", "Hosts of the service that are not asked at present, because they block this address or reject everybody: MDCloudHostPaused.",
                  (f"sum(max by (host) (mdcloud_client_host_paused{{{q.EXPORTER}}})) or {q.NONE}", ""), steps=ANY_IS_BAD), 3, 7),
            (stat("Waiting keys", "Keys that are not asked because too many requests were rejected within the hour.",
                  (f"sum(max by (host) (mdcloud_client_keys_waiting{{{q.EXPORTER}}})) or {q.NONE}", ""), steps=[(None, GREEN), (1, YELLOW)]), 3, 7),
            (lines("Age of the data", "How long ago each collector was answered well, of the key for which that is longest.",
                   (f"max by (collector) (time() - max by (key, collector) (mdcloud_scrape_collector_last_success_timestamp_seconds{{{q.KEY}}}))", "{{collector}}"),
                   unit="dtdurations", minimum=0), 12, 8),
            (lines("Failing collectors", "How many collectors of keys fail or are not asked, by reason.",
                   (f"count by (reason) (max by (key, collector, reason) (mdcloud_scrape_collector_error{{{q.KEY}}}))", "{{reason}}"), stacked=True, minimum=0), 12, 8),
            (lines("Requests", "Requests to the service per second.",
                   (f"sum by (collector) (rate(mdcloud_client_requests_total{{{q.EXPORTER}}}[$__rate_interval]))", "{{collector}}"), unit="reqps", minimum=0), 8, 8),
            (lines("Failed requests", "Failed requests per second, by reason. Nothing: none fails.", (f"{FAILURES} > 0", "{{collector}}: {{reason}}"), unit="reqps", minimum=0), 8, 8),
            (lines("Duration of requests", "How long requests to the service take.",
                   (f"histogram_quantile(0.5, {BUCKETS})", "median"), (f"histogram_quantile(0.99, {BUCKETS})", "99 %"), unit="s", minimum=0), 8, 8),
            (lines("CPU", "Share of one core.", (f"max by (instance) (rate(process_cpu_seconds_total{{{q.EXPORTER}}}[$__rate_interval]))", "{{instance}}"),
                   unit="percentunit", minimum=0), 8, 7),
            (lines("Memory", "Resident memory.", (f"max by (instance) (process_resident_memory_bytes{{{q.EXPORTER}}})", "{{instance}}"), unit="bytes", minimum=0), 8, 7),
            (lines("File descriptors", "Open ones, and how many there may be.", (f"max by (instance) (process_open_fds{{{q.EXPORTER}}})", "open, {{instance}}"),
                   (f"max by (instance) (process_max_fds{{{q.EXPORTER}}})", "allowed, {{instance}}"), minimum=0), 8, 7),
            (lines("HTTP requests", "Requests to the exporter per second.",
                   (f"sum by (handler, code) (rate(mdcloud_exporter_http_requests_total{{{q.EXPORTER}}}[$__rate_interval]))", "{{handler}} {{code}}"),
                   unit="reqps", minimum=0), 8, 7),
            (lines("Duration of scrapes", "How long Prometheus takes to scrape the exporter.", (f"max by (instance) (scrape_duration_seconds{{{q.EXPORTER}}})", "{{instance}}"),
                   unit="s", minimum=0), 8, 7),
            (lines("Scraped samples", "Samples of each scrape.", (f"max by (instance) (scrape_samples_scraped{{{q.EXPORTER}}})", "{{instance}}"), minimum=0), 8, 7),
        ],
        template=variables(hide_instance=False, with_api=False))
