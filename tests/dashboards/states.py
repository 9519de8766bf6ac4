"""What the dashboards show of keys in every state: the exporter's own expositions of tests/golden, put into the storage of a
real Prometheus as if one or two exporters had been scraped, and the values that each panel then has to have. No recording
rules are loaded.
"""

import math
import pathlib
import re
import subprocess
import tempfile

import stack

ROOT = pathlib.Path(__file__).parent.parent.parent
GOLDEN = ROOT / "tests" / "golden"
# tests/metrics_fixture.h: when the expositions are made.
NOW = 1767323045
DAY = 86400
# The day before, and the last hour.
MOMENTS = [NOW - DAY, *range(NOW - 3600, NOW + 1, 300)]
CONSUMED_PER_HOUR = 120
STATES = ["paid-key", "organization-member", "monthly-key", "rejected", "expired-key", "not-entitled", "throttled", "free-key-of-2019", "quota-exhausted"]
# A paid key whose window ends in six hours.
KNOWN_RESET = "known-reset"
RESET = NOW + 6 * 3600
EXPIRY = 1772323200 - NOW
NEVER = 1e10
QUOTAS, KEY = "mdcloud-quotas", "mdcloud-key"

# Dashboard, panel, column or legend, key, further labels, value; None: no series, which is shown as unknown.
EXPECTED = [
    (QUOTAS, "Keys", "watched", None, {}, len(STATES) + 1),
    (QUOTAS, "Keys", "failing", None, {}, 3),
    (QUOTAS, "Rejected keys", "", None, {}, 1),
    (QUOTAS, "Exhausted quotas", "", None, {}, 2),
    (QUOTAS, "Fullest quota", "{{key}} {{api}}", "free-key-of-2019", {"api": "sandbox"}, 1),
    (QUOTAS, "Next expiry in", "{{key}}", "expired-key", {}, 1766664000 - NOW),
    (QUOTAS, "Next reset in", "{{key}} {{api}}", KNOWN_RESET, {"api": "prevention"}, RESET - NOW),
    # The limit that counts is the pool; what is left of it is below 0, whatever the share says.
    (QUOTAS, "Quotas", "Limit", "organization-member", {"api": "prevention"}, 500000),
    (QUOTAS, "Quotas", "Left", "organization-member", {"api": "prevention"}, -1500),
    (QUOTAS, "Quotas", "Used share", "organization-member", {"api": "prevention"}, 1234 / 500000),
    (QUOTAS, "Quotas", "Status", "organization-member", {"api": "prevention"}, 1),
    (QUOTAS, "Quotas", "Runs out in", "organization-member", {"api": "prevention"}, 0),
    (QUOTAS, "Quotas", "Limit", "organization-member", {"api": "sandbox"}, 250),
    (QUOTAS, "Quotas", "Status", "organization-member", {"api": "reputation"}, 0.56789),
    (KEY, "Licence", "Known", "organization-member", {"organization_id": "5f0c1d2e3a4b", "time_interval": "daily", "license_type": "Professional"}, 1),
    # A month whose beginning is not told.
    (QUOTAS, "Quotas", "Used share", "monthly-key", {"api": "reputation"}, 0.56789),
    (QUOTAS, "Quotas", "Runs out in", "monthly-key", {"api": "prevention"}, 18766 / CONSUMED_PER_HOUR * 3600),
    (QUOTAS, "Quotas", "Resets in", "monthly-key", {"api": "prevention"}, None),
    (QUOTAS, "Quotas", "Share at reset", "monthly-key", {"api": "prevention"}, None),
    (KEY, "$api resets in", "{{key}}", "monthly-key", {"api": "prevention"}, None),
    (KEY, "$api: used, pace, yesterday", "pace of {{key}}", "monthly-key", {"api": "prevention"}, None),
    (KEY, "$api: used, pace, yesterday", "used by {{key}}", "monthly-key", {"api": "prevention"}, 1234),
    (KEY, "$api: used, pace, yesterday", "yesterday, {{key}}", "monthly-key", {"api": "prevention"}, 1234),
    (KEY, "Licence", "Known", "monthly-key", {"time_interval": "monthly"}, 1),
    (KEY, "Licence", "Created", "monthly-key", {"time_interval": "monthly"}, 1714979289010),
    (QUOTAS, "Quotas", "Resets in", KNOWN_RESET, {"api": "prevention"}, RESET - NOW),
    (QUOTAS, "Quotas", "Share at reset", KNOWN_RESET, {"api": "prevention"}, (1234 + 6 * CONSUMED_PER_HOUR) / 20000),
    (QUOTAS, "Quotas", "Used per hour", KNOWN_RESET, {"api": "prevention"}, CONSUMED_PER_HOUR),
    (KEY, "$api: used, pace, yesterday", "pace of {{key}}", KNOWN_RESET, {"api": "prevention"}, 20000 * 18 / 24),
    # Rejected before anything was told of it: there is a row that says so.
    (QUOTAS, "Keys", "Accepted", "rejected", {}, 0),
    (QUOTAS, "Keys", "Asked", "rejected", {}, 0),
    (QUOTAS, "Keys", "Data age", "rejected", {}, None),
    (QUOTAS, "Keys", "Expires in", "rejected", {}, None),
    (QUOTAS, "Quotas", "Status", "rejected", {}, None),
    (QUOTAS, "States", "{{key}}", "rejected", {}, -1),
    (QUOTAS, "Failing keys", "Failing", "rejected", {"collector": "info", "reason": "unauthorized"}, 1),
    (KEY, "Licence", "Known", "rejected", {}, 0),
    (KEY, "Why collectors fail", "{{key}} {{collector}}: {{reason}}", "rejected", {"collector": "info", "reason": "unauthorized"}, 1),
    (QUOTAS, "Keys", "Accepted", "expired-key", {}, 1),
    (QUOTAS, "Keys", "Expires in", "expired-key", {}, 1766664000 - NOW),
    (QUOTAS, "Quotas", "Expires in", "expired-key", {"api": "feed"}, 1766664000 - NOW),
    (QUOTAS, "Keys", "Expires in", "paid-key", {}, EXPIRY),
    (QUOTAS, "Keys", "Expires in", "free-key-of-2019", {}, NEVER),
    # Not in the licence is neither exhausted nor unknown.
    (QUOTAS, "Quotas", "Status", "not-entitled", {"api": "sandbox"}, -2),
    (QUOTAS, "Quotas", "Limit", "not-entitled", {"api": "sandbox"}, None),
    (QUOTAS, "Quotas", "Left", "not-entitled", {"api": "sandbox"}, None),
    (QUOTAS, "Quotas", "Status", "not-entitled", {"api": "feed"}, 0),
    (QUOTAS, "Quotas", "Status", "not-entitled", {"api": "prevention"}, 1234 / 20000),
    # Throttled: what is left is not known, so it follows from the limit.
    (QUOTAS, "Keys", "Throttle left", "throttled", {}, None),
    (QUOTAS, "Keys", "Asked", "throttled", {}, 0),
    (QUOTAS, "Quotas", "Left", "throttled", {"api": "prevention"}, 20000 - 1234),
    (QUOTAS, "Failing keys", "Failing", "throttled", {"collector": "status", "reason": "throttled"}, 1),
    (QUOTAS, "Quotas", "Status", "free-key-of-2019", {"api": "sandbox"}, 1),
    # The service says no more than that it is exhausted.
    (QUOTAS, "Quotas", "Limit", "quota-exhausted", {"api": "prevention"}, 20000),
    (QUOTAS, "Quotas", "Status", "quota-exhausted", {"api": "prevention"}, None),
    (QUOTAS, "Quotas", "Expires in", "quota-exhausted", {"api": "prevention"}, EXPIRY),
    (QUOTAS, "States", "{{key}}", "quota-exhausted", {}, -1),
    (QUOTAS, "Failing keys", "Failing", "quota-exhausted", {"collector": "limits", "reason": "quota_exhausted"}, 1),
    (QUOTAS, "Keys", "Data age", "paid-key", {}, 0),
]

