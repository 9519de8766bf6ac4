// Package dashboards reads what Grafana and docker compose would read, with their own types: the dashboards, and the
// files under examples. Nothing here runs; what the queries answer is the matter of ./run.
package dashboards

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

const (
	dashboardsDir = "../../helm/mdcloud-exporter/files/dashboards"
	// What `kubectl apply` can keep of an object in its annotation; a ConfigMap itself may hold four times that.
	annotationBytes = 256 << 10
)

// requirement is an entry of __requires: what Grafana's dialog names when it is missing.
type requirement struct {
	Type    string `json:"type"`
	ID      string `json:"id"`
	Name    string `json:"name"`
	Version string `json:"version"`
}

// envelope is what only the import from a file looks at.
type envelope struct {
	Inputs   *[]any            `json:"__inputs"`
	Requires []requirement     `json:"__requires"`
	ID       json.RawMessage   `json:"id"`
	UID      string            `json:"uid"`
	Elements json.RawMessage   `json:"__elements"`
	Panels   []json.RawMessage `json:"panels"`
}

func readDashboards(t *testing.T) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dashboardsDir, "*.json"))
	if err != nil || len(paths) != 3 {
		t.Fatalf("dashboards: %v %v", paths, err)
	}
	read := map[string][]byte{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		read[filepath.Base(path)] = text
	}
	return read
}

// withoutEnvelope drops what Grafana's import dialog reads and takes away before it stores a dashboard.
func withoutEnvelope(t *testing.T, text []byte) []byte {
	t.Helper()
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"__inputs", "__requires"} {
		delete(fields, name)
	}
	stored, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

func strict(text []byte) error {
	var read dashboard.Dashboard
	var faults cog.BuildErrors
	// An empty list of faults is not nil.
	if err := read.UnmarshalJSONStrict(text); err != nil && !(errors.As(err, &faults) && len(faults) == 0) {
		return err
	}
	return read.Validate()
}

// Every field is one that Grafana knows, of the right type, and none that it needs is missing: options and field
// configuration of every kind of panel included.
func TestDashboardsAreOfGrafanasSchema(t *testing.T) {
	plugins.RegisterDefaultPlugins()
	for name, text := range readDashboards(t) {
		if err := strict(withoutEnvelope(t, text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The check above can fail.
func TestAnotherSchemaIsNoticed(t *testing.T) {
	plugins.RegisterDefaultPlugins()
	text := string(withoutEnvelope(t, readDashboards(t)["mdcloud-quotas.json"]))
	for _, change := range [][2]string{
		{`"colorMode":"value"`, `"colourMode":"value"`},
		{`"showLegend":true,`, ``},
		{`"fillOpacity":8`, `"fillOpacity":"8"`},
		{`"graphTooltip":1`, `"graphTooltip":true`},
		{`"expr":`, `"expression":`},
	} {
		changed := strings.Replace(text, change[0], change[1], 1)
		if changed == text {
			t.Errorf("%s is not there", change[0])
		} else if strict([]byte(changed)) == nil {
			t.Errorf("%s is taken", change[1])
		}
	}
}

// Import from a file: nothing has to be asked for, since the data source is a variable, and what is needed is named.
func TestDashboardsNeedNoInputs(t *testing.T) {
	for name, text := range readDashboards(t) {
		var read envelope
		if err := json.Unmarshal(text, &read); err != nil {
			t.Fatal(err)
		}
		if read.Inputs == nil || len(*read.Inputs) != 0 {
			t.Errorf("%s: __inputs are not an empty list", name)
		}
		if string(read.ID) != "null" || read.UID+".json" != name || read.Elements != nil {
			t.Errorf("%s: id %s, uid %s, elements %s", name, read.ID, read.UID, read.Elements)
		}
		// ${DS_...} and the like would stay as they are where nobody is asked.
		if found := regexp.MustCompile(`\$\{(DS|VAR)_[^}]*\}`).Find(text); found != nil {
			t.Errorf("%s: %s", name, found)
		}
		for _, uid := range regexp.MustCompile(`"datasource": \{[^}]*"uid": "([^"]*)"|"datasource": "`).FindAllSubmatch(text, -1) {
			if string(uid[1]) != "${datasource}" {
				t.Errorf("%s: a data source of its own: %s", name, uid[0])
			}
		}
		wanted := map[string]bool{"grafana/grafana": true, "datasource/prometheus": true}
		for _, panel := range read.Panels {
			var kind struct {
				Type string `json:"type"`
			}
			if err := json.Unmarshal(panel, &kind); err != nil {
				t.Fatal(err)
			}
			if kind.Type != "row" {
				wanted["panel/"+kind.Type] = true
			}
		}
		named := map[string]bool{}
		for _, one := range read.Requires {
			named[one.Type+"/"+one.ID] = true
			if one.Name == "" {
				t.Errorf("%s: %s has no name", name, one.ID)
			}
		}
		if keys(wanted) != keys(named) {
			t.Errorf("%s: __requires has %s, not %s", name, keys(named), keys(wanted))
		}
	}
}

// Grafana's sidecar gets them in one ConfigMap.
func TestDashboardsFitIntoAConfigMap(t *testing.T) {
	data := map[string]string{}
	for name, text := range readDashboards(t) {
		data[name] = string(text)
	}
	object, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	// With room for names, labels and what comes.
	if len(object) > annotationBytes*3/4 {
		t.Errorf("%d bytes", len(object))
	}
	t.Logf("%d bytes", len(object))
}

func keys(set map[string]bool) string {
	var all []string
	for name := range set {
		all = append(all, name)
	}
	sort.Strings(all)
	return strings.Join(all, " ")
}
