package chart

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/labels"
)

const oneKey = "keys: {production: {existingSecret: {name: metadefender, key: production}}}\n"

// Whatever selects pods selects those of the release, by what an upgrade does not change, and no other.
func TestSelectorsFindThePodAndNothingElse(t *testing.T) {
	forEachCase(t, func(t *testing.T, all *objects) {
		pod := all.deployment.Spec.Template.Labels
		selectors := map[string]map[string]string{"Deployment": all.deployment.Spec.Selector.MatchLabels, "Service": all.service.Spec.Selector}
		if all.podMonitor != nil {
			selectors["PodMonitor"] = all.podMonitor.Spec.Selector.MatchLabels
		}
		if all.networkPolicy != nil {
			selectors["NetworkPolicy"] = all.networkPolicy.Spec.PodSelector.MatchLabels
			test := all.networkPolicy.Spec.Ingress[1].From[0].PodSelector.MatchLabels
			if !selects(test, all.testPod.Labels) || selects(test, pod) {
				t.Errorf("the policy lets %v in as the pod of helm test", test)
			}
		}
		if all.budget != nil {
			selectors["PodDisruptionBudget"] = all.budget.Spec.Selector.MatchLabels
		}
		want := map[string]string{"app.kubernetes.io/name": pod["app.kubernetes.io/name"], "app.kubernetes.io/instance": releaseName}
		for kind, selector := range selectors {
			if !reflect.DeepEqual(selector, want) || !selects(selector, pod) {
				t.Errorf("%s selects %v, the pod is %v", kind, selector, pod)
			}
			if selects(selector, all.testPod.Labels) {
				t.Errorf("%s selects the pod of helm test: %v", kind, all.testPod.Labels)
			}
		}
		if all.serviceMonitor != nil && !selects(all.serviceMonitor.Spec.Selector.MatchLabels, all.service.Labels) {
			t.Error("the monitor misses the Service")
		}
	})
}

func selects(selector map[string]string, target map[string]string) bool {
	return labels.SelectorFromSet(selector).Matches(labels.Set(target))
}

func TestPortsFitTogether(t *testing.T) {
	forEachCase(t, func(t *testing.T, all *objects) {
		ports := map[string]int32{}
		for _, port := range all.deployment.Spec.Template.Spec.Containers[0].Ports {
			ports[port.Name] = port.ContainerPort
		}
		equal(t, "container port", ports["http"], 10580)
		for _, port := range all.service.Spec.Ports {
			if ports[port.TargetPort.StrVal] == 0 {
				t.Errorf("the Service's port %s goes to %s, which the pod has not", port.Name, port.TargetPort.StrVal)
			}
		}
		if monitor := all.serviceMonitor; monitor != nil {
			equal(t, "port of the monitor", monitor.Spec.Endpoints[0].Port, all.service.Spec.Ports[0].Name)
			first := monitor.Spec.Endpoints[0].RelabelConfigs[0]
			equal(t, "job", first.TargetLabel+"="+*first.Replacement, "job=mdcloud-exporter")
		}
		if policy := all.networkPolicy; policy != nil {
			equal(t, "port let in", policy.Spec.Ingress[0].Ports[0].Port.IntVal, ports["http"])
		}
		// What helm test asks is there, and let in.
		asked := last(all.testPod.Spec.Containers[0].Args)
		found := false
		for _, port := range all.service.Spec.Ports {
			if asked == fmt.Sprintf("http://%s.%s.svc:%d/-/ready", all.service.Name, all.service.Namespace, port.Port) {
				found = true
				if all.networkPolicy != nil {
					equal(t, "port of helm test", all.networkPolicy.Spec.Ingress[1].Ports[0].Port.IntVal, ports[port.TargetPort.StrVal])
				}
			}
		}
		if !found {
			t.Errorf("helm test asks %s, which is no port of the Service", asked)
		}
	})
}