# Of the running demo: what simulator/demo_keys.cpp says.
OF_THE_DEMO = [
    (QUOTAS, "Quotas", "Left", "exhausted", {"api": "prevention"}, 0),
    (QUOTAS, "Quotas", "Status", "exhausted", {"api": "prevention"}, 1),
    (QUOTAS, "Quotas", "Status", "exhausted", {"api": "sandbox"}, -2),
    (QUOTAS, "Quotas", "Used share", "nearly-out", {"api": "sandbox"}, 49 / 50),
    (QUOTAS, "Quotas", "Used share", "monthly", {"api": "sandbox"}, 441 / 500),
    (QUOTAS, "Quotas", "Resets in", "monthly", {"api": "prevention"}, None),
    (QUOTAS, "Quotas", "Limit", "mail-gateway", {"api": "prevention"}, 5000),
    (QUOTAS, "Keys", "Expires in", "organization-member", {}, 90 * DAY),
    (QUOTAS, "Keys", "Expires in", "expired", {}, -12 * DAY),
    (QUOTAS, "Keys", "Expires in", "free-account", {}, NEVER),
    (QUOTAS, "Keys", "Accepted", "rejected", {}, 0),
    (QUOTAS, "Keys", "Accepted", "monthly", {}, 1),
    (QUOTAS, "Failing keys", "Failing", "rejected", {"collector": "info", "reason": "unauthorized"}, 1),
    (QUOTAS, "Failing keys", "Failing", "address-blocked", {"collector": "info", "reason": "ip_blocked"}, 1),
    (KEY, "Licence", "Known", "monthly", {"time_interval": "monthly"}, 1),
    (KEY, "Licence", "Known", "organization-member", {"organization_id": "example-organization"}, 1),
]


