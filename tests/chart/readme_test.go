package chart

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/strvals"
	"sigs.k8s.io/yaml"
)

var readmeFile = filepath.Join(chartDir, "README.md")

const (
	tableBegin = "<!-- This table is made of values.yaml: (cd tests/chart && UPDATE_GOLDEN=1 ../go test -run Readme .) -->\n"
	tableEnd   = "<!-- End of the table -->\n"
)

// A value that has a comment in values.yaml, which starts with its path.
type documentedValue struct{ path, comment string }

// The comments up to the first line in them that is empty or indented, as an example is.
func documentedValues(text string) []documentedValue {
	var found []documentedValue
	begin := regexp.MustCompile(`^ *# ([a-z][A-Za-z_]*(?:\.[A-Za-z_]+)*)(,? .*)$`)
	line := regexp.MustCompile(`^ *# ([^ ].*)$`)
	open, rest := false, false // within the comment of the last value; within what follows its first part
	for _, each := range strings.Split(text, "\n") {
		matched := line.FindStringSubmatch(each)
		comment := strings.HasPrefix(strings.TrimSpace(each), "#")
		first := begin.FindStringSubmatch(each)
		switch {
		case !comment:
			open, rest = false, false
		case rest:
		case matched == nil:
			open, rest = false, true
		case open:
			found[len(found)-1].comment += " " + matched[1]
		case first != nil:
			found = append(found, documentedValue{first[1], first[2]})
			open = true
		}
	}
	return found
}

func valueAt(all any, path string) (any, bool) {
	for _, name := range strings.Split(path, ".") {
		inner, isMap := all.(map[string]any)
		if !isMap {
			return nil, false
		}
		value, there := inner[name]
		if !there {
			return nil, false
		}
		all = value
	}
	return all, true
}

func valuesTable(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(chartDir, "values.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	all := values(t, string(text))
	documented := documentedValues(string(text))
	paths := map[string]bool{}
	for _, each := range documented {
		paths[each.path] = true
	}
	var rows strings.Builder
	rows.WriteString("| value | default | meaning |\n|---|---|---|\n")
	for _, each := range documented {
		value, there := valueAt(all, each.path)
		if !there {
			t.Errorf("values.yaml explains %s, which it does not have", each.path)
		}
		shown := "" // of what has rows of its own below
		if inner, isMap := value.(map[string]any); !isMap || !hasDocumentedChild(each.path, inner, paths) {
			encoded, _ := json.Marshal(value)
			shown = "`" + strings.ReplaceAll(string(encoded), "|", `\|`) + "`"
		}
		meaning := strings.TrimSpace(each.comment)
		if strings.HasPrefix(meaning, ",") { // a comment of several values
			meaning = each.path[strings.LastIndex(each.path, ".")+1:] + meaning
		}
		for _, verb := range []string{"is ", "are "} {
			meaning = strings.TrimPrefix(meaning, verb)
		}
		fmt.Fprintf(&rows, "| `%s` | %s | %s |\n", each.path, shown, strings.ReplaceAll(meaning, "|", `\|`))
	}
	for _, leaf := range leaves(all, nil) {
		covered := false
		for length := range leaf {
			covered = covered || paths[strings.Join(leaf[:length+1], ".")]
		}
		if !covered {
			t.Errorf("values.yaml does not explain %s", strings.Join(leaf, "."))
		}
	}
	return rows.String()
}

func hasDocumentedChild(path string, inner map[string]any, paths map[string]bool) bool {
	for name := range inner {
		if paths[path+"."+name] {
			return true
		}
	}
	return false
}

func TestReadmeHasTheTableOfTheValues(t *testing.T) {
	text, err := os.ReadFile(readmeFile)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), tableBegin)
	_, after, closed := strings.Cut(rest, tableEnd)
	if !found || !closed {
		t.Fatal("README.md has no place for the table")
	}
	want := before + tableBegin + valuesTable(t) + tableEnd + after
	if want == string(text) {
		return
	}
	if os.Getenv("UPDATE_GOLDEN") == "" {
		t.Fatal("README.md is not made of this values.yaml; what writes it: (cd tests/chart && UPDATE_GOLDEN=1 ../go test -run Readme .)")
	}
	if err := os.WriteFile(readmeFile, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The flags of the installation, and what a parent chart includes.
func TestCommandsInTheReadmeWork(t *testing.T) {
	for _, file := range []string{readmeFile, "../../README.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		secret := regexp.MustCompile(`create secret generic (\S+) --from-[a-z]+=production=`).FindStringSubmatch(string(text))
		if secret == nil {
			t.Fatalf("%s makes no Secret", file)
		}
		given := map[string]any{}
		for _, flag := range regexp.MustCompile(`--set ([^ \n\\]+)`).FindAllStringSubmatch(string(text), -1) {
			if err := strvals.ParseInto(flag[1], given); err != nil {
				t.Errorf("%s: %s: %v", file, flag[0], err)
			}
		}
		for _, helm := range helms() {
			all := render(t, helm, given)
			equal(t, "apikey by "+file, projectedFiles(volumeNamed(all.deployment.Spec.Template.Spec, "keys"))["production"], "secret "+secret[1]+":production")
		}
	}
	text, err := os.ReadFile(readmeFile)
	if err != nil {
		t.Fatal(err)
	}
	parent, err := os.ReadFile(filepath.Join(application, "templates", "deployment.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	// helm test asks once: what it asks has to be there.
	if !regexp.MustCompile(`helm install (.* \\\n)*.* --wait \\\n(.* \\\n)*.*\nhelm test `).Match(text) {
		t.Error("helm test comes before the pod is ready")
	}
	includes := regexp.MustCompile(`\{\{- include "mdcloud-exporter\.sidecar.*\}\}`).FindAllString(string(text), -1)
	equal(t, "templates included", len(includes), 2)
	for _, include := range includes {
		if !strings.Contains(string(parent), include) {
			t.Errorf("no test includes %s", include)
		}
	}
}

// What the README shows as YAML are values, and the chart takes them.
func TestValuesInTheReadmeRender(t *testing.T) {
	text, err := os.ReadFile(readmeFile)
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) < 5 {
		t.Fatalf("only %d blocks of YAML", len(blocks))
	}
	for _, block := range blocks {
		given := values(t, oneKey)
		if err := yaml.UnmarshalStrict([]byte(block[1]), &given); err != nil {
			t.Errorf("%v\n%s", err, block[1])
		}
		for _, helm := range helms() {
			rendered, err := helm.render(given)
			if err == nil {
				_, err = decode(rendered)
			}
			if err != nil {
				t.Errorf("%s: %v\n%s", helm.name, err, block[1])
			}
		}
	}
}