func TestEveryObjectIsInOneNamespace(t *testing.T) {
	forEachCase(t, func(t *testing.T, all *objects) {
		want := all.deployment.Namespace
		equal(t, "namespace of the Service", all.service.Namespace, want)
		equal(t, "namespace of the test", all.testPod.Namespace, want)
		if all.configMap != nil {
			equal(t, "namespace of the ConfigMap", all.configMap.Namespace, want)
		}
		if all.configSecret != nil {
			equal(t, "namespace of the configuration", all.configSecret.Namespace, want)
		}
		if all.secret != nil {
			equal(t, "namespace of the Secret", all.secret.Namespace, want)
		}
		if all.serviceAccount != nil {
			equal(t, "namespace of the ServiceAccount", all.serviceAccount.Namespace, want)
		}
		if all.networkPolicy != nil {
			equal(t, "namespace of the NetworkPolicy", all.networkPolicy.Namespace, want)
		}
		if all.budget != nil {
			equal(t, "namespace of the PodDisruptionBudget", all.budget.Namespace, want)
		}
		if !strings.Contains(all.notes, "kubectl --namespace "+want+" port-forward service/"+all.service.Name+" ") {
			t.Errorf("the notes name another Service: %s", all.notes)
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
		equal(t, "host of the probes", container.LivenessProbe.HTTPGet.Host+container.ReadinessProbe.HTTPGet.Host, "")
		if !slices.Contains(container.Args, "--config.auto-reload") {
			t.Error("a changed configuration would need a restart")
		}
		equal(t, "image of helm test", all.testPod.Spec.Containers[0].Image, container.Image)
		equal(t, "token of helm test", *all.testPod.Spec.AutomountServiceAccountToken, false)
		for _, mount := range container.VolumeMounts {
			equal(t, "subPath of "+mount.Name+", which would not follow changes", mount.SubPath, "")
		}
		for _, volume := range spec.Volumes {
			if volume.Projected != nil {
				equal(t, "mode of the files in "+volume.Name, *volume.Projected.DefaultMode, 0o440)
			}
		}
	})
}

// What needs more of a cluster than Kubernetes, or an opinion, is off by default. No rights are asked for in any case:
// objects.go knows no kind for them.
func TestDefaultsNeedNothingOfTheCluster(t *testing.T) {
	for _, helm := range helms() {
		all := render(t, helm, values(t, oneKey))
		var kinds []string
		for kind := range all.text {
			kinds = append(kinds, kind)
		}
		slices.Sort(kinds)
		equal(t, "objects", strings.Join(kinds, " "), "ConfigMap Deployment Pod Service ServiceAccount")
		equal(t, "extra objects", len(all.extra), 0)
		same(t, "resources", all.deployment.Spec.Template.Spec.Containers[0].Resources, "{}")
		equal(t, "replicas", *all.deployment.Spec.Replicas, 1)
	}
}

func TestApikeyIsOnlyInItsSecret(t *testing.T) {
	const apikey = "c0ffee00c0ffee00c0ffee00c0ffee00"
	for _, helm := range helms() {
		// With everything that makes an object, and in the mode without a Deployment.
		everything := "{networkPolicy: {enabled: true}, serviceMonitor: {enabled: true}, dashboards: {enabled: true}, prometheusRule: {enabled: true}, " +
			"replicas: 2, allowReplicas: true, podDisruptionBudget: {enabled: true, minAvailable: 1}, "
		all := render(t, helm, values(t, everything+"keys: {lab: {value: "+apikey+"}}}"))
		all.text["NOTES"] = all.notes
		sidecar := render(t, helm, values(t, "{mode: sidecar, podMonitor: {enabled: true}, keys: {lab: {value: "+apikey+"}}}"))
		for kind, text := range sidecar.text {
			if kind != "Secret" {
				all.text["sidecar "+kind] = text
			}
		}
		pod, _ := renderApplication(t, helm, "quotas: {keys: {lab: {value: "+apikey+"}}}")
		all.text["pod of the parent chart"] = fmt.Sprint(pod)
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

func TestGlobalValuesOfAParentChartAreAllowed(t *testing.T) {
	for _, helm := range helms() {
		render(t, helm, values(t, oneKey+"global: {anything: {of: parents}}"))
	}
}

// The schema knows what values.yaml has and no more, and lets no typo pass. The comments of values.yaml are looked at by
// TestReadmeHasTheTableOfTheValues.
func TestSchemaFitsTheValues(t *testing.T) {
	schema := valuesFile(t, filepath.Join(chartDir, "values.schema.json"))
	equal(t, "draft", schema["$schema"].(string), "http://json-schema.org/draft-07/schema#")
	resolve := func(node map[string]any) map[string]any {
		for node["$ref"] != nil {
			node = schema["definitions"].(map[string]any)[last(strings.Split(node["$ref"].(string), "/"))].(map[string]any)
		}
		return node
	}
	// What a value is made of, where values.yaml leaves it empty.
	empty := []string{"proxy", "caBundle"}
	var walk func(path string, node map[string]any, value any)
	walk = func(path string, node map[string]any, value any) {
		node = resolve(node)
		properties, own := node["properties"].(map[string]any)
		if !own || slices.Contains(empty, path) {
			return
		}
		equal(t, path+": further properties", node["additionalProperties"], any(false))
		inner, _ := value.(map[string]any)
		for name := range inner {
			if properties[name] == nil {
				t.Errorf("values.schema.json does not know %s.%s", path, name)
			}
		}
		for name, property := range properties {
			within := strings.TrimPrefix(path+"."+name, ".")
			if within == "global" || path == "config.global" || path == "config.history" {
				continue // of all charts; named by the comment
			}
			if _, there := inner[name]; !there {
				t.Errorf("values.yaml lacks %s", within)
			}
			walk(within, property.(map[string]any), inner[name])
		}
	}
	walk("", schema, valuesFile(t, filepath.Join(chartDir, "values.yaml")))
	for name, definition := range schema["definitions"].(map[string]any) {
		if node := definition.(map[string]any); node["properties"] != nil {
			equal(t, name+": further properties", node["additionalProperties"], any(false))
		}
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
