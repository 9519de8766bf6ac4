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
	rulesFiles  = chartDir + "/files/rules/"
	rulesTests  = "../rules"
	withRules   = oneKey + "prometheusRule: {enabled: true}\n"
	allRules    = oneKey + "prometheusRule: {enabled: true, alerts: {MDCloudQuotaLimitLowered: {enabled: true}, MDCloudNoConsumption: {enabled: true}}}\n"
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
		"MDCloudScansFailing":       "> 0.1",
		"MDCloudNoConsumption":      "offset 1w)) >= 100",
	} {
		if !strings.Contains(alerts[name].Expr.StrVal, want) {
			t.Errorf("%s has no %q: %s", name, want, alerts[name].Expr.StrVal)
		}
	}
	if _, there := alerts["MDCloudQuotaLimitLowered"]; there {
		t.Error("MDCloudQuotaLimitLowered was not switched on")
	}
	prediction := strings.Count(alerts["MDCloudQuotaExhaustionPredicted"].Expr.StrVal, "key_api:mdcloud_quota_reset:seconds, 12 * 3600")
	equal(t, "both paces with their horizon", prediction, 2)
	for _, group := range all.rule.Spec.Groups {
		for _, rule := range group.Rules {
			if strings.Contains(rule.Expr.StrVal, "container") {
				t.Errorf("%s%s has the replica labels of the file", rule.Alert, rule.Record)
			}
			if strings.Contains(rule.Expr.StrVal, "without") && !strings.Contains(rule.Expr.StrVal, "instance, pod, namespace)") {
				t.Errorf("%s%s has other replica labels: %s", rule.Alert, rule.Record, rule.Expr.StrVal)
			}
		}
	}
}

func alertsOf(rule *monitoringv1.PrometheusRule) map[string]monitoringv1.Rule {
	alerts := map[string]monitoringv1.Rule{}
	for _, group := range rule.Spec.Groups {
		for _, rule := range group.Rules {
			if rule.Alert != "" {
				alerts[rule.Alert] = rule
			}
		}
	}
	return alerts
}

// With the default values the chart's rules are those of the first file; with the optional ones switched on, of both.
func TestDefaultRulesAreThoseOfTheFile(t *testing.T) {
	file := rulesOfFiles(t, "mdcloud-exporter")
	both := rulesOfFiles(t, "mdcloud-exporter", "optional")
	for _, helm := range helms() {
		for given, want := range map[string]monitoringv1.PrometheusRuleSpec{withRules: file, allRules: both} {
			if rendered := render(t, helm, values(t, given)).rule.Spec; !reflect.DeepEqual(rendered, want) {
				got, _ := yaml.Marshal(rendered)
				t.Errorf("%s: %s\n%s", helm.name, given, got)
			}
		}
	}
}

