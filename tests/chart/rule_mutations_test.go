package chart

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"sigs.k8s.io/yaml"
)

// Every guard of the rules is there for a case in the tests: without it one of them fails.
func TestTestsNoticeEveryGuardThatIsMissing(t *testing.T) {
	rules := renderedRules(t)
	mutations := []struct{ file, name, pattern, replacement string }{
		{"quota", "limits of 0", `mdcloud_quota_used \+ mdcloud_quota_remaining > 0`, `mdcloud_quota_used + mdcloud_quota_remaining`},
		{"quota", "limit from used and remaining", `\(mdcloud_quota_used \+ mdcloud_quota_remaining > 0\)\s+or `, ``},
		{"quota", "limit of the organisation", `or \(mdcloud_organization_quota_limit > 0\)`, ``},
		{"quota", "published limit", `or \(mdcloud_quota_limit > 0\)`, ``},
		{"quota", "published limit of 0", `or \(mdcloud_quota_limit > 0\)`, `or mdcloud_quota_limit`},
		{"quota", "one ratio of replicas", `max without \([a-z, ]*\) \(\s+mdcloud_quota_used / instance_key_api:mdcloud_quota_limit:effective\s+\)`,
			`(mdcloud_quota_used / instance_key_api:mdcloud_quota_limit:effective)`},
		{"quota", "remaining without the service's own", `\(mdcloud_quota_remaining and instance_key_api:mdcloud_quota_limit:effective\)\s+or `, ``},
		{"quota", "remaining from the limit", `or \(instance_key_api:mdcloud_quota_limit:effective - mdcloud_quota_used\)`, ``},
		{"quota", "remaining of what is not entitled", `\(mdcloud_quota_remaining and instance_key_api:mdcloud_quota_limit:effective\)`, `mdcloud_quota_remaining`},
		{"quota", "least remaining of replicas", `min without \(([a-z, ]*)\) \(\s+\(mdcloud_quota_remaining`, `max without ($1) ((mdcloud_quota_remaining`},
		{"prediction", "fastest replica, 15 m", `max without \(([a-z, ]*)\) \(rate\(mdcloud_quota_consumed_total\[15m`, `min without ($1) (rate(mdcloud_quota_consumed_total[15m`},
		{"prediction", "fastest replica, 1 h", `max without \(([a-z, ]*)\) \(rate\(mdcloud_quota_consumed_total\[1h`, `min without ($1) (rate(mdcloud_quota_consumed_total[1h`},
		{"prediction", "reset that has passed", `clamp_min\(\s+(max without \([a-z, ]*\) \(mdcloud_quota_reset_timestamp_seconds\) - time\(\)),\s+0\s+\)`, `abs($1)`},
		{"prediction", "later end of a window", `max without (\([a-z, ]*\) \(mdcloud_quota_reset)`, `min without $1`},
		{"expiry", "end of the organisation", `mdcloud_\(apikey\|organization\)_expiration`, `mdcloud_(apikey)_expiration`},
		{"expiry", "end of the key", `mdcloud_\(apikey\|organization\)_expiration`, `mdcloud_(organization)_expiration`},
		{"expiry", "earlier end", `min without (\([a-z, ]*\)) \(\s+last_over_time`, `max without $1 (last_over_time`},
		{"health", "gap in scraping", `_seconds"\}\[15m\]`, `_seconds"}[1m]`},
		{"quota", "high below critical", `>= 0\.8 < 0\.95`, `>= 0.8`},
		{"quota", "high from", `>= 0\.8 < 0\.95`, `>= 0.9 < 0.95`},
		{"quota", "critical with something left", `>= 0\.95\s+and key_api:mdcloud_quota_remaining:min > 0`, `>= 0.95`},
		{"quota", "exhausted at 0", `key_api:mdcloud_quota_remaining:min <= 0`, `key_api:mdcloud_quota_remaining:min < 0`},
		{"quota", "exhausted in the words of the service", `or \(\s+max without \(collector[^@]*`, ``},
		{"quota", "exhausted, not throttled", `_error\{reason="quota_exhausted"\}`, `_error`},
		{"quota", "one exporter that is answered", `unless max without \([a-z, ]*\) \(mdcloud_up\) == 1`, ``},
		{"quota", "exhausted twice", `unless ignoring \(api\) key_api:mdcloud_quota_remaining:min <= 0`, ``},
		{"prediction", "prediction at the 15 m pace", `and\s+key_api:mdcloud_quota_remaining:min / \(key_api:mdcloud_quota_consumed:rate15m > 0\)\s+< \([^=]*4 \* 3600\)`, ``},
		{"prediction", "prediction at the 1 h pace", `key_api:mdcloud_quota_exhaustion:seconds > 0`, `key_api:mdcloud_quota_remaining:min / (key_api:mdcloud_quota_consumed:rate15m > 0) > 0`},
		{"prediction", "prediction of a day at most", `clamp_max\((key_api:mdcloud_quota_reset:seconds), 24 \* 3600\)`, `$1`},
		{"prediction", "prediction of a day", `24 \* 3600`, `12 * 3600`},
		{"prediction", "prediction with something left", `key_api:mdcloud_quota_exhaustion:seconds > 0\s+<`, `key_api:mdcloud_quota_exhaustion:seconds <`},
		{"prediction", "horizon without reset", `seconds \* 0 \+ 4 \* 3600`, `seconds * 0 + 40 * 3600`},
		{"prediction", "prediction from a share", `and\s+key_api:mdcloud_quota_used:ratio >= 0\.25`, ``},
		{"expiry", "end of the 30 days", `< 30 \* 86400 >= 14 \* 86400`, `< 30 * 86400`},
		{"expiry", "end of the 14 days", `< 14 \* 86400 >= 7 \* 86400`, `< 14 * 86400`},
		{"expiry", "end of the 7 days", `< 7 \* 86400 > 0`, `< 7 * 86400`},
		{"expiry", "begin of expired", `seconds - time\(\) <= 0`, `seconds - time() <= -86400`},
		{"health", "one accepted replica", `expr: max without (\([a-z, ]*\)) \(mdcloud_apikey_valid\) == 0`, `expr: min without $1 (mdcloud_apikey_valid) == 0`},
		{"health", "one replica that polls", `\(max without (\([a-z, ]*\)) \(mdcloud_up\)`, `(min without $1 (mdcloud_up)`},
		{"health", "failing unless rejected", `unless \(max without \([a-z, ]*\) \(mdcloud_apikey_valid\)\s+== 0\)`, ``},
		{"health", "fresh replica", `time\(\) - max without`, `time() - min without`},
		{"health", "intervals", `> 3 \* max without`, `> 1 * max without`},
		{"health", "replicas that see nothing left", `max without (\([a-z, ]*\) \(max_over_time\(mdcloud_throttle_remaining)`, `min without $1`},
		{"health", "replica that is throttled itself", `max without (\([a-z, ]*\) \(min_over_time\(mdcloud_throttled)`, `min without $1`},
		{"health", "throttled all the time", `max_over_time\(mdcloud_throttle_remaining\[10m\]\)`, `mdcloud_throttle_remaining`},
		{"health", "throttle limit of 0", `and max without \([a-z, ]*\) \(mdcloud_throttle_limit\) > 0`, ``},
		{"health", "own throttling all the time", `min_over_time\(mdcloud_throttled\[10m\]\)`, `max_over_time(mdcloud_throttled[10m])`},
		{"scans", "results that are nothing", `\{result=~"aborted\|failed\|not_scanned"\}`, `{result=~"failed"}`},
		{"scans", "share of all scans", `(/ \(sum without \(result\) \(max without \([a-z, ]*\) \(increase\(mdcloud_scans_total)(\[1h)`, `$1{result=~"aborted|failed|not_scanned"}$2`},
		{"scans", "few scans", `>= 10\)`, `>= 1)`},
		{"scans", "a share", `> 0\.2`, `> 0`},
		{"scans", "scans of two replicas", `sum without \(result\) \(max without (\([a-z, ]*\) \(increase\(mdcloud_scans_total\{)`, `sum without (result) (sum without $1`},
		{"scans", "scans of an hour", `(not_scanned"\})\[1h\]`, `$1[3h]`},
		{"scans", "infections alone", `\{result="infected"\}`, ``},
		{"scans", "an infection that one exporter saw", `max without (\([a-z, ]*\) \(increase\(mdcloud_scans_total\{result="infected"\})`, `min without $1`},
		{"scans", "an infection long ago", `(result="infected"\})\[15m\]`, `$1[1h]`},
		{"scans", "an infection at all", `(infected"\}\[15m\]\)\)) > 0`, `$1 >= 0`},
		{"scans", "an exporter that reads to the end", `min without (\([a-z, ]*\) \(mdcloud_scan_history_truncated)`, `max without $1`},
		{"scans", "a history that is cut short", `(mdcloud_scan_history_truncated\)) == 1`, `$1 >= 0`},
		{"health", "one address that is blocked", `max without (\([a-z, ]*\) \(mdcloud_client_host_paused)`, `min without $1`},
		{"health", "host that is paused", `\(mdcloud_client_host_paused\) > 0`, `(mdcloud_client_host_paused) >= 0`},
		{"health", "other exporters that are down", `and on \(job, instance\) last_over_time\(mdcloud_exporter_build_info\[6h\]\)`, ``},
		{"health", "six hours", `build_info\[6h\]`, `build_info[1m]`},
		{"health", "reload", `last_reload_successful == 0`, `last_reload_successful >= 0`},
		{"health", "shard that is scraped twice", `count by (\([a-z, ]*\)) \(count_values by \([a-z, ]*\) \("shard", (mdcloud_exporter_shard)\)\)`, `count by $1 ($2)`},
		{"health", "shards of another release", `by \(job, namespace\)`, `by (job)`},
		{"health", "shards that are all there", `(?s)(count_values.*?)<( max)`, `$1<=$2`},
		{"health", "state that was not written long ago", `write_failures_total\[15m\]`, `write_failures_total[1h]`},
		{"health", "state that is written", `(write_failures_total\[15m\]\)) > 0`, `$1 >= 0`},
		{"week", "lowered limit of the organisation", `or\s+\(\s*max without \([a-z, ]*\) \(mdcloud_organization_quota_limit\)[^@]*`, ``},
		{"week", "lowered limit of the key", `^expr: \(\s*max without \([a-z, ]*\) \(mdcloud_quota_limit\)[^@]*\)\s*or\s+`, ``},
		{"week", "limit of a replica", `max without (\([a-z, ]*\) \(mdcloud_quota_limit\))`, `min without $1`},
		{"week", "limit of a replica of the organisation's", `(mdcloud_organization_quota_limit\)\s+)<`, `$1<=`},
		{"week", "limit of a day ago", `offset 1d`, `offset 2d`},
		{"week", "limit before a gap", `max_over_time\(mdcloud_quota_limit\[1h\] offset 1d\)`, `mdcloud_quota_limit offset 1d`},
		{"week", "use of a day", `increase\(mdcloud_quota_consumed_total\[1d\]\)`, `increase(mdcloud_quota_consumed_total[1h])`},
		{"week", "use that one exporter saw", `max without (\([a-z, ]*\) \(increase\(mdcloud_quota_consumed_total\[1d\]\))`, `min without $1`},
		{"week", "use on this weekday", `\[1d\] offset 1w`, `[1w] offset 1d`},
		{"week", "use that is usual", `offset 1w\)\) >= 10`, `offset 1w)) > 0`},
		{"week", "use of what is left", `and key_api:mdcloud_quota_remaining:min > 0`, ``},
		{"week", "use of what is granted", `and key_api:mdcloud_quota_remaining:min > 0`, `unless key_api:mdcloud_quota_remaining:min == 0`},
		{"week", "a day that was watched", `and ignoring[^@]*`, ``},
		{"week", "watched with success", `success\{collector="limits"\}\)\s*== 1`, `success{collector="limits"}) >= 0`},
		{"week", "watched by one or another", `max without \(collector, [a-z, ]*\) \((mdcloud_scrape_collector_success\{collector="limits"\})\)`, `$1`},
		{"week", "nine tenths of a day", `>= 86`, `>= 96`},
	}
	for _, mutation := range mutations {
		t.Run(mutation.name, func(t *testing.T) {
			t.Parallel()
			pattern := regexp.MustCompile(mutation.pattern)
			mutated := mutateRules(t, rules, func(rule *monitoringv1.Rule) {
				expr := pattern.ReplaceAllString("expr: "+rule.Expr.StrVal, mutation.replacement)
				rule.Expr.StrVal = strings.TrimPrefix(expr, "expr: ")
			})
			demandRedTest(t, mutated, mutation.file)
		})
	}
}