def series():
    """Every series of every state, with its value."""
    for state in STATES:
        for line in (GOLDEN / state / "expected.prom").read_text(encoding="utf-8").splitlines():
            if not line.startswith("#"):
                name, value = line.replace('key="example"', f'key="{state}"').rsplit(" ", 1)
                yield name, float(value)
                if state == "paid-key":
                    yield name.replace(f'key="{state}"', f'key="{KNOWN_RESET}"'), float(value)
    yield f'mdcloud_quota_reset_timestamp_seconds{{api="prevention",key="{KNOWN_RESET}"}}', RESET
    yield 'mdcloud_exporter_build_info{version="1"}', 1


def openmetrics(instances):
    for number in range(instances):
        for name, value in series():
            labelled = name.replace("{", f'{{job="mdcloud-exporter",instance="exporter-{number}",', 1)
            growing = name.startswith("mdcloud_quota_consumed_total")
            # Another exporter saw the answers a little earlier, and has counted from another day on.
            start = 1000 * (number + 1) if growing else 0
            earlier = 20 * number if name.startswith("mdcloud_scrape_collector_last_success") else 0
            for moment in MOMENTS:
                grown = CONSUMED_PER_HOUR * (moment - MOMENTS[0]) / 3600 if growing else 0
                yield f"{labelled} {value + start + grown - earlier!r} {moment}\n"
    yield "# EOF\n"


def asked(dashboard, panel_title, name):
    for panel in dashboard["panels"]:
        if panel["title"] == panel_title:
            for target in panel.get("targets", []):
                if target["legendFormat"] == name:
                    return target["expr"]
    raise KeyError(f"{dashboard['uid']}: {panel_title}: {name}")


def unexpected(server, dashboards, substituted, expected, **at):
    problems = []
    by_uid = {dashboard["uid"]: dashboard for dashboard in dashboards}
    for uid, panel, name, key, labels, wanted in expected:
        of_key = {"key": key, **labels} if key else labels
        found = [float(one["value"][1]) for one in server.query(substituted(asked(by_uid[uid], panel, name), {}), **at) if of_key.items() <= one["metric"].items()]
        right = not found if wanted is None else len(found) == 1 and math.isclose(found[0], wanted, rel_tol=1e-3, abs_tol=1e-6)
        if not right:
            problems.append(f"{uid}: {panel}: {name or '-'} of {of_key} is {found}, not {wanted}")
    return problems


def without_label(server, dashboards, substituted):
    """Series that lack a label of the legend, at the moment of the expositions."""
    problems = []
    for dashboard in dashboards:
        for panel in dashboard["panels"]:
            for target in panel.get("targets", []):
                answer = server.query(substituted(target["expr"], {}), time=NOW)
                for used in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
                    if not all(used in one["metric"] for one in answer):
                        problems.append(f"{dashboard['uid']}: {panel['title']}: a series without {used}")
    return problems


def shown(instances, dashboards, substituted):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "metrics").write_text("".join(openmetrics(instances)), encoding="utf-8")
        subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", folder / "metrics", folder / "data"], check=True, capture_output=True)
        with stack.prometheus([], storage=folder / "data") as server:
            return unexpected(server, dashboards, substituted, EXPECTED, time=NOW) + without_label(server, dashboards, substituted)
