package chart

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"
)

const oneKey = "keys: {production: {existingSecret: {name: metadefender, key: production}}}\n"

func TestServiceAndMonitorFindThePod(t *testing.T) {
	forEachCase(t, func(t *testing.T, all *objects) {
		pod := all.deployment.Spec.Template
		selects := func(selector map[string]string, target map[string]string) bool {
			return labels.SelectorFromSet(selector).Matches(labels.Set(target))
		}
		if !selects(all.deployment.Spec.Selector.MatchLabels, pod.Labels) || !selects(all.service.Spec.Selector, pod.Labels) {
			t.Errorf("selectors miss the pod: %v", pod.Labels)
		}
		for name := range all.service.Spec.Selector {
			if name == "helm.sh/chart" || name == "app.kubernetes.io/version" {
				t.Errorf("%s changes with every upgrade and must not select", name)
			}
		}
		equal(t, "target port", all.service.Spec.Ports[0].TargetPort.StrVal, pod.Spec.Containers[0].Ports[0].Name)
		equal(t, "container port", pod.Spec.Containers[0].Ports[0].ContainerPort, 10580)
		if monitor := all.serviceMonitor; monitor != nil {
			if !selects(monitor.Spec.Selector.MatchLabels, all.service.Labels) {
				t.Error("the monitor misses the Service")
			}
			equal(t, "port", monitor.Spec.Endpoints[0].Port, all.service.Spec.Ports[0].Name)
			first := monitor.Spec.Endpoints[0].RelabelConfigs[0]
			equal(t, "job", first.TargetLabel+"="+*first.Replacement, "job=mdcloud-exporter")
		}
	})
}

func TestEveryObjectIsInOneNamespace(t *testing.T) {
	forEachCase(t, func(t *testing.T, all *objects) {
		want := all.deployment.Namespace
		equal(t, "namespace of the Service", all.service.Namespace, want)
		equal(t, "namespace of the ConfigMap", all.configMap.Namespace, want)
		if all.secret != nil {
			equal(t, "namespace of the Secret", all.secret.Namespace, want)
		}
		if all.serviceAccount != nil {
			equal(t, "namespace of the ServiceAccount", all.serviceAccount.Namespace, want)
		}
	})
}

func TestPodKeepsWhatTheChartPromises(t *testing.T) {
	forEachCase(t, func(t *testing.T, all *objects) {
		spec := all.deployment.Spec.Template.Spec
		container := spec.Containers[0]
		equal(t, "strategy", all.deployment.Spec.Strategy.Type, appsv1.RecreateDeploymentStrategyType)
		equal(t, "token", *spec.AutomountServiceAccountToken, false)
		equal(t, "service links", *spec.EnableServiceLinks, false)
		equal(t, "read-only root", *container.SecurityContext.ReadOnlyRootFilesystem, true)
		equal(t, "liveness", container.LivenessProbe.HTTPGet.Path, "/-/healthy")
		equal(t, "readiness", container.ReadinessProbe.HTTPGet.Path, "/-/ready")
		// The last port: with a web configuration that of the probes.
		equal(t, "probed port", container.LivenessProbe.HTTPGet.Port.StrVal, container.Ports[len(container.Ports)-1].Name)
		for _, mount := range container.VolumeMounts {
			equal(t, "subPath of "+mount.Name+", which would not follow changes", mount.SubPath, "")
		}
		for _, volume := range spec.Volumes {
			if volume.Name == "keys" {
				equal(t, "mode of the key files", *volume.Projected.DefaultMode, 0o440)
			}
		}
	})
}

func TestApikeyIsOnlyInItsSecret(t *testing.T) {
	const apikey = "c0ffee00c0ffee00c0ffee00c0ffee00"
	for _, helm := range helms() {
		all := render(t, helm, values(t, "keys: {lab: {value: "+apikey+"}}"))
		all.text["NOTES"] = all.notes
		for kind, text := range all.text {
			for form, needle := range map[string]string{
				"raw": apikey, "base64": base64.StdEncoding.EncodeToString([]byte(apikey))} {
				if kind != "Secret" && strings.Contains(text, needle) {
					t.Errorf("%s: %s holds the apikey (%s)", helm.name, kind, form)
				}
			}
		}
		if !strings.Contains(all.text["Secret"], base64.StdEncoding.EncodeToString([]byte(apikey))) {
			t.Errorf("%s: the Secret lacks the apikey", helm.name)
		}
	}
}