// An alert that fires at once is noticed, too.
func TestTestsNoticeEveryDurationThatIsMissing(t *testing.T) {
	rules := renderedRules(t)
	optional := rulesOfFiles(t, "optional").Groups[0].Rules
	for name := range alertsOf(render(t, helms()[1], values(t, allRules)).rule) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := "duration"
			if slices.ContainsFunc(optional, func(rule monitoringv1.Rule) bool { return rule.Alert == name }) {
				file = "week"
			}
			demandRedTest(t, mutateRules(t, rules, func(rule *monitoringv1.Rule) {
				if rule.Alert == name {
					rule.For = nil
				}
			}), file)
		})
	}
}

func TestTestsNoticeThatAPausedHostIsNotKeptFiring(t *testing.T) {
	demandRedTest(t, mutateRules(t, renderedRules(t), func(rule *monitoringv1.Rule) { rule.KeepFiringFor = nil }), "health")
}

// One file of tests alone has to notice: all of them take ten times as long.
func demandRedTest(t *testing.T, rules, file string) {
	t.Helper()
	if output, err := runPromtool(t, "promtool", rules, "check", "rules", "rules.yaml"); err != nil {
		t.Fatalf("the mutation does not parse: %s", output)
	}
	if _, err := runPromtool(t, "promtool", rules, "test", "rules", file+"-test.yaml"); err == nil {
		t.Errorf("no test of %s-test.yaml fails", file)
	}
}

func mutateRules(t *testing.T, rules string, mutate func(*monitoringv1.Rule)) string {
	t.Helper()
	var spec monitoringv1.PrometheusRuleSpec
	if err := yaml.Unmarshal([]byte(rules), &spec); err != nil {
		t.Fatal(err)
	}
	for _, group := range spec.Groups {
		for i := range group.Rules {
			mutate(&group.Rules[i])
		}
	}
	text, err := yaml.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	if string(text) == rules {
		t.Fatal("the mutation changes nothing")
	}
	return string(text)
}
