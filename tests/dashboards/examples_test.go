package dashboards

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v3"
)

const examplesDir = "../../examples"

// The files that Grafana provisions from, as its documentation has them.
type provisionedDatasources struct {
	APIVersion  int `yaml:"apiVersion"`
	Datasources []struct {
		Name      string
		UID       string `yaml:"uid"`
		Type      string
		Access    string
		URL       string `yaml:"url"`
		IsDefault bool   `yaml:"isDefault"`
		Editable  bool
		JSONData  struct {
			HTTPMethod                 string `yaml:"httpMethod"`
			TimeInterval               string `yaml:"timeInterval"`
			ManageAlerts               bool   `yaml:"manageAlerts"`
			AlertmanagerUID            string `yaml:"alertmanagerUid"`
			Implementation             string
			HandleGrafanaManagedAlerts bool `yaml:"handleGrafanaManagedAlerts"`
		} `yaml:"jsonData"`
	}
}

type provisionedDashboards struct {
	APIVersion int `yaml:"apiVersion"`
	Providers  []struct {
		Name                  string
		Type                  string
		Folder                string
		AllowUIUpdates        bool `yaml:"allowUiUpdates"`
		DisableDeletion       bool `yaml:"disableDeletion"`
		UpdateIntervalSeconds int  `yaml:"updateIntervalSeconds"`
		Options               struct {
			Path string
		}
	}
}

// Of the configuration of Prometheus, what has to fit to the other files; promtool reads the rest.
type prometheusConfig struct {
	Global struct {
		ScrapeInterval string `yaml:"scrape_interval"`
	}
	RuleFiles []string `yaml:"rule_files"`
	Alerting  struct {
		Alertmanagers []scrape
	}
	ScrapeConfigs []scrape `yaml:"scrape_configs"`
}

type scrape struct {
	StaticConfigs []struct {
		Targets []string
	} `yaml:"static_configs"`
}

func readYAML(t *testing.T, file string, into any, known bool) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(examplesDir, file))
	if err != nil {
		t.Fatal(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(known)
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		t.Errorf("%s: more than one document: %v", file, err)
	}
}

// loadCompose reads it as docker compose does: schema, interpolation, anchors, paths.
func loadCompose(t *testing.T, env ...string) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{filepath.Join(examplesDir, "compose.yaml")}, cli.WithEnv(env))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(project.Services) != 4 {
		t.Fatalf("%d services", len(project.Services))
	}
	return project
}

