package chart

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"sigs.k8s.io/yaml"
)

const (
	rulesFile   = chartDir + "/files/rules/mdcloud-exporter.yaml"
	rulesTests  = "../rules"
	withRules   = oneKey + "prometheusRule: {enabled: true}\n"
	runbookFile = "../../docs/runbook.md"
)

func checkRules(t *testing.T, all *objects) {
	equal(t, "namespace", all.rule.Namespace, "monitoring")
	equal(t, "label release", all.rule.Labels["release"], "kube-prometheus-stack")
	equal(t, "interval", *all.rule.Spec.Groups[0].Interval, "30s")
	alerts := alertsOf(all.rule)
	high := alerts["MDCloudQuotaHigh"]
	equal(t, "expression", high.Expr.StrVal, "key_api:mdcloud_quota_used:ratio >= 0.7 < 0.9")
	equal(t, "for", *high.For, "15m")
	equal(t, "severity", high.Labels["severity"], "info")
	equal(t, "own label", high.Labels["team"], "scanning")
	equal(t, "runbook", high.Annotations["runbook_url"], "https://wiki.example.com/mdcloud/runbook.md#mdcloudquotahigh")
	equal(t, "label of all", alerts["MDCloudKeyExpired"].Labels["team"], "soc")
	equal(t, "severity of another", alerts["MDCloudKeyExpired"].Labels["severity"], "critical")
	if _, there := alerts["MDCloudThrottled"]; there {
		t.Error("MDCloudThrottled was switched off")
	}
	for name, want := range map[string]string{
		"MDCloudQuotaCritical":      ">= 0.9 and",
		"MDCloudKeyExpiresIn30Days": "< 60 * 86400 >= 21 * 86400",
		"MDCloudKeyExpiresIn14Days": "< 21 * 86400 >= 10 * 86400",
		"MDCloudKeyExpiresIn7Days":  "< 10 * 86400 > 0",
		"MDCloudDataStale":          "> 5 * max",
	} {
		if !strings.Contains(alerts[name].Expr.StrVal, want) {
			t.Errorf("%s has no %q: %s", name, want, alerts[name].Expr.StrVal)
		}
	}
	for _, rule := range all.rule.Spec.Groups[0].Rules {
		if strings.Contains(rule.Expr.StrVal, "container") {
			t.Errorf("%s%s has the replica labels of the file", rule.Alert, rule.Record)
		}
		if strings.Contains(rule.Expr.StrVal, "without") && !strings.Contains(rule.Expr.StrVal, "without (instance, pod, namespace)") {
			t.Errorf("%s%s has other replica labels: %s", rule.Alert, rule.Record, rule.Expr.StrVal)
		}
	}
}

func alertsOf(rule *monitoringv1.PrometheusRule) map[string]monitoringv1.Rule {
	alerts := map[string]monitoringv1.Rule{}
	for _, rule := range rule.Spec.Groups[0].Rules {
		if rule.Alert != "" {
			alerts[rule.Alert] = rule
		}
	}
	return alerts
}

