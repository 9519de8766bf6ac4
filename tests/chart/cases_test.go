package chart

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// What each file in ci/ is there to show.
var cases = map[string]func(reporter, *objects){
	"existing-secret":  checkExistingSecret,
	"inline":           checkInline,
	"config":           checkConfig,
	"monitor":          checkMonitor,
	"private-ca":       checkPrivateCA,
	"placement":        checkPlacement,
	"image-and-labels": checkImageAndLabels,
	"platform-user":    checkPlatformUser,
	"web-config":       checkWebConfig,
	"rules":            func(t reporter, all *objects) { checkRules(t.(*testing.T), all) },
	"dashboards":       checkDashboards,

	"allow-replicas":              checkAllowReplicas,
	"common-annotations":          checkCommonAnnotations,
	"config-in-secret":            checkConfigInSecret,
	"connections":                 checkConnections,
	"dual-stack":                  checkDualStack,
	"existing-config-map":         checkExistingConfigMap,
	"existing-config-secret":      checkExistingConfigSecret,
	"extra-containers":            checkExtraContainers,
	"extra-manifests":             checkExtraManifests,
	"extra-manifests-list":        checkExtraManifestsList,
	"key-directory":               checkKeyDirectory,
	"network-policy":              checkNetworkPolicy,
	"network-policy-peers":        checkNetworkPolicyPeers,
	"network-policy-ports":        checkNetworkPolicyPorts,
	"pod-disruption-budget-share": checkBudgetOfShare,
	"pod-monitor":                 checkPodMonitor,
	"shards":                      checkShards,
	"sidecar":                     checkSidecar,
	"storage":                     checkStorage,
	"storage-existing-claim":      checkExistingClaim,
	"web-config-without-tls":      checkWebConfigWithoutTLS,
}

func TestEveryValuesFileShowsItsFeature(t *testing.T) {
	names := caseNames(t)
	for _, name := range names {
		if cases[name] == nil {
			t.Errorf("ci/%s-values.yaml is not checked", name)
			continue
		}
		for _, helm := range helms() {
			t.Run(helm.name+"/"+name, func(t *testing.T) {
				cases[name](t, render(t, helm, valuesFile(t, caseFile(name))))
			})
		}
	}
	for name := range cases {
		if !slices.Contains(names, name) {
			t.Errorf("ci/%s-values.yaml is missing", name)
		}
	}
}

func equal[T comparable](t reporter, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, not %v", what, got, want)
	}
}

// same compares what was decoded with a text in YAML.
func same(t reporter, what string, got any, want string) {
	t.Helper()
	var parsed any
	if err := yaml.Unmarshal([]byte(want), &parsed); err != nil {
		t.Fatal(err)
	}
	gotText, _ := yaml.Marshal(got)
	wantText, _ := yaml.Marshal(parsed)
	if string(gotText) != string(wantText) {
		t.Errorf("%s is\n%snot\n%s", what, gotText, wantText)
	}
}

func checkExistingSecret(t reporter, all *objects) {
	if all.secret != nil {
		t.Error("a Secret is made although every key comes from an existing one")
	}
	files := projectedFiles(volumeNamed(all.deployment.Spec.Template.Spec, "keys"))
	equal(t, "number of files", len(files), 2)
	equal(t, "file production", files["production"], "secret metadefender:prod-key")
	equal(t, "file staging", files["staging"], "secret metadefender:staging-key")
	if strings.Contains(all.notes, "WARNING") {
		t.Errorf("a warning without reason: %s", all.notes)
	}
	if !strings.Contains(all.notes, `Secret "metadefender" in namespace security has the entry "prod-key"`) {
		t.Errorf("the notes do not name the Secret: %s", all.notes)
	}
}

func checkInline(t reporter, all *objects) {
	files := projectedFiles(volumeNamed(all.deployment.Spec.Template.Spec, "keys"))
	equal(t, "file lab", files["lab"], "secret "+all.secret.Name+":lab")
	equal(t, "file production", files["production"], "secret metadefender:production")
	equal(t, "entries of the Secret", len(all.secret.Data), 1)
	equal(t, "the apikey", string(all.secret.Data["lab"]), "5e0f7f1ca5b44e2f8d3e7b7f4fd2a9c1")
	if !strings.Contains(all.notes, "WARNING: these apikeys are given in the values") ||
		!strings.Contains(all.notes, "\n  lab\n") || strings.Contains(all.notes, "\n  production\n") {
		t.Errorf("the notes do not warn: %s", all.notes)
	}
}

func checkConfig(t reporter, all *objects) {
	want := `global:
  base_url: https://api.metadefender.com/v4
  collectors:
  - info
  - limits
  - status
  history_interval: 15m
  http_version: 1.1
  info_interval: 30m
  max_concurrent_requests: 32
  max_rejected_requests_per_hour: 3
  max_requests_per_second: 10
  max_staleness: 20m
  nickname_label: true
  proxy_url: http://proxy.example.com:3128
  quota_window: 1d
  scrape_interval: 2m
  scrape_timeout: 15s
  tls_config:
    server_name: api.metadefender.com
history:
  max_bytes: 32MiB
  max_duration: 1m
  max_pages: 20
  page_size: 500
keys:
- apikey_file: /etc/mdcloud/keys/eu
  base_url: https://api-prod-eucentral1.metadefender.com/v4
  collectors:
  - info
  - status
  - history
  history_interval: 10m
  http_version: auto
  info_interval: 1h
  labels:
    cost_center: "0042"
    team: soc
  max_staleness: auto
  name: eu
  nickname_label: false
  proxy_from_environment: true
  proxy_url: ""
  quota_window: calendar_month
  scrape_interval: 5m
  scrape_timeout: 5s
  tls_config:
    server_name: ""
log_level: warn
`
	if got := all.configMap.Data["config.yaml"]; strings.TrimSpace(got) != strings.TrimSpace(want) {
		t.Errorf("config.yaml is\n%s", got)
	}
}

