package chart

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	v3util "helm.sh/helm/v3/pkg/chartutil"
	v4chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"sigs.k8s.io/yaml"
)

func valuesFile(t *testing.T, path string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return values(t, string(text))
}

func values(t *testing.T, text string) map[string]any {
	t.Helper()
	parsed := map[string]any{}
	if err := yaml.UnmarshalStrict([]byte(text), &parsed); err != nil {
		t.Fatal(err)
	}
	return parsed
}

func render(t *testing.T, helm helm, values map[string]any) *objects {
	t.Helper()
	return renderOn(t, helm, usualCluster, values)
}

func renderOn(t *testing.T, helm helm, cluster cluster, values map[string]any) *objects {
	t.Helper()
	rendered, err := helm.renderIn(cluster, "", values)
	if err != nil {
		t.Fatal(err)
	}
	all, err := decode(rendered)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// caseNames are the files in ci/ of the chart without their common ending.
func caseNames(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(chartDir, "ci", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no values files: %v", err)
	}
	var names []string
	for _, file := range files {
		name, ok := strings.CutSuffix(filepath.Base(file), "-values.yaml")
		if !ok {
			t.Errorf("%s is not named *-values.yaml", file)
		}
		names = append(names, name)
	}
	return names
}

func caseFile(name string) string {
	return filepath.Join(chartDir, "ci", name+"-values.yaml")
}

// forEachCase renders every file in ci/ that makes a Deployment with every Helm.
func forEachCase(t *testing.T, check func(*testing.T, *objects)) {
	t.Helper()
	for _, helm := range helms() {
		for _, name := range caseNames(t) {
			given := valuesFile(t, caseFile(name))
			if given["mode"] == "sidecar" {
				continue
			}
			t.Run(helm.name+"/"+name, func(t *testing.T) {
				check(t, render(t, helm, given))
			})
		}
	}
}

// The oldest and the newest Kubernetes that the chart is for, and what such a cluster has.
func TestOldestAndNewestKubernetesRenderTheSame(t *testing.T) {
	operator := []string{"monitoring.coreos.com/v1/ServiceMonitor", "monitoring.coreos.com/v1/PodMonitor", "monitoring.coreos.com/v1/PrometheusRule"}
	for _, helm := range helms() {
		for _, name := range caseNames(t) {
			old := renderOn(t, helm, cluster{kubeVersion: "v1.25.0"}, valuesFile(t, caseFile(name)))
			new := renderOn(t, helm, cluster{kubeVersion: "v1.37.2", apis: operator}, valuesFile(t, caseFile(name)))
			if !reflect.DeepEqual(old.text, new.text) {
				t.Errorf("%s %s: other objects for another cluster", helm.name, name)
			}
		}
	}
}

func TestChartSaysWhichKubernetesItIsFor(t *testing.T) {
	constraint := valuesFile(t, filepath.Join(chartDir, "Chart.yaml"))["kubeVersion"].(string)
	for version, want := range map[string]bool{
		"v1.24.17": false, "v1.25.0": true, "v1.25.16-gke.1160000": true, "v1.25.0-rc.1": true, "v1.33.4+k3s1": true, "v1.37.2": true} {
		equal(t, "helm3 on "+version, v3util.IsCompatibleRange(constraint, version), want)
		equal(t, "helm4 on "+version, v4chartutil.IsCompatibleRange(constraint, version), want)
	}
}

func TestBothHelmsRenderTheSame(t *testing.T) {
	for _, name := range caseNames(t) {
		old, err := helms()[0].render(valuesFile(t, caseFile(name)))
		if err != nil {
			t.Fatal(err)
		}
		new, err := helms()[1].render(valuesFile(t, caseFile(name)))
		if err != nil {
			t.Fatal(err)
		}
		for file := range new {
			if old[file] != new[file] {
				t.Errorf("%s: %s differs:\n%s\n---\n%s", name, file, old[file], new[file])
			}
		}
	}
}

func TestLintFindsNothing(t *testing.T) {
	for _, helm := range helms() {
		for _, name := range append(caseNames(t), "") {
			given := map[string]any{}
			if name != "" {
				given = valuesFile(t, caseFile(name))
			}
			for _, message := range helm.lint(given) {
				if !strings.Contains(message, "icon is recommended") {
					t.Errorf("%s %s: %s", helm.name, name, message)
				}
			}
		}
	}
}
