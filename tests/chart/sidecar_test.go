package chart

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

const (
	application = "testdata/application"
	examples    = "../../examples/kubernetes"
)

// The pod of the application that has the chart as a dependency, and what the chart itself makes.
func renderApplication(t *testing.T, helm helm, text string) (*appsv1.Deployment, *objects) {
	t.Helper()
	rendered, err := helm.renderIn(usualCluster, application, values(t, text))
	if err != nil {
		t.Fatal(err)
	}
	var deployment *appsv1.Deployment
	if err := decodeInto(rendered["parent/deployment.yaml"], &deployment); err != nil {
		t.Fatalf("%v\n%s", err, rendered["parent/deployment.yaml"])
	}
	delete(rendered, "parent/deployment.yaml")
	all, err := decode(rendered)
	if err != nil {
		t.Fatal(err)
	}
	return deployment, all
}

func containerNamed(containers []corev1.Container, name string) *corev1.Container {
	for i := range containers {
		if containers[i].Name == name {
			return &containers[i]
		}
	}
	return nil
}

func TestSidecarRunsInThePodsOfAParentChart(t *testing.T) {
	for _, helm := range helms() {
		for text, native := range map[string]bool{"{}": true, "quotas: {sidecar: {native: false}}": false} {
			deployment, all := renderApplication(t, helm, text)
			if all.deployment != nil || all.service != nil || all.testPod != nil {
				t.Error("the chart makes a pod of its own")
			}
			template := deployment.Spec.Template
			isRestricted(t, helm.name+" "+text, &template.ObjectMeta, &template.Spec)
			first := containerNamed(template.Spec.InitContainers, "mdcloud-exporter")
			beside := containerNamed(template.Spec.Containers, "mdcloud-exporter")
			if (first != nil) != native || (beside != nil) == native {
				t.Fatalf("%s: the container is not where it belongs: %v", text, template.Spec)
			}
			container := beside
			if native {
				container = first
				equal(t, "restarts", *container.RestartPolicy, corev1.ContainerRestartPolicyAlways)
			} else {
				equal(t, "restarts, which older clusters do not know", container.RestartPolicy, nil)
			}
			equal(t, "readiness, which would be the application's", container.ReadinessProbe, nil)
			equal(t, "memory request", container.Resources.Requests.Memory().String(), "32Mi")
			equal(t, "port", container.Ports[0].Name, "mdcloud-metrics")
			equal(t, "probed port", container.LivenessProbe.HTTPGet.Port.StrVal, "mdcloud-metrics")
			equal(t, "configuration", volumeNamed(template.Spec, "mdcloud-config").ConfigMap.Name, all.configMap.Name)
			keys := volumeNamed(template.Spec, "mdcloud-keys")
			equal(t, "apikey", projectedFiles(keys)["production"], "secret metadefender:production")
			equal(t, "mode, without a fsGroup", *keys.Projected.DefaultMode, 0o444)
			for _, mount := range container.VolumeMounts {
				if volumeNamed(template.Spec, mount.Name) == nil {
					t.Errorf("no volume %s", mount.Name)
				}
			}
			if !strings.Contains(all.config(), "scrape_interval: 5m") {
				t.Errorf("the interval is not longer: %s", all.config())
			}
		}
	}
}

func TestSidecarTakesWhatTheValuesSay(t *testing.T) {
	for _, helm := range helms() {
		deployment, all := renderApplication(t, helm, `quotas:
  config: {global: {scrape_interval: 2m}}
  resources: {requests: {cpu: 20m}}
  webConfig: {existingSecret: mdcloud-web}
  keyDirectories: {tenants: {existingSecret: tenants}}
  caBundle: {configMap: {name: ca}}
  podMonitor: {enabled: true}
`)
		spec := deployment.Spec.Template.Spec
		container := spec.InitContainers[0]
		equal(t, "probed port", container.LivenessProbe.HTTPGet.Port.StrVal, "mdcloud-probes")
		equal(t, "port of the probes", container.Ports[1].Name, "mdcloud-probes")
		same(t, "resources", container.Resources, "{requests: {cpu: 20m}}")
		for _, name := range []string{"mdcloud-web", "mdcloud-keys-tenants", "mdcloud-connections"} {
			if volumeNamed(spec, name) == nil {
				t.Errorf("no volume %s", name)
			}
		}
		if !strings.Contains(all.config(), "scrape_interval: 2m") {
			t.Errorf("the given interval does not count: %s", all.config())
		}
		endpoint := all.podMonitor.Spec.PodMetricsEndpoints[0]
		equal(t, "port of the monitor", *endpoint.Port, "mdcloud-metrics")
		equal(t, "scheme", strings.ToLower(endpoint.Scheme.String()), "https")
		same(t, "pods", all.podMonitor.Spec.Selector, "{}")
	}
}

func TestSidecarSaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"quotas: {mode: deployment}": "mdcloud-exporter.sidecar is for mode: sidecar. Set quotas.mode to it in the values of the parent chart.",
		"quotas: {keys: {production: {existingSecret: null, value: null}}}": "keys.production has neither existingSecret nor value: set existingSecret.name " +
			"and existingSecret.key to the entry of a Secret that holds the apikey.",
	} {
		for _, helm := range helms() {
			_, err := helm.renderIn(usualCluster, application, values(t, text))
			if err == nil || !strings.HasSuffix(err.Error(), ": "+want) {
				t.Errorf("%s: %s: %v", helm.name, text, err)
			}
		}
	}
}

// The plain YAML says the same as the template.
func TestExamplesAreWhatTheTemplateMakes(t *testing.T) {
	for file, native := range map[string]bool{"sidecar.yaml": true, "sidecar-before-1.29.yaml": false} {
		text, err := os.ReadFile(filepath.Join(examples, file))
		if err != nil {
			t.Fatal(err)
		}
		var config *corev1.ConfigMap
		var deployment *appsv1.Deployment
		var monitor *monitoringv1.PodMonitor
		documents := strings.Split(string(text), "\n---\n")
		equal(t, "documents of "+file, len(documents), 3)
		for i, err := range []error{decodeInto(documents[0], &config), decodeInto(documents[1], &deployment), decodeInto(documents[2], &monitor)} {
			if err != nil {
				t.Fatalf("%s, document %d: %v", file, i+1, err)
			}
		}
		sidecar := "{native: true}"
		if !native {
			sidecar = "{native: false}"
		}
		for _, helm := range helms() {
			want, all := renderApplication(t, helm, "quotas: {fullnameOverride: mdcloud-exporter, podMonitor: {enabled: true}, sidecar: "+sidecar+"}")
			got, wanted := deployment.Spec.Template.Spec, want.Spec.Template.Spec
			const name = "mdcloud-exporter"
			sameObjects(t, file+": init container", containerNamed(got.InitContainers, name), containerNamed(wanted.InitContainers, name))
			sameObjects(t, file+": container", containerNamed(got.Containers, name), containerNamed(wanted.Containers, name))
			sameObjects(t, file+": volumes", got.Volumes, wanted.Volumes)
			equal(t, "name of the configuration", config.Name, all.configMap.Name)
			sameObjects(t, file+": configuration", values(t, config.Data["config.yaml"]), values(t, all.config()))
			spec := all.podMonitor.Spec
			spec.NamespaceSelector = monitoringv1.NamespaceSelector{} // without: its own
			sameObjects(t, file+": monitor", monitor.Spec, spec)
		}
	}
}

func sameObjects(t *testing.T, what string, got, want any) {
	t.Helper()
	text, err := yaml.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	same(t, what, got, string(text))
}