func TestComposeIsHardened(t *testing.T) {
	pinned := regexp.MustCompile(`^docker\.io/[a-z]+/[a-z]+:v?\d+\.\d+\.\d+$`)
	for name, service := range loadCompose(t).Services {
		if !service.ReadOnly || len(service.CapDrop) != 1 || service.CapDrop[0] != "ALL" || len(service.CapAdd) > 0 || service.Privileged {
			t.Errorf("%s: read-only %v, capabilities -%v +%v, privileged %v", name, service.ReadOnly, service.CapDrop, service.CapAdd, service.Privileged)
		}
		if len(service.SecurityOpt) != 1 || service.SecurityOpt[0] != "no-new-privileges:true" {
			t.Errorf("%s: %v", name, service.SecurityOpt)
		}
		if service.Build == nil && !pinned.MatchString(service.Image) {
			t.Errorf("%s: image %s has no version of its own", name, service.Image)
		}
		if len(service.Ports) != 1 || service.Ports[0].HostIP != "127.0.0.1" {
			t.Errorf("%s: ports %v", name, service.Ports)
		}
		for _, volume := range service.Volumes {
			if volume.Type != types.VolumeTypeBind || !volume.ReadOnly {
				t.Errorf("%s: %s is not read only", name, volume.Target)
			}
			if _, err := os.Stat(volume.Source); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// Nobody can log in, least of all as admin/admin.
func TestGrafanaHasNoPassword(t *testing.T) {
	environment := loadCompose(t).Services["grafana"].Environment
	for name, wanted := range map[string]string{
		"GF_AUTH_ANONYMOUS_ENABLED":                  "true",
		"GF_AUTH_ANONYMOUS_ORG_ROLE":                 "Viewer",
		"GF_AUTH_DISABLE_LOGIN_FORM":                 "true",
		"GF_AUTH_BASIC_ENABLED":                      "false",
		"GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION": "true",
	} {
		if value := environment[name]; value == nil || *value != wanted {
			t.Errorf("%s is not %s", name, wanted)
		}
	}
	for name := range environment {
		if strings.Contains(name, "PASSWORD") {
			t.Error(name)
		}
	}
}

func TestComposePortsCanBeChosen(t *testing.T) {
	project := loadCompose(t, "GRAFANA_PORT=13000", "PROMETHEUS_PORT=19090", "ALERTMANAGER_PORT=19093", "EXPORTER_PORT=11580")
	for name, wanted := range map[string]string{"grafana": "13000", "prometheus": "19090", "alertmanager": "19093", "exporter": "11580"} {
		service := project.Services[name]
		if port := service.Ports[0].Published; port != wanted {
			t.Errorf("%s: %s", name, port)
		}
		for _, argument := range service.Command {
			if url, found := strings.CutPrefix(argument, "--web.external-url="); found && url != "http://localhost:"+wanted {
				t.Errorf("%s: %s", name, url)
			}
		}
	}
}

// mounted says which file of this repository a path in the container is; empty where it is none.
func mounted(service types.ServiceConfig, inside string) string {
	for _, volume := range service.Volumes {
		if inside == volume.Target || strings.HasPrefix(inside, volume.Target+"/") {
			return filepath.Join(volume.Source, strings.TrimPrefix(inside, volume.Target))
		}
	}
	return ""
}

func exists(t *testing.T, service types.ServiceConfig, inside string) {
	t.Helper()
	file := mounted(service, inside)
	if _, err := os.Stat(file); file == "" || err != nil {
		t.Errorf("%s: %s is not there: %v", service.Name, inside, err)
	}
}

// answers checks that the address is one of the services, at the port it listens on.
func answers(t *testing.T, project *types.Project, address string) {
	t.Helper()
	host, port, _ := strings.Cut(strings.TrimPrefix(address, "http://"), ":")
	service, there := project.Services[host]
	if !there || port != strconv.Itoa(int(service.Ports[0].Target)) {
		t.Errorf("nothing answers at %s", address)
	}
}

func TestWhatIsMountedFitsTogether(t *testing.T) {
	project := loadCompose(t)
	for _, name := range []string{"prometheus", "alertmanager"} {
		service := project.Services[name]
		for _, argument := range service.Command {
			if file, found := strings.CutPrefix(argument, "--config.file="); found {
				exists(t, service, file)
			}
		}
	}
	var prometheus prometheusConfig
	readYAML(t, "prometheus.yml", &prometheus, false)
	for _, file := range prometheus.RuleFiles {
		exists(t, project.Services["prometheus"], file)
	}
	for _, one := range append(prometheus.ScrapeConfigs, prometheus.Alerting.Alertmanagers...) {
		for _, target := range one.StaticConfigs[0].Targets {
			answers(t, project, target)
		}
	}

	grafana := project.Services["grafana"]
	exists(t, grafana, *grafana.Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
	exists(t, grafana, "/etc/grafana/provisioning/datasources/prometheus.yaml")
	exists(t, grafana, "/etc/grafana/provisioning/dashboards/mdcloud.yaml")
	var providers provisionedDashboards
	readYAML(t, "grafana/provisioning/dashboards/mdcloud.yaml", &providers, true)
	if providers.APIVersion != 1 || len(providers.Providers) != 1 || providers.Providers[0].Type != "file" {
		t.Errorf("%+v", providers)
	}
	files, err := filepath.Glob(filepath.Join(mounted(grafana, providers.Providers[0].Options.Path), "*.json"))
	if err != nil || len(files) != 3 {
		t.Errorf("Grafana finds the dashboards %v %v", files, err)
	}
	var sources provisionedDatasources
	readYAML(t, "grafana/provisioning/datasources/prometheus.yaml", &sources, true)
	if sources.APIVersion != 1 || len(sources.Datasources) != 2 {
		t.Fatalf("%+v", sources)
	}
	uids := map[string]bool{}
	for _, source := range sources.Datasources {
		answers(t, project, source.URL)
		uids[source.UID] = true
	}
	first := sources.Datasources[0]
	if first.Type != "prometheus" || !first.IsDefault || !first.JSONData.ManageAlerts || !uids[first.JSONData.AlertmanagerUID] {
		t.Errorf("%+v", first)
	}
	if first.JSONData.TimeInterval != prometheus.Global.ScrapeInterval {
		t.Errorf("Grafana takes %s for the interval of scraping", first.JSONData.TimeInterval)
	}
}
