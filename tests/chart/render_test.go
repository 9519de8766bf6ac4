package chart

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

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
	rendered, err := helm.render(values)
	if err != nil {
		t.Fatal(err)
	}
	all, err := decode(rendered)
	if err != nil {
		t.Fatal(err)
	}
	if all.deployment == nil || all.service == nil || all.configMap == nil {
		t.Fatalf("missing objects: %v", rendered)
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

// forEachCase renders every file in ci/ with every Helm.
func forEachCase(t *testing.T, check func(*testing.T, *objects)) {
	t.Helper()
	for _, helm := range helms() {
		for _, name := range caseNames(t) {
			t.Run(helm.name+"/"+name, func(t *testing.T) {
				check(t, render(t, helm, valuesFile(t, caseFile(name))))
			})
		}
	}
}

func TestBothHelmsRenderTheSame(t *testing.T) {
	for _, name := range caseNames(t) {
		old, err := renderWithHelm3(valuesFile(t, caseFile(name)))
		if err != nil {
			t.Fatal(err)
		}
		new, err := renderWithHelm4(valuesFile(t, caseFile(name)))
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