// With the default values the chart's rules are those of the file.
func TestDefaultRulesAreThoseOfTheFile(t *testing.T) {
	var file monitoringv1.PrometheusRuleSpec
	text, err := os.ReadFile(rulesFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(text, &file); err != nil {
		t.Fatal(err)
	}
	number := regexp.MustCompile(`\b0\.80\b`)
	for i := range file.Groups[0].Rules {
		file.Groups[0].Rules[i].Expr.StrVal = number.ReplaceAllString(file.Groups[0].Rules[i].Expr.StrVal, "0.8")
	}
	for _, helm := range helms() {
		rendered := render(t, helm, values(t, withRules)).rule.Spec
		if !reflect.DeepEqual(rendered, file) {
			got, _ := yaml.Marshal(rendered)
			t.Errorf("%s:\n%s", helm.name, got)
		}
	}
}

func TestRunbookHasASectionForEveryAlertAndNoOther(t *testing.T) {
	text, err := os.ReadFile(runbookFile)
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, section := range strings.Split(string(text), "\n## ")[1:] {
		name, body, _ := strings.Cut(section, "\n")
		sections[name] = body
	}
	for name := range alertsOf(render(t, helms()[0], values(t, withRules)).rule) {
		body, there := sections[name]
		if !there {
			t.Errorf("no section %s", name)
		}
		for _, part := range []string{"**Meaning**", "**Impact**", "**Diagnosis**", "**Fix**"} {
			if there && !strings.Contains(body, part) {
				t.Errorf("%s lacks %s", name, part)
			}
		}
		delete(sections, name)
	}
	for name := range sections {
		if strings.HasPrefix(name, "MDCloud") {
			t.Errorf("section %s is of no alert", name)
		}
	}
}

// promtool runs in a folder with the rules as rules.yaml and the tests of tests/rules.
func promtool(t *testing.T, rules string, arguments ...string) (string, error) {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "rules.yaml"), []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range ruleTests(t) {
		text, err := os.ReadFile(filepath.Join(rulesTests, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command("promtool", arguments...)
	command.Dir = folder
	output, err := command.CombinedOutput()
	return string(output), err
}

func ruleTests(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(rulesTests, "*-test.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests of rules: %v", err)
	}
	var names []string
	for _, file := range files {
		names = append(names, filepath.Base(file))
	}
	return names
}

func renderedRules(t *testing.T) string {
	t.Helper()
	text, err := yaml.Marshal(render(t, helms()[1], values(t, withRules)).rule.Spec)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRenderedRulesPassTheirTests(t *testing.T) {
	rules := renderedRules(t)
	if output, err := promtool(t, rules, "check", "rules", "--lint=all", "--lint-fatal", "rules.yaml"); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
	if output, err := promtool(t, rules, append([]string{"test", "rules"}, ruleTests(t)...)...); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

// Every guard of the rules is there for a case in the tests: without it one of them fails.
func TestTestsNoticeEveryGuardThatIsMissing(t *testing.T) {
	rules := renderedRules(t)
	mutations := []struct{ name, pattern, replacement string }{
		{"limits of 0", `mdcloud_quota_used \+ mdcloud_quota_remaining > 0`, `mdcloud_quota_used + mdcloud_quota_remaining`},
		{"limit from used and remaining", `\(mdcloud_quota_used \+ mdcloud_quota_remaining > 0\)\s+or `, ``},
		{"limit of the organisation", `or \(mdcloud_organization_quota_limit > 0\)`, ``},
		{"published limit", `or \(mdcloud_quota_limit > 0\)`, ``},
		{"published limit of 0", `or \(mdcloud_quota_limit > 0\)`, `or mdcloud_quota_limit`},
		{"one ratio of replicas", `max without \([a-z, ]*\) \(\s+mdcloud_quota_used / instance_key_api:mdcloud_quota_limit:effective\s+\)`,
			`(mdcloud_quota_used / instance_key_api:mdcloud_quota_limit:effective)`},
		{"remaining without the service's own", `\(mdcloud_quota_remaining and instance_key_api:mdcloud_quota_limit:effective\)\s+or `, ``},
		{"remaining from the limit", `or \(instance_key_api:mdcloud_quota_limit:effective - mdcloud_quota_used\)`, ``},
		{"remaining of what is not entitled", `\(mdcloud_quota_remaining and instance_key_api:mdcloud_quota_limit:effective\)`, `mdcloud_quota_remaining`},
		{"least remaining of replicas", `min without \(([a-z, ]*)\) \(\s+\(mdcloud_quota_remaining`, `max without ($1) ((mdcloud_quota_remaining`},
		{"fastest replica, 15 m", `max without \(([a-z, ]*)\) \(rate\(mdcloud_quota_consumed_total\[15m`, `min without ($1) (rate(mdcloud_quota_consumed_total[15m`},
		{"fastest replica, 1 h", `max without \(([a-z, ]*)\) \(rate\(mdcloud_quota_consumed_total\[1h`, `min without ($1) (rate(mdcloud_quota_consumed_total[1h`},
		{"reset that has passed", `clamp_min\(\s+(max without \([a-z, ]*\) \(mdcloud_quota_reset_timestamp_seconds\) - time\(\)),\s+0\s+\)`, `abs($1)`},
		{"end of the organisation", `mdcloud_\(apikey\|organization\)_expiration`, `mdcloud_(apikey)_expiration`},
		{"end of the key", `mdcloud_\(apikey\|organization\)_expiration`, `mdcloud_(organization)_expiration`},
		{"earlier end", `min without (\([a-z, ]*\)) \(\s+last_over_time`, `max without $1 (last_over_time`},
		{"gap in scraping", `_seconds"\}\[15m\]`, `_seconds"}[1m]`},
		{"high below critical", `>= 0\.8 < 0\.95`, `>= 0.8`},
		{"high from", `>= 0\.8 < 0\.95`, `>= 0.9 < 0.95`},
		{"critical with something left", `>= 0\.95\s+and key_api:mdcloud_quota_remaining:min > 0`, `>= 0.95`},
		{"exhausted at 0", `key_api:mdcloud_quota_remaining:min <= 0`, `key_api:mdcloud_quota_remaining:min < 0`},
		{"prediction at the 15 m pace", `and\s+key_api:mdcloud_quota_remaining:min / \(key_api:mdcloud_quota_consumed:rate15m > 0\)\s+< \(key_api:mdcloud_quota_reset:seconds or key_api:mdcloud_quota_exhaustion:seconds \* 0 \+ 4 \* 3600\)`, ``},
		{"prediction with something left", `key_api:mdcloud_quota_exhaustion:seconds > 0\s+<`, `key_api:mdcloud_quota_exhaustion:seconds <`},
		{"horizon without reset", `seconds \* 0 \+ 4 \* 3600`, `seconds * 0 + 40 * 3600`},
		{"prediction from a share", `and\s+key_api:mdcloud_quota_used:ratio >= 0\.25`, ``},
		{"end of the 30 days", `< 30 \* 86400 >= 14 \* 86400`, `< 30 * 86400`},
		{"end of the 14 days", `< 14 \* 86400 >= 7 \* 86400`, `< 14 * 86400`},
		{"end of the 7 days", `< 7 \* 86400 > 0`, `< 7 * 86400`},
		{"begin of expired", `seconds - time\(\) <= 0`, `seconds - time() <= -86400`},
		{"one accepted replica", `expr: max without (\([a-z, ]*\)) \(mdcloud_apikey_valid\) == 0`, `expr: min without $1 (mdcloud_apikey_valid) == 0`},
		{"one replica that polls", `\(max without (\([a-z, ]*\)) \(mdcloud_up\)`, `(min without $1 (mdcloud_up)`},
		{"failing unless rejected", `unless \(max without \([a-z, ]*\) \(mdcloud_apikey_valid\)\s+== 0\)`, ``},
		{"fresh replica", `time\(\) - max without`, `time() - min without`},
		{"intervals", `> 3 \* max without`, `> 1 * max without`},
		{"throttled all the time", `max_over_time\(mdcloud_throttle_remaining\[10m\]\)`, `mdcloud_throttle_remaining`},
		{"throttle limit of 0", `and max without \([a-z, ]*\) \(mdcloud_throttle_limit\) > 0`, ``},
		{"own throttling all the time", `min_over_time\(mdcloud_throttled\[10m\]\)`, `max_over_time(mdcloud_throttled[10m])`},
		{"host that is paused", `\(mdcloud_client_host_paused\) > 0`, `(mdcloud_client_host_paused) >= 0`},
		{"other exporters that are down", `and on \(job, instance\) last_over_time\(mdcloud_exporter_build_info\[6h\]\)`, ``},
		{"six hours", `build_info\[6h\]`, `build_info[1m]`},
		{"reload", `last_reload_successful == 0`, `last_reload_successful >= 0`},
	}
	for _, mutation := range mutations {
		t.Run(mutation.name, func(t *testing.T) {
			t.Parallel()
			pattern := regexp.MustCompile(mutation.pattern)
			// Expressions as they stand in one line.
			mutated := mutateRules(t, rules, pattern, mutation.replacement)
			if output, err := promtool(t, mutated, "check", "rules", "rules.yaml"); err != nil {
				t.Fatalf("the mutation does not parse: %s", output)
			}
			if _, err := promtool(t, mutated, append([]string{"test", "rules"}, ruleTests(t)...)...); err == nil {
				t.Error("no test fails")
			}
		})
	}
}

func mutateRules(t *testing.T, rules string, pattern *regexp.Regexp, replacement string) string {
	t.Helper()
	var spec monitoringv1.PrometheusRuleSpec
	if err := yaml.Unmarshal([]byte(rules), &spec); err != nil {
		t.Fatal(err)
	}
	changed := false
	for i := range spec.Groups[0].Rules {
		expr := &spec.Groups[0].Rules[i].Expr.StrVal
		mutated := strings.TrimPrefix(pattern.ReplaceAllString("expr: "+*expr, replacement), "expr: ")
		changed = changed || mutated != *expr
		*expr = mutated
	}
	if !changed {
		t.Fatal("the mutation changes nothing")
	}
	text, err := yaml.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestWrongThresholdsAreRefusedInASentence(t *testing.T) {
	for text, want := range map[string]string{
		"thresholds: {quotaHigh: 0.95}":                  "quotaHigh (0.95) must be below quotaCritical (0.95)",
		"thresholds: {expiresCriticalDays: 14}":          "expiresCriticalDays (14) must be below expiresWarningDays (14)",
		"thresholds: {expiresWarningDays: 40}":           "expiresWarningDays (40) must be below expiresInfoDays (30)",
		"thresholds: {quotaHigh: 80}":                    "quotaHigh",
		"thresholds: {quotaHigh: high}":                  "quotaHigh",
		"thresholds: {quotaCritical: 1.1}":               "quotaCritical",
		"thresholds: {staleIntervals: 0}":                "staleIntervals",
		"thresholds: {quota: 0.5}":                       "quota",
		"alerts: {MDCloudQuotaHihg: {enabled: false}}":   "MDCloudQuotaHihg",
		"alerts: {MDCloudQuotaHigh: {expr: up}}":         "expr",
		"alerts: {MDCloudQuotaHigh: {for: 5}}":           "for",
		"alerts: {MDCloudQuotaHigh: {labels: {a-b: c}}}": "a-b",
		"replicaLabels: [key]":                           "replicaLabels",
		"replicaLabels: ['a, b']":                        "replicaLabels",
		"runbookUrl: docs/runbook.md":                    "runbookUrl",
	} {
		for _, helm := range helms() {
			given := values(t, oneKey)
			rule := values(t, text)
			rule["enabled"] = true
			given["prometheusRule"] = rule
			_, err := helm.render(given)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %s: %v", helm.name, text, err)
			}
		}
	}
}
