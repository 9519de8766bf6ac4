package chart

import (
	"strings"
	"testing"
)

// Helm takes null as "without the default". What can be without is as if it were empty.
func TestNullIsAsEmpty(t *testing.T) {
	for _, helm := range helms() {
		for _, each := range [][2]string{
			{"webConfig: {existingSecret: null}", "webConfig: {existingSecret: ''}"},
			{"config: {existingConfigMap: null, existingSecret: null, log_level: null, global: null}", "{}"},
			{"{commonLabels: null, commonAnnotations: null, podLabels: null, podAnnotations: null, imagePullSecrets: null, keyDirectories: null}", "{}"},
			{"prometheusRule: {enabled: true, alerts: null, alertLabels: null, labels: null}", "prometheusRule: {enabled: true}"},
			{"{nameOverride: null, fullnameOverride: null, namespaceOverride: null}", "{}"},
			{"{proxy: null, caBundle: null, resources: null, affinity: null, nodeSelector: null, tolerations: null}", "{}"},
		} {
			merged := func(text string) map[string]any {
				given := values(t, oneKey)
				for name, value := range values(t, text) {
					given[name] = value
				}
				return given
			}
			got, err := helm.render(merged(each[0]))
			if err != nil {
				t.Errorf("%s: %s: %v", helm.name, each[0], err)
				continue
			}
			want, err := helm.render(merged(each[1]))
			if err != nil {
				t.Fatal(err)
			}
			for file, text := range want {
				if got[file] != text {
					t.Errorf("%s: %s: %s is\n%s", helm.name, each[0], file, got[file])
				}
			}
		}
	}
}

// Where the platform brings security contexts of its own.
func TestSecurityContextsCanBeLeftOut(t *testing.T) {
	for _, helm := range helms() {
		all := render(t, helm, values(t, oneKey+"podSecurityContext: null\ncontainerSecurityContext: null\n"))
		spec := all.deployment.Spec.Template.Spec
		if spec.SecurityContext != nil || spec.Containers[0].SecurityContext != nil {
			t.Errorf("%s: a security context is left: %v %v", helm.name, spec.SecurityContext, spec.Containers[0].SecurityContext)
		}
		deployment, _ := renderApplication(t, helm, "quotas: {podSecurityContext: null, containerSecurityContext: null}")
		if container := deployment.Spec.Template.Spec.InitContainers[0]; container.SecurityContext != nil {
			t.Errorf("%s: of the sidecar, too: %v", helm.name, container.SecurityContext)
		}
	}
}

// A section that everything depends on has to be there: `serviceMonitor:` with all below it in comments, or the values of an
// older chart (helm upgrade --reuse-values).
func TestMissingSectionIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"mode: null":                          "- at '': missing property 'mode'\n",
		"config: null":                        "- at '': missing property 'config'\n",
		"serviceMonitor: null":                "- at '': missing property 'serviceMonitor'\n",
		"webConfig: null":                     "- at '': missing property 'webConfig'\n",
		"networkPolicy: {egress: null}":       "- at '/networkPolicy': missing property 'egress'\n",
		"image: {repository: null}":           "- at '/image': missing property 'repository'\n",
		"service: {port: null}":               "- at '/service': missing property 'port'\n",
		"prometheusRule: {thresholds: null}":  "- at '/prometheusRule': missing property 'thresholds'\n",
		"clientCertificate: null\nmode: null": "- at '': missing properties 'mode', 'clientCertificate'\n",
	} {
		for _, helm := range helms() {
			_, err := helm.render(values(t, oneKey+text))
			if err == nil || !strings.HasSuffix(err.Error(), "mdcloud-exporter:\n"+want) {
				t.Errorf("%s: %s: %v", helm.name, text, err)
			}
		}
	}
}

func TestBudgetThatIsNullIsNotThere(t *testing.T) {
	for _, helm := range helms() {
		all := render(t, helm, values(t, oneKey+"replicas: 3\nallowReplicas: true\npodDisruptionBudget: {enabled: true, minAvailable: null, maxUnavailable: 34%}\n"))
		same(t, "budget", all.budget.Spec.MaxUnavailable, "34%")
		equal(t, "the other", all.budget.Spec.MinAvailable, nil)
	}
}

// As proxy_url: "" does, in the form that has the password beside it.
func TestKeyCanDoWithoutTheProxyOfAll(t *testing.T) {
	for _, helm := range helms() {
		all := render(t, helm, values(t, "proxy: {url: 'http://proxy:3128', existingSecret: {name: a, key: b}}\nnetworkPolicy: {enabled: true}\n"+
			"keys: {direct: {existingSecret: {name: a, key: b}, proxy: {url: ''}}}\n"))
		config := values(t, all.config())
		same(t, "key", config["keys"], "[{name: direct, apikey_file: /etc/mdcloud/keys/direct, proxy_url: ''}]")
		equal(t, "ports", portsOf(all.networkPolicy.Spec.Egress[1].Ports), "TCP 443")
		equal(t, "without a proxy", render(t, helm, values(t, oneKey+"proxy: {url: ''}")).config(), render(t, helm, values(t, oneKey)).config())
	}
}
