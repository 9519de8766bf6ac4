package chart

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// What each file in ci/ is there to show.
var cases = map[string]func(*testing.T, *objects){
	"existing-secret":  checkExistingSecret,
	"inline":           checkInline,
	"config":           checkConfig,
	"monitor":          checkMonitor,
	"private-ca":       checkPrivateCA,
	"placement":        checkPlacement,
	"image-and-labels": checkImageAndLabels,
	"platform-user":    checkPlatformUser,
	"web-config":       checkWebConfig,
	"rules":            checkRules,
	"dashboards":       checkDashboards,
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

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, not %v", what, got, want)
	}
}

// keyFiles says which entry of which Secret becomes which file of the key directory.
func keyFiles(deployment *appsv1.Deployment) map[string]string {
	files := map[string]string{}
	for _, volume := range deployment.Spec.Template.Spec.Volumes {
		if volume.Name != "keys" || volume.Projected == nil {
			continue
		}
		for _, source := range volume.Projected.Sources {
			for _, item := range source.Secret.Items {
				files[item.Path] = source.Secret.Name + ":" + item.Key
			}
		}
	}
	return files
}

func checkExistingSecret(t *testing.T, all *objects) {
	if all.secret != nil {
		t.Error("a Secret is made although every key comes from an existing one")
	}
	files := keyFiles(all.deployment)
	equal(t, "number of files", len(files), 2)
	equal(t, "file production", files["production"], "metadefender:prod-key")
	equal(t, "file staging", files["staging"], "metadefender:staging-key")
	if strings.Contains(all.notes, "WARNING") {
		t.Errorf("a warning without reason: %s", all.notes)
	}
	if !strings.Contains(all.notes, `Secret "metadefender" in namespace security has the entry "prod-key"`) {
		t.Errorf("the notes do not name the Secret: %s", all.notes)
	}
}

func checkInline(t *testing.T, all *objects) {
	files := keyFiles(all.deployment)
	equal(t, "file lab", files["lab"], all.secret.Name+":lab")
	equal(t, "file production", files["production"], "metadefender:production")
	equal(t, "entries of the Secret", len(all.secret.Data), 1)
	equal(t, "the apikey", string(all.secret.Data["lab"]), "5e0f7f1ca5b44e2f8d3e7b7f4fd2a9c1")
	if !strings.Contains(all.notes, "WARNING: these apikeys are given in the values") ||
		!strings.Contains(all.notes, "\n  lab\n") || strings.Contains(all.notes, "\n  production\n") {
		t.Errorf("the notes do not warn: %s", all.notes)
	}
}