func checkPrivateCA(t reporter, all *objects) {
	if !strings.Contains(all.configMap.Data["config.yaml"], "ca_file: /etc/mdcloud/ca/ca.crt") {
		t.Error("ca_file is missing")
	}
	pod := all.deployment.Spec.Template.Spec
	equal(t, "volumes", len(pod.Volumes), 3)
	same(t, "volume", pod.Volumes[2], "{name: ca, configMap: {name: private-ca}}")
	mounts := pod.Containers[0].VolumeMounts
	same(t, "mount", mounts[len(mounts)-1], "{name: ca, mountPath: /etc/mdcloud/ca, readOnly: true}")
	equal(t, "argument", last(pod.Containers[0].Args), "--log.level=debug")
	same(t, "environment", pod.Containers[0].Env, "[{name: TZ, value: UTC}]")
}

func checkPlacement(t reporter, all *objects) {
	pod := all.deployment.Spec.Template.Spec
	equal(t, "node selector", pod.NodeSelector["kubernetes.io/os"], "linux")
	same(t, "affinity", pod.Affinity, `nodeAffinity:
  preferredDuringSchedulingIgnoredDuringExecution:
  - preference: {matchExpressions: [{key: pool, operator: In, values: [monitoring]}]}
    weight: 1`)
	same(t, "tolerations", pod.Tolerations, "[{key: dedicated, operator: Equal, value: monitoring, effect: NoSchedule}]")
	equal(t, "priority", pod.PriorityClassName, "system-cluster-critical")
	equal(t, "memory limit", pod.Containers[0].Resources.Limits.Memory().String(), "96Mi")
	same(t, "spread", pod.TopologySpreadConstraints, `
- {maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: ScheduleAnyway,
   labelSelector: {matchLabels: {app.kubernetes.io/instance: mdcloud, app.kubernetes.io/name: mdcloud-exporter}}}`)
	equal(t, "runtime", *pod.RuntimeClassName, "gvisor")
	equal(t, "CPU request", pod.Containers[0].Resources.Requests.Cpu().String(), "10m")
	equal(t, "memory request", pod.Containers[0].Resources.Requests.Memory().String(), "32Mi")
}

func checkImageAndLabels(t reporter, all *objects) {
	pod := all.deployment.Spec.Template
	equal(t, "image", pod.Spec.Containers[0].Image,
		"registry.example.com/team/mdcloud-exporter:1.2.3@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
	equal(t, "pull policy", pod.Spec.Containers[0].ImagePullPolicy, corev1.PullAlways)
	equal(t, "pull secrets", len(pod.Spec.ImagePullSecrets), 2)
	equal(t, "own pull secret", pod.Spec.ImagePullSecrets[0].Name, "own")
	equal(t, "shared pull secret", pod.Spec.ImagePullSecrets[1].Name, "shared")
	for what, name := range map[string]string{
		"deployment": all.deployment.Name, "service": all.service.Name, "config": all.configMap.Name} {
		equal(t, "name of the "+what, name, "quotas")
	}
	for what, labels := range map[string]map[string]string{
		"deployment": all.deployment.Labels, "pod": pod.Labels, "service": all.service.Labels,
		"config": all.configMap.Labels, "service account": all.serviceAccount.Labels} {
		equal(t, "common label of the "+what, labels["owner"], "soc")
		equal(t, "name label of the "+what, labels["app.kubernetes.io/name"], "mdcloud-exporter")
		equal(t, "instance label of the "+what, labels["app.kubernetes.io/instance"], releaseName)
	}
	equal(t, "pod label", pod.Labels["tier"], "monitoring")
	equal(t, "pod annotation", pod.Annotations["example.com/note"], "pod")
	equal(t, "deployment annotation", all.deployment.Annotations["reloader.stakater.com/auto"], "true")
	equal(t, "service annotation", all.service.Annotations["example.com/note"], "service")
	equal(t, "account annotation", all.serviceAccount.Annotations["example.com/note"], "account")
	equal(t, "account", pod.Spec.ServiceAccountName, "quota-reader")
	equal(t, "account made", all.serviceAccount.Name, "quota-reader")
	equal(t, "port", all.service.Spec.Ports[0].Port, 80)
}

func checkPlatformUser(t reporter, all *objects) {
	security := all.deployment.Spec.Template.Spec.SecurityContext
	if security.RunAsUser != nil || security.RunAsGroup != nil || security.FSGroup != nil {
		t.Errorf("a user is set: %v", security)
	}
	equal(t, "not root", *security.RunAsNonRoot, true)
	equal(t, "account", all.deployment.Spec.Template.Spec.ServiceAccountName, "default")
	if all.serviceAccount != nil {
		t.Error("a ServiceAccount is made")
	}
}

func checkDashboards(t reporter, all *objects) {
	equal(t, "namespace", all.dashboards.Namespace, "monitoring")
	equal(t, "label of the sidecar", all.dashboards.Labels["grafana_dashboard"], "1")
	equal(t, "label of the user", all.dashboards.Labels["team"], "soc")
	equal(t, "folder", all.dashboards.Annotations["grafana_folder"], "MetaDefender Cloud")
	for _, name := range []string{"mdcloud-quotas.json", "mdcloud-key.json", "mdcloud-exporter.json"} {
		committed, err := os.ReadFile(filepath.Join(chartDir, "files", "dashboards", name))
		if err != nil {
			t.Fatal(err)
		}
		equal(t, name, all.dashboards.Data[name], string(committed))
	}
	equal(t, "dashboards", len(all.dashboards.Data), 3)
}