func TestPodIsReplacedWhenItsFilesChange(t *testing.T) {
	for _, helm := range helms() {
		annotations := func(text string) map[string]string {
			return render(t, helm, values(t, text)).deployment.Spec.Template.Annotations
		}
		before := annotations("keys: {lab: {value: aaaa}}")
		if after := annotations("keys: {lab: {value: bbbb}}"); before["checksum/keys"] == after["checksum/keys"] {
			t.Error("a new apikey leaves checksum/keys unchanged")
		}
		after := annotations("keys: {lab: {value: aaaa}}\nconfig: {global: {scrape_interval: 5m}}")
		if before["checksum/config"] == after["checksum/config"] || before["checksum/keys"] != after["checksum/keys"] {
			t.Error("a new configuration must change checksum/config alone")
		}
	}
}

func TestWhatIsMissingIsSaidInASentence(t *testing.T) {
	for text, want := range map[string]string{
		"{}":                         "There are no keys: set keys.NAME.existingSecret.name",
		"keys: {}":                   "There are no keys: set keys.NAME.existingSecret.name",
		"keys: {lab: {}}":            "keys.lab has neither existingSecret nor value",
		"keys: {lab: {value: \"\"}}": "keys.lab has neither existingSecret nor value",
		"keys: {lab: {value: a, existingSecret: {name: b, key: c}}}": "keys.lab has both existingSecret and value",
	} {
		for _, helm := range helms() {
			_, err := helm.render(values(t, text))
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %s: %v", helm.name, text, err)
			}
		}
	}
}

func TestSchemaRefusesWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"replicaCount: 1":                           "replicaCount",
		"image: {repo: x}":                          "repo",
		"image: {digest: latest}":                   "digest",
		"service: {port: http}":                     "port",
		"serviceMonitor: {intervall: 60s}":          "intervall",
		"serviceMonitor: {scheme: tls}":             "scheme",
		"webConfig: {file: x}":                      "file",
		"serviceMonitor: {interval: 60}":            "interval",
		"config: {global: {scrape_intervall: 1m}}":  "scrape_intervall",
		"config: {global: {collectors: [infos]}}":   "collectors",
		"config: {keys: []}":                        "keys",
		"config: {log_level: loud}":                 "log_level",
		"keys: {lab: {apikey: a}}":                  "apikey",
		"keys: {lab: {existingSecret: {name: a}}}":  "key",
		"keys: {.hidden: {value: a}}":               ".hidden",
		"keys: {a/b: {value: a}}":                   "a/b",
		"keys: {lab: {value: a, labels: {a-b: c}}}": "a-b",
		"keys: {lab: {value: 1}}":                   "value",
	} {
		for _, helm := range helms() {
			given := values(t, oneKey)
			for name, value := range values(t, text) {
				given[name] = value
			}
			_, err := helm.render(given)
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "schema") {
				t.Errorf("%s: %s: %v", helm.name, text, err)
			}
		}
	}
}

func TestGlobalValuesOfAParentChartAreAllowed(t *testing.T) {
	for _, helm := range helms() {
		render(t, helm, values(t, oneKey+"global: {anything: {of: parents}}"))
	}
}

func TestEveryValueIsDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(chartDir, "values.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(filepath.Join(chartDir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	schema := struct {
		Properties map[string]any `json:"properties"`
	}{}
	schemaText, err := os.ReadFile(filepath.Join(chartDir, "values.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(schemaText, &schema); err != nil {
		t.Fatal(err)
	}
	for name := range values(t, string(text)) {
		if !regexp.MustCompile(`(?m)^# ` + name + ` (is|are|has|allow|meets|asks|succeeds|chooses|spread|mount|put|replaces|puts)`).Match(text) {
			t.Errorf("values.yaml does not explain %s in a comment that starts with its name", name)
		}
		if !strings.Contains(string(readme), "`"+name) {
			t.Errorf("README.md does not name %s", name)
		}
		if schema.Properties[name] == nil {
			t.Errorf("values.schema.json does not know %s", name)
		}
		delete(schema.Properties, name)
	}
	delete(schema.Properties, "global")
	for name := range schema.Properties {
		t.Errorf("values.yaml lacks %s", name)
	}
}

func TestChartHasTheVersionOfTheProgram(t *testing.T) {
	cmake, err := os.ReadFile("../../CMakeLists.txt")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`project\(mdcloud_exporter VERSION ([0-9.]+)`).FindSubmatch(cmake)
	chart := valuesFile(t, filepath.Join(chartDir, "Chart.yaml"))
	equal(t, "appVersion", chart["appVersion"].(string), string(version[1]))
}