func rulesOfFiles(t *testing.T, names ...string) monitoringv1.PrometheusRuleSpec {
	t.Helper()
	number := regexp.MustCompile(`\b0\.80\b`)
	var all monitoringv1.PrometheusRuleSpec
	for _, name := range names {
		text, err := os.ReadFile(rulesFiles + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		var file monitoringv1.PrometheusRuleSpec
		if err := yaml.UnmarshalStrict(text, &file); err != nil {
			t.Fatal(err)
		}
		for _, group := range file.Groups {
			for i := range group.Rules {
				group.Rules[i].Expr.StrVal = number.ReplaceAllString(group.Rules[i].Expr.StrVal, "0.8")
			}
		}
		all.Groups = append(all.Groups, file.Groups...)
	}
	return all
}

// Rules with links and teams as a user has them: tests/e2e loads them into a real Prometheus. UPDATE_GOLDEN=1 rewrites them.
func TestRulesOfTheEndToEndTestAreTheCharts(t *testing.T) {
	given := values(t, oneKey+`
prometheusRule:
  enabled: true
  runbookUrl: https://wiki.example.com/runbook.md
  alertLabels: {team: soc}
  alerts:
    MDCloudThrottled: {labels: {team: network}}
`)
	const name = rulesTests + "/with-teams.yaml"
	for _, helm := range helms() {
		text, err := yaml.Marshal(render(t, helm, given).rule.Spec)
		if err != nil {
			t.Fatal(err)
		}
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(name, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if committed, err := os.ReadFile(name); err != nil || string(committed) != string(text) {
			t.Errorf("%s: %s is old (UPDATE_GOLDEN=1 rewrites it): %v", helm.name, name, err)
		}
	}
}

func TestRunbookHasAFixForEveryReason(t *testing.T) {
	metrics, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	runbook, err := os.ReadFile(runbookFile)
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(metrics), "\n### Values of `reason`\n")
	table, _, _ = strings.Cut(table, "\n## ")
	_, fix, _ := strings.Cut(string(runbook), "\n## MDCloudPollFailing\n")
	_, fix, _ = strings.Cut(fix, "**Fix**")
	fix, _, _ = strings.Cut(fix, "\n## ")
	count := 0
	for _, row := range strings.Split(table, "\n") {
		cells := strings.Split(row, "|")
		if len(cells) < 3 {
			continue
		}
		for _, reason := range regexp.MustCompile("`[a-z_]+`").FindAllString(cells[1], -1) {
			if reason == "`reason`" {
				continue
			}
			count++
			if !strings.Contains(fix, reason) {
				t.Errorf("no fix for %s", reason)
			}
		}
	}
	if count < 19 {
		t.Errorf("%d reasons in metrics.md", count)
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
	for name := range alertsOf(render(t, helms()[0], values(t, allRules)).rule) {
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

// promtools are Debian's, of Prometheus 2.42, and one of Prometheus 3 that tests/chart/run builds (tests/rules/go.mod).
func promtools(t *testing.T) []string {
	t.Helper()
	newer := os.Getenv("MDCLOUD_PROMTOOL3")
	if newer == "" {
		t.Fatal("MDCLOUD_PROMTOOL3 is not set: start the tests by tests/chart/run")
	}
	return []string{"promtool", newer}
}

// runPromtool runs one in a folder with the rules as rules.yaml and the tests of tests/rules.
func runPromtool(t *testing.T, program, rules string, arguments ...string) (string, error) {
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
	command := exec.Command(program, arguments...)
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
	text, err := yaml.Marshal(render(t, helms()[1], values(t, allRules)).rule.Spec)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRenderedRulesPassTheirTests(t *testing.T) {
	rules := renderedRules(t)
	for _, program := range promtools(t) {
		if output, err := runPromtool(t, program, rules, "check", "rules", "--lint=all", "--lint-fatal", "rules.yaml"); err != nil {
			t.Errorf("%s: %v\n%s", program, err, output)
		}
		if output, err := runPromtool(t, program, rules, append([]string{"test", "rules"}, ruleTests(t)...)...); err != nil {
			t.Errorf("%s: %v\n%s", program, err, output)
		}
	}
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
		"thresholds: {predictedHoursAtMost: 0}":          "predictedHoursAtMost",
		"thresholds: {usualCallsOfADay: 0}":              "usualCallsOfADay",
		"thresholds: {quota: 0.5}":                       "quota",
		"alerts: {MDCloudQuotaHihg: {enabled: false}}":   "MDCloudQuotaHihg",
		"alerts: {MDCloudQuotaHigh: {expr: up}}":         "expr",
		"alerts: {MDCloudQuotaHigh: {for: 5}}":           "for",
		"alerts: {MDCloudQuotaHigh: {labels: {a-b: c}}}": "a-b",
		"alerts: {MDCloudQuotaHigh: {labels: {api: a}}}": "invalid propertyName 'api'",
		"alertLabels: {key: a}":                          "invalid propertyName 'key'",
		"alertLabels: {severity: page}":                  "invalid propertyName 'severity'",
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