func checkConfig(t *testing.T, all *objects) {
	want := `global:
  base_url: https://api.metadefender.com/v4
  collectors:
  - info
  - limits
  - status
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
keys:
- apikey_file: /etc/mdcloud/keys/eu
  base_url: https://api-prod-eucentral1.metadefender.com/v4
  collectors:
  - info
  - status
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

func checkMonitor(t *testing.T, all *objects) {
	monitor := all.serviceMonitor
	equal(t, "its namespace", monitor.Namespace, "monitoring")
	equal(t, "namespace of the others", all.deployment.Namespace, "watchers")
	equal(t, "namespaces looked in", strings.Join(monitor.Spec.NamespaceSelector.MatchNames, " "), all.service.Namespace)
	equal(t, "label release", monitor.Labels["release"], "kube-prometheus-stack")
	endpoint := monitor.Spec.Endpoints[0]
	equal(t, "interval", endpoint.Interval, "2m")
	equal(t, "timeout", endpoint.ScrapeTimeout, "20s")
	equal(t, "relabelings", len(endpoint.RelabelConfigs), 2)
	equal(t, "relabeling of the user", endpoint.RelabelConfigs[1].TargetLabel, "node")
	equal(t, "metric relabelings", len(endpoint.MetricRelabelConfigs), 1)
	equal(t, "jobLabel, which names a label and is not used", monitor.Spec.JobLabel, "")
}

func checkPrivateCA(t *testing.T, all *objects) {
	if !strings.Contains(all.configMap.Data["config.yaml"], "ca_file: /etc/mdcloud/ca/ca.crt") {
		t.Error("ca_file is missing")
	}
	pod := all.deployment.Spec.Template.Spec
	equal(t, "volumes", len(pod.Volumes), 3)
	mounts := pod.Containers[0].VolumeMounts
	equal(t, "mount", mounts[len(mounts)-1].MountPath, "/etc/mdcloud/ca")
	equal(t, "argument", pod.Containers[0].Args[2], "--log.level=debug")
	equal(t, "environment", pod.Containers[0].Env[0].Name, "TZ")
}

func checkPlacement(t *testing.T, all *objects) {
	pod := all.deployment.Spec.Template.Spec
	equal(t, "replicas", *all.deployment.Spec.Replicas, 2)
	equal(t, "node selector", pod.NodeSelector["kubernetes.io/os"], "linux")
	equal(t, "affinity", len(pod.Affinity.NodeAffinity.PreferredDuringSchedulingIgnoredDuringExecution), 1)
	equal(t, "toleration", pod.Tolerations[0].Effect, corev1.TaintEffectNoSchedule)
	equal(t, "priority", pod.PriorityClassName, "system-cluster-critical")
	equal(t, "memory limit", pod.Containers[0].Resources.Limits.Memory().String(), "96Mi")
	spread := pod.TopologySpreadConstraints[0]
	equal(t, "what is spread", spread.LabelSelector.MatchLabels["app.kubernetes.io/instance"], releaseName)
	if !strings.Contains(all.notes, "WARNING: 2 replicas ask the vendor 2 times") {
		t.Errorf("the notes do not warn: %s", all.notes)
	}
}

func checkImageAndLabels(t *testing.T, all *objects) {
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

func checkPlatformUser(t *testing.T, all *objects) {
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

func checkWebConfig(t *testing.T, all *objects) {
	spec := all.deployment.Spec.Template.Spec
	container := spec.Containers[0]
	args := strings.Join(container.Args, " ")
	for _, want := range []string{"--web.config.file=/etc/mdcloud/web/web.yml", "--probe.listen-address=:10581"} {
		if !strings.Contains(args, want) {
			t.Errorf("%s is not among %s", want, args)
		}
	}
	equal(t, "name of the second port", container.Ports[1].Name, "probes")
	equal(t, "second port", container.Ports[1].ContainerPort, 10581)
	equal(t, "ports of the Service", len(all.service.Spec.Ports), 1)
	equal(t, "liveness at", container.LivenessProbe.HTTPGet.Port.StrVal, "probes")
	equal(t, "readiness at", container.ReadinessProbe.HTTPGet.Port.StrVal, "probes")
	mounted := slices.IndexFunc(container.VolumeMounts, func(mount corev1.VolumeMount) bool {
		return mount.MountPath == "/etc/mdcloud/web" && mount.ReadOnly
	})
	volume := slices.IndexFunc(spec.Volumes, func(volume corev1.Volume) bool { return volume.Name == "web" })
	if mounted < 0 || volume < 0 {
		t.Fatal("the Secret is not mounted")
	}
	equal(t, "the Secret", spec.Volumes[volume].Secret.SecretName, "mdcloud-web")
	endpoint := all.serviceMonitor.Spec.Endpoints[0]
	if scheme := string(*endpoint.Scheme); !strings.EqualFold(scheme, "https") {
		t.Errorf("scheme is %s", scheme)
	}
	equal(t, "authority", endpoint.TLSConfig.CA.ConfigMap.Name, "ca")
	equal(t, "user from", endpoint.BasicAuth.Username.Name, "mdcloud-scraper")
	if !strings.Contains(all.notes, `Secret "mdcloud-web", which needs the entry web.yml`) {
		t.Errorf("the notes do not name the Secret: %s", all.notes)
	}
}

func checkDashboards(t *testing.T, all *objects) {
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
