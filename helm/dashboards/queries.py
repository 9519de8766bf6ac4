"""The expressions that more than one panel needs. Raw metrics: they work without the recording rules.

Whatever is divided or compared is so within one exporter, where the labels are the same; `by (key, api)` afterwards makes one
series of what replicas and sidecars see.
"""

EXPORTER = 'job=~"$job",instance=~"$instance"'
KEY = EXPORTER + ',key=~"$key"'
API = KEY + ',api=~"$api"'

# 0 of something, where an exporter says so by its silence; without an exporter it is not known.
NONE = f"count(mdcloud_exporter_build_info{{{EXPORTER}}}) * 0"

# The limit that counts: what the service meters, else what it publishes. Nothing where it is 0: not entitled.
LIMIT = (f"((mdcloud_quota_used{{{API}}} + mdcloud_quota_remaining{{{API}}} > 0)"
         f" or (mdcloud_organization_quota_limit{{{API}}} > 0) or (mdcloud_quota_limit{{{API}}} > 0))")

USED = f"max by (key, api) (mdcloud_quota_used{{{API}}})"
SHARE = f"max by (key, api) (mdcloud_quota_used{{{API}}} / {LIMIT})"
REMAINING = (f"min by (key, api) ((mdcloud_quota_remaining{{{API}}} and {LIMIT})"
             f" or ({LIMIT} - mdcloud_quota_used{{{API}}}))")
USED_PER_HOUR = f"max by (key, api) (increase(mdcloud_quota_consumed_total{{{API}}}[1h]))"
RUNS_OUT_IN = f"clamp_min({REMAINING}, 0) / ({USED_PER_HOUR} > 0) * 3600"
RESETS_IN = f"(max by (key, api) (mdcloud_quota_reset_timestamp_seconds{{{API}}}) - time()) > 0"
FORECAST = f"({USED} + {USED_PER_HOUR} / 3600 * ({RESETS_IN})) / max by (key, api) ({LIMIT})"
EXPIRES_AT = f'min by (key) ({{__name__=~"mdcloud_(apikey|organization)_expiration_timestamp_seconds",{KEY}}})'
# A licence without an end is as far away as nothing else: panels.NEVER calls it "never".
EXPIRES_IN = f"({EXPIRES_AT} - time()) or (max by (key) (mdcloud_apikey_expires{{{KEY}}}) == 0) + 1e10"
# The share; 1 for what is used up whatever the share, -2 where the licence has nothing of it.
STATUS = (f"(({REMAINING}) <= 0) * 0 + 1 or ({SHARE})"
          f" or ((max by (key, api) (mdcloud_quota_limit{{{API}}}) == 0) - 2)")
LIMITS_AGE = (f"time() - max by (key) (mdcloud_scrape_collector_last_success_timestamp_seconds{{{KEY},collector=\"limits\"}})")
PACE = (f"max by (key, api) ({LIMIT}) * clamp(1 - ({RESETS_IN})"
        f" / max by (key, api) (mdcloud_quota_window_seconds{{{API}}}), 0, 1)")


def scans_of_an_hour(name, selector=""):
    """Where the collector `history` is on: by all labels but those in which replicas differ."""
    return f"max without (instance, pod, container, endpoint, service, node) (increase({name}{{{KEY}{selector}}}[1h]))"


def of_every_api(per_key):
    """Spreads a value of a key over its APIs."""
    return f"({USED} or max by (key, api) (mdcloud_quota_limit{{{API}}})) * 0 + on (key) group_left () ({per_key})"
